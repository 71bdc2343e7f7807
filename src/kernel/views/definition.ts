import { isObject } from '../../base/json.ts'
import { type Issue, problem } from '../../base/problem.ts'
import { typeNumber } from '../fhir/resource-types.ts'

/** A SQL on FHIR v2 ViewDefinition, decoded: what its rows are made of. */
export interface ViewDefinition {
  /** Of the resource, where it is one that is stored. */
  readonly id?: string
  readonly url?: string
  readonly name: string
  readonly status: string
  readonly resource: string
  readonly constants: readonly Constant[]
  readonly selects: readonly Select[]
  readonly where: readonly string[]
}

/** A named value that paths refer to as `%name`. `type` is its FHIR type, as in `valueDateTime`. */
export interface Constant {
  readonly name: string
  readonly type: string
  readonly value: string | number | boolean
}

/** One `select`, with its place in the definition for whoever must put it right. */
export interface Select {
  readonly place: string
  readonly columns: readonly Column[]
  readonly selects: readonly Select[]
  readonly unions: readonly Select[]
  /** What makes more than one row of a resource; at most one of them. */
  readonly each?: { readonly kind: 'forEach' | 'forEachOrNull' | 'repeat'; readonly paths: readonly string[] }
}

export interface Column {
  readonly place: string
  readonly name: string
  readonly path: string
  readonly type?: string
  readonly collection: boolean
  /** SQL type asked for by the tag `ansi/type`. */
  readonly sqlType?: string
}

type Json = Readonly<Record<string, unknown>>

const sqlName = /^[A-Za-z][A-Za-z0-9_]*$/

/** Reads a ViewDefinition; throws with every place that is wrong. Paths are looked at by the compiler. */
export function decodeViewDefinition(value: unknown): ViewDefinition {
  const reader = new Reader()
  const definition = reader.view(value)
  const [first] = reader.issues
  if (first !== undefined) throw problem('invalid', first.message, { issues: reader.issues })
  return definition
}

const constantTypes: Readonly<Record<string, 'string' | 'number' | 'boolean'>> = {
  base64Binary: 'string',
  boolean: 'boolean',
  canonical: 'string',
  code: 'string',
  date: 'string',
  dateTime: 'string',
  decimal: 'number',
  id: 'string',
  instant: 'string',
  integer: 'number',
  integer64: 'number',
  markdown: 'string',
  oid: 'string',
  positiveInt: 'number',
  string: 'string',
  time: 'string',
  unsignedInt: 'number',
  uri: 'string',
  url: 'string',
  uuid: 'string',
}

/** Selects nested deeper than this are no real view, and recursion must end. */
const maxDepth = 32

/** One pass over one definition. A class because it gathers what is wrong on the way. */
class Reader {
  readonly issues: Issue[] = []

