import { type Issue, problem } from '../../base/problem.ts'
import { type ColumnKind, columnKind, columnKinds } from './column-kind.ts'
import type { Scope } from './compiled-path.ts'
import { type Column, decodeViewDefinition, type Select, type ViewDefinition } from './definition.ts'
import { compileExpression, type Expression, type Surroundings } from './expression.ts'

/** A column of a compiled view. */
export interface ViewColumn {
  readonly name: string
  /** FHIR type, where known or said. */
  readonly type?: string
  readonly kind: ColumnKind
  readonly collection: boolean
}

/** A view as a function from one resource to its rows; a value that is not there is null. */
export interface CompiledView {
  readonly definition: ViewDefinition
  readonly columns: readonly ViewColumn[]
  readonly warnings: readonly Issue[]
  /** False when its rows change without a write, because a path asks for the time. */
  readonly stable: boolean
  /** Share of paths that do not need the FHIRPath engine. */
  readonly compiledPaths: number
  rowsOf(resource: Readonly<Record<string, unknown>>): readonly (readonly unknown[])[]
}

/** Compiles a ViewDefinition; throws with every place that is wrong. */
export function compileView(value: unknown): CompiledView {
  const definition = decodeViewDefinition(value)
  const compiler = new Compiler(definition)
  const select = compiler.all(definition.selects, definition.resource, true)
  const where = definition.where.map((path, index) => compiler.where(path, index))
  const { issues } = compiler.surroundings
  const columns = compiler.columnsOf(definition.selects)
  const errors = issues.filter((each) => each.severity === 'error')
  if (errors[0] !== undefined) throw problem('invalid', errors[0].message, { issues: errors })
  return {
    definition,
    columns,
    warnings: issues,
    stable: !issues.some((each) => /changes by itself/.test(each.message)),
    compiledPaths: compiler.compiled / Math.max(1, compiler.paths),
    rowsOf(resource) {
      const scope = { resource, rowIndex: 0 }
      return where.every((holds) => holds(resource, scope)) ? select(resource, scope) : []
    },
  }
}

/** Rows that a part of a view makes of one focus. */
type Rows = (focus: unknown, scope: Scope) => readonly (readonly unknown[])[]

const oneEmptyRow: readonly (readonly unknown[])[] = [[]]

/** One compilation: gathers columns and what is wrong. */
class Compiler {
  readonly surroundings: Surroundings
  paths = 0
  compiled = 0
  readonly #definition: ViewDefinition
  readonly #columns = new Map<Column, ViewColumn>()

  constructor(definition: ViewDefinition) {
    this.#definition = definition
    this.surroundings = { constants: definition.constants, issues: [] }
  }