  view(value: unknown): ViewDefinition {
    const view = this.#object(value, 'ViewDefinition')
    if (view['resourceType'] !== undefined && view['resourceType'] !== 'ViewDefinition')
      this.#report('ViewDefinition.resourceType', 'This must be ViewDefinition')
    const resource = this.#text(view, 'resource', 'ViewDefinition') ?? ''
    if (view['resource'] === undefined)
      this.#report('ViewDefinition.resource', 'A view must say which resource it is of')
    else if (resource !== '' && typeNumber(resource) === undefined)
      this.#report('ViewDefinition.resource', `FHIR R4 has no resource type ${resource.slice(0, 60)}`)
    const name = this.#text(view, 'name', 'ViewDefinition') ?? ''
    if (name !== '' && !sqlName.test(name))
      this.#report('ViewDefinition.name', 'A name has letters, digits and "_" and starts with a letter')
    const selects = this.#list(view, 'select', 'ViewDefinition').map((each, index) =>
      this.#select(each, `ViewDefinition.select[${index}]`, 0),
    )
    if (selects.length === 0) this.#report('ViewDefinition.select', 'A view must have a select')
    return {
      name,
      resource,
      selects,
      status: this.#text(view, 'status', 'ViewDefinition') ?? '',
      constants: this.#constants(view),
      where: this.#wheres(view),
      ...optional('id', this.#text(view, 'id', 'ViewDefinition')),
      ...optional('url', this.#text(view, 'url', 'ViewDefinition')),
    }
  }

  #wheres(view: Json): string[] {
    return this.#list(view, 'where', 'ViewDefinition').map((each, index) => {
      const place = `ViewDefinition.where[${index}]`
      return this.#path(this.#object(each, place), 'path', place)
    })
  }

  #constants(view: Json): Constant[] {
    const seen = new Set<string>()
    return this.#list(view, 'constant', 'ViewDefinition').map((each, index) => {
      const place = `ViewDefinition.constant[${index}]`
      const object = this.#object(each, place)
      const name = this.#text(object, 'name', place) ?? ''
      if (!sqlName.test(name)) this.#report(`${place}.name`, 'A constant must have a name of letters, digits and "_"')
      if (seen.has(name)) this.#report(`${place}.name`, `The constant ${name} is defined twice`)
      seen.add(name)
      return { name, ...this.#constantValue(object, place) }
    })
  }

  #constantValue(object: Json, place: string): Pick<Constant, 'type' | 'value'> {
    const keys = Object.keys(object).filter((key) => key.startsWith('value'))
    const [key = ''] = keys
    if (keys.length !== 1) this.#report(place, 'A constant must have exactly one value')
    const type = key.slice(5, 6).toLowerCase() + key.slice(6)
    const wanted = constantTypes[type]
    const value = object[key]
    if (keys.length === 1 && (wanted === undefined || typeof value !== wanted))
      this.#report(
        `${place}.${key}`,
        wanted === undefined ? `A constant cannot be a ${type}` : `This must be a ${wanted}`,
      )
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return { type, value: isPlain ? value : '' }
  }

  #select(value: unknown, place: string, depth: number): Select {
    if (depth > maxDepth) {
      this.#report(place, `Selects are nested more than ${maxDepth} levels deep`)
      return { place, columns: [], selects: [], unions: [] }
    }
    const select = this.#object(value, place)
    const nested = (key: string): Select[] =>
      this.#list(select, key, place).map((each, index) => this.#select(each, `${place}.${key}[${index}]`, depth + 1))
    const columns = this.#list(select, 'column', place).map((each, index) =>
      this.#column(each, `${place}.column[${index}]`),
    )
    const [selects, unions] = [nested('select'), nested('unionAll')]
    if (columns.length + selects.length + unions.length === 0)
      this.#report(place, 'A select must have columns, selects or a unionAll')
    const each = this.#each(select, place)
    return { place, columns, selects, unions, ...(each === undefined ? {} : { each }) }
  }

  #each(select: Json, place: string): Select['each'] {
    const kinds = (['forEach', 'forEachOrNull', 'repeat'] as const).filter((kind) => select[kind] !== undefined)
    const [kind] = kinds
    if (kind === undefined) return undefined
    if (kinds.length > 1) this.#report(place, `Only one of ${kinds.join(', ')} is possible`)
    if (kind !== 'repeat') return { kind, paths: [this.#path(select, kind, place)] }
    const paths = this.#list(select, 'repeat', place)
    if (paths.length === 0) this.#report(`${place}.repeat`, 'repeat must have a path')
    paths.forEach((path, index) => {
      if (typeof path !== 'string') this.#report(`${place}.repeat[${index}]`, 'This must be a text: a FHIRPath')
    })
    return { kind, paths: paths.filter((path) => typeof path === 'string') }
  }

  #column(value: unknown, place: string): Column {
    const column = this.#object(value, place)
    const name = this.#text(column, 'name', place) ?? ''
    if (!sqlName.test(name))
      this.#report(`${place}.name`, 'A column must have a name of letters, digits and "_" that starts with a letter')
    const { collection } = column
    if (collection !== undefined && typeof collection !== 'boolean')
      this.#report(`${place}.collection`, 'This must be true or false')
    const tags = this.#list(column, 'tag', place).map((each) => this.#object(each, `${place}.tag`))
    const sqlType = tags.find((tag) => tag['name'] === 'ansi/type')?.['value']
    return {
      place,
      name,
      path: this.#path(column, 'path', place),
      collection: collection === true,
      ...optional(
        'type',
        this.#text(column, 'type', place)?.replace(/^http:\/\/hl7\.org\/fhir(path)?\/(StructureDefinition\/)?/, ''),
      ),
      ...optional('sqlType', typeof sqlType === 'string' ? sqlType : undefined),
    }
  }

  #path(of: Json, key: string, place: string): string {
    const value = of[key]
    if (typeof value === 'string' && value.trim() !== '') return value
    this.#report(`${place}.${key}`, 'This must be a text: a FHIRPath')
    return ''
  }

  #text(of: Json, key: string, place: string): string | undefined {
    const value = of[key]
    if (value === undefined || typeof value === 'string') return value
    this.#report(`${place}.${key}`, 'This must be a text')
    return undefined
  }

  #list(of: Json, key: string, place: string): readonly unknown[] {
    const value = of[key]
    if (value === undefined) return []
    if (Array.isArray(value)) return value
    this.#report(`${place}.${key}`, 'This must be an array')
    return []
  }

  #object(value: unknown, place: string): Json {
    if (isObject(value)) return value
    this.#report(place, 'This must be a JSON object')
    return {}
  }

  #report(expression: string, message: string): void {
    if (this.issues.length < 100) this.issues.push({ severity: 'error', code: 'invalid', message, expression })
  }
}

const optional = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, string>)