  #expression(path: string, type: string | undefined, isRoot: boolean, place: string): Expression {
    const expression = compileExpression(path, type, isRoot, place, this.surroundings)
    this.paths += 1
    if (expression.compiled) this.compiled += 1
    return expression
  }

  #report(expression: string, message: string, severity: Issue['severity'] = 'error'): void {
    this.surroundings.issues.push({ severity, code: 'invalid', message, expression })
  }

  /** A condition of the view: one yes or no, and nothing counts as no. */
  where(path: string, index: number): (focus: unknown, scope: Scope) => boolean {
    const place = `ViewDefinition.where[${index}].path`
    const expression = this.#expression(path, this.#definition.resource, true, place)
    const { type } = expression
    if (type !== undefined && type !== 'boolean' && type !== 'empty')
      this.#report(place, `A condition must be true or false, and this is a ${type}`)
    return (focus, scope) => {
      const values = expression.values(focus, scope)
      const [value] = values
      if (values.length === 0) return false
      if (values.length > 1 || typeof value !== 'boolean')
        throw problem('rule', 'A condition must be true or false, and this is neither', { expression: place })
      return value
    }
  }

  /** Columns in the order of the output: a select's own, its selects', its union's. */
  columnsOf(selects: readonly Select[]): readonly ViewColumn[] {
    const columns = selects.flatMap((select) => this.#columnsOfSelect(select))
    const seen = new Set<string>()
    for (const { name, place } of columns) {
      if (seen.has(name)) this.#report(`${place}.name`, `Two columns have the name ${name}`)
      seen.add(name)
    }
    return columns.map((column) => this.#columns.get(column) ?? unknownColumn(column))
  }

  #columnsOfSelect(select: Select): readonly Column[] {
    const [first, ...others] = select.unions.map((each) => this.#columnsOfSelect(each))
    for (const [index, other] of others.entries())
      this.#checkUnion(first ?? [], other, `${select.place}.unionAll[${index + 1}]`)
    return [...select.columns, ...select.selects.flatMap((each) => this.#columnsOfSelect(each)), ...(first ?? [])]
  }

  /** Rows of all branches go under the same columns, so these must be the same and in the same order. */
  #checkUnion(first: readonly Column[], other: readonly Column[], place: string): void {
    const names = (columns: readonly Column[]): string => columns.map((each) => each.name).join(', ')
    if (names(first) !== names(other)) {
      this.#report(place, `A branch of unionAll has the columns ${names(other)}, the first has ${names(first)}`)
      return
    }
    for (const [index, column] of other.entries()) {
      const [mine, its] = [this.#columns.get(column), this.#columns.get(first[index] ?? column)]
      if (mine === undefined || its === undefined || first[index] === undefined) continue
      if (mine.collection !== its.collection)
        this.#report(`${column.place}.collection`, `The column ${column.name} is a collection in one branch only`)
      // One column has one kind: where branches differ, any value.
      if (mine.kind !== its.kind) this.#columns.set(first[index], { ...its, kind: columnKinds.json })
    }
  }

  /** Every row of one part beside every row of the others. */
  all(selects: readonly Select[], type: string | undefined, isRoot: boolean): Rows {
    return product(selects.map((select) => this.#select(select, type, isRoot)))
  }

  #select(select: Select, type: string | undefined, isRoot: boolean): Rows {
    const { each } = select
    if (each === undefined) return this.#inside(select, type, isRoot)
    const inside = new Map<string, Rows>()
    const rowsOf = (of: string): Rows => {
      const known = inside.get(of)
      if (known !== undefined) return known
      const made = this.#inside(select, of === '' ? undefined : of, false)
      inside.set(of, made)
      return made
    }
    return each.kind === 'repeat'
      ? this.#repeat(select, each.paths, type, isRoot, rowsOf)
      : this.#forEach(select, each.paths[0] ?? '', type, isRoot, rowsOf)
  }

  #forEach(
    select: Select,
    path: string,
    type: string | undefined,
    isRoot: boolean,
    rowsOf: (type: string) => Rows,
  ): Rows {
    const kind = select.each?.kind ?? 'forEach'
    const expression = this.#expression(path, type, isRoot, `${select.place}.${kind}`)
    const known = expression.type === undefined ? undefined : rowsOf(expression.type)
    // Compiled once although no value may come, so that what is wrong inside is noticed.
    const onNothing = known ?? rowsOf('')
    return (focus, { resource }) => {
      if (known !== undefined) {
        const values = expression.values(focus, { resource, rowIndex: 0 })
        if (values.length > 0) return values.flatMap((value, rowIndex) => known(value, { resource, rowIndex }))
      } else {
        const typed = expression.typed(focus, { resource, rowIndex: 0 })
        if (typed.length > 0)
          return typed.flatMap((each, rowIndex) => rowsOf(each.type)(each.value, { resource, rowIndex }))
      }
      return kind === 'forEachOrNull' ? onNothing(undefined, { resource, rowIndex: 0 }) : []
    }
  }

  /** Follows the paths as deep as they lead, each value before what lies below it. */
  #repeat(
    select: Select,
    paths: readonly string[],
    type: string | undefined,
    isRoot: boolean,
    rowsOf: (type: string) => Rows,
  ): Rows {
    const byType = new Map<string, readonly Expression[]>()
    const at = (of: string | undefined, root: boolean): readonly Expression[] => {
      const key = `${root} ${of ?? ''}`
      const known = byType.get(key)
      if (known !== undefined) return known
      const made = paths.map((path, index) => this.#expression(path, of, root, `${select.place}.repeat[${index}]`))
      byType.set(key, made)
      return made
    }
    for (const first of at(type, isRoot)) rowsOf(first.type ?? '')
    return (focus, { resource }) => {
      const found: { readonly value: unknown; readonly type: string }[] = []
      const follow = (value: unknown, expressions: readonly Expression[], depth: number): void => {
        if (depth > maxRepeats)
          throw problem('rule', 'repeat leads deeper than any resource', { expression: select.place })
        for (const expression of expressions)
          for (const each of expression.typed(value, { resource, rowIndex: 0 })) {
            found.push(each)
            follow(each.value, at(each.type === '' ? undefined : each.type, false), depth + 1)
          }
      }
      follow(focus, at(type, isRoot), 0)
      return found.flatMap((each, rowIndex) => rowsOf(each.type)(each.value, { resource, rowIndex }))
    }
  }

  #inside(select: Select, type: string | undefined, isRoot: boolean): Rows {
    const columns = select.columns.map((column) => this.#column(column, type, isRoot))
    const own: Rows = (focus, scope) => [columns.map((value) => value(focus, scope))]
    const parts = [
      ...(columns.length === 0 ? [] : [own]),
      ...select.selects.map((each) => this.#select(each, type, isRoot)),
      ...(select.unions.length === 0 ? [] : [union(select.unions.map((each) => this.#select(each, type, isRoot)))]),
    ]
    return product(parts)
  }

  #column(column: Column, type: string | undefined, isRoot: boolean): (focus: unknown, scope: Scope) => unknown {
    const expression = this.#expression(column.path, type, isRoot, `${column.place}.path`)
    const kind = columnKind(column, expression.type)
    const known = this.#columns.get(column)
    const said = expression.type === 'empty' ? column.type : (expression.type ?? column.type)
    // A column that is compiled for several types of focus has one kind all the same.
    const made = known ?? {
      name: column.name,
      kind,
      collection: column.collection,
      ...(said === undefined ? {} : { type: said }),
    }
    this.#columns.set(column, made.kind === kind ? made : { ...made, kind: columnKinds.json })
    return valueOf(column, expression, kind)
  }
}

/** No resource is nested deeper. */
const maxRepeats = 64

const unknownColumn = (column: Column): ViewColumn => ({
  name: column.name,
  kind: columnKind(column, undefined),
  collection: column.collection,
})

function valueOf(column: Column, expression: Expression, kind: ColumnKind) {
  const { name, collection } = column
  const place = `${column.place}.path`
  return (focus: unknown, scope: Scope): unknown => {
    const values = expression.values(focus, scope)
    if (collection) return values
    if (values.length === 0) return null
    if (values.length > 1)
      throw problem('rule', `The column ${name} has ${values.length} values and is no collection`, {
        expression: place,
      })
    const accepted = kind.accept(values[0])
    if (accepted === undefined && kind.name !== 'date' && kind.name !== 'timestamp')
      throw problem('rule', `The column ${name} has a value that is no ${kind.name}`, { expression: place })
    return accepted ?? null
  }
}

function product(parts: readonly Rows[]): Rows {
  const [first, ...others] = parts
  if (first !== undefined && others.length === 0) return first
  return (focus, scope) => {
    let rows = oneEmptyRow
    for (const part of parts) {
      const more = part(focus, scope)
      if (more.length === 0) return []
      rows = rows.flatMap((row) => more.map((each) => [...row, ...each]))
    }
    return rows
  }
}

const union =
  (branches: readonly Rows[]): Rows =>
  (focus, scope) =>
    branches.flatMap((branch) => branch(focus, scope))
