import { isObject } from '../../../base/json.ts'
import { choiceName, definitions, elementsOf, plainType } from '../definitions.ts'
import type { Environment } from './environment.ts'
import { fastFunctions } from './fast-functions.ts'
import { fastOperators } from './fast-operators.ts'
import type { Expression } from './syntax.ts'

// A second FHIRPath engine for the hot path. It knows R4's types when it compiles, works on plain JSON, and does only what
// it can do exactly: anything else is left to the full engine, when compiling (Unsupported) or when running (leave).

/** The values of an expression. */
export type Values = readonly unknown[]
/** A compiled expression: `focus` is `$this`. */
export type Run = (focus: unknown, environment: Environment) => Values

/** A compiled expression with what is known of its values. */
export interface Typed {
  readonly run: Run
  /** FHIR type names, or `boolean`, `integer`, `decimal`, `string` of FHIRPath itself. Empty: no value ever. */
  readonly types: readonly string[]
  /** Never more than one value. */
  readonly single: boolean
  /** For a choice element: how to get the values of one type. */
  readonly narrowed?: (type: string) => Typed
}

/** The expression needs something that only the full engine can do. */
export class Unsupported extends Error {}
/** The value needs something that only the full engine can do. */
export class Leave extends Error {}

const left = new Leave('for the full engine')
/** Ends a fast evaluation whose answer the fast engine cannot be sure of. */
export const leave = (): never => {
  throw left
}

export const nothing: Values = []
export const yes: Values = [true]
export const no: Values = [false]
export const truth = (value: boolean | undefined): Values => (value === undefined ? nothing : value ? yes : no)

/** Where an expression is compiled: the types its focus can have. */
export interface Scope {
  readonly focus: Typed
  readonly root: string
}

/** Compiles an expression for a focus of one R4 type; throws Unsupported when it cannot. */
export function compileFast(expression: Expression, type: string): Typed {
  const focus: Typed = { run: (value) => [value], types: [type], single: true }
  return compile(expression, { focus, root: type })
}

/** Compiles a part of an expression. */
export function compile(expression: Expression, scope: Scope): Typed {
  switch (expression.kind) {
    case 'literal': {
      const values = [expression.value]
      const type = typeof expression.value === 'number' ? 'decimal' : typeof expression.value
      return { run: () => values, types: [type], single: true }
    }
    case 'empty':
      return { run: () => nothing, types: [], single: true }
    case 'focus':
      return scope.focus
    case 'member':
      return member(expression, scope)
    case 'call':
      return call(expression, scope)
    case 'index':
      return index(expression, scope)
    case 'binary':
      return fastOperators(expression, scope)
    case 'type':
      return typeTest(compile(expression.of, scope), expression.type, expression.operator)
    case 'variable':
      return variable(expression.name)
    case 'negative':
    case 'other':
      throw new Unsupported(expression.kind)
  }
}

const constants: Readonly<Record<string, string>> = {
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  ucum: 'http://unitsofmeasure.org',
}

function variable(name: string): Typed {
  const constant = constants[name]
  if (constant === undefined) throw new Unsupported(`%${name}`)
  return { run: () => [constant], types: ['string'], single: true }
}

function member(expression: Extract<Expression, { kind: 'member' }>, scope: Scope): Typed {
  const { of, name } = expression
  // A type name at the start of a path is the focus itself, if it is of that type.
  if (of === undefined && scope.focus.types.length === 1 && scope.focus.types[0] === name) return scope.focus
  const input = of === undefined ? scope.focus : compile(of, scope)
  return step(input, name)
}

/** The elements of a name under the values of an expression. */
function step(input: Typed, name: string): Typed {
  const readers = input.types.map((type) => reader(type, name)).filter((each) => each !== undefined)
  const [first] = readers
  if (first === undefined) throw new Unsupported(`${input.types.join('|')}.${name}`)
  // Of values of several types, only those in the same member can be read without knowing which is which.
  if (readers.some((each) => each.signature !== first.signature)) throw new Unsupported(`${name} of several types`)
  if (readers.length !== input.types.length) throw new Unsupported(`${name} of some types`)
  const narrowed = (type: string): Typed => {
    const keys = first.keys.filter((each) => each.type === type)
    return typed(input, keys, first.many)
  }
  const made = typed(input, first.keys, first.many)
  return first.keys.length > 1 ? { ...made, narrowed } : made
}

interface Key {
  readonly key: string
  readonly type: string
  readonly primitive: boolean
}

interface ElementReader {
  readonly keys: readonly Key[]
  readonly many: boolean
  readonly signature: string
}

function reader(type: string, name: string): ElementReader | undefined {
  const element = elementsOf(type).find((each) => each.name === name)
  if (element === undefined) return undefined
  const keys = [...new Set(element.types.map(plainType))].map((each) => ({
    key: element.choice === true ? choiceName(name, each) : name,
    type: each,
    primitive: definitions().types[each]?.kind === 'primitive',
  }))
  const many = element.many === true
  return { keys, many, signature: `${many} ${keys.map(({ key, type: of }) => `${key}:${of}`).join(' ')}` }
}

function typed(input: Typed, keys: readonly Key[], many: boolean): Typed {
  const names = keys.map(({ key, primitive }) => ({ key, extras: primitive ? `_${key}` : undefined }))
  const [only, ...others] = names
  const one = only !== undefined && others.length === 0 ? only : undefined
  const { run } = input
  const types = keys.map((each) => each.type)
  if (one !== undefined && input.single)
    return {
      types,
      single: !many,
      run: (focus, environment) => {
        const value = run(focus, environment)[0]
        return value === undefined ? nothing : read(value, one.key, one.extras)
      },
    }
  return {
    types,
    single: !many && input.single,
    run: (focus, environment) => {
      const found: unknown[] = []
      for (const value of run(focus, environment))
        for (const { key, extras } of names) for (const each of read(value, key, extras)) found.push(each)
      return found
    },
  }
}

/** The values of one member. A primitive whose value is missing or null while it has extensions is left. */
function read(parent: unknown, key: string, extras: string | undefined): Values {
  if (!isObject(parent)) return nothing
  const value = parent[key]
  if (value === undefined) return extras !== undefined && parent[extras] !== undefined ? leave() : nothing
  if (!Array.isArray(value)) return [value]
  if (extras !== undefined && parent[extras] !== undefined) leave()
  return value
}

function index(expression: Extract<Expression, { kind: 'index' }>, scope: Scope): Typed {
  const at = expression.index
  if (at.kind !== 'literal' || typeof at.value !== 'number') throw new Unsupported('a computed index')
  const of = compile(expression.of, scope)
  const place = at.value
  return {
    types: of.types,
    single: true,
    run: (focus, environment) => of.run(focus, environment).slice(place, place + 1),
  }
}

function call(expression: Extract<Expression, { kind: 'call' }>, scope: Scope): Typed {
  const { of, name, args } = expression
  const input = of === undefined ? scope.focus : compile(of, scope)
  const [first] = args
  if (name === 'as' || name === 'ofType' || name === 'is') {
    const type = first === undefined ? undefined : typeNameOf(first)
    if (type === undefined) throw new Unsupported(`${name}()`)
    return typeTest(input, type, name === 'is' ? 'is' : 'as')
  }
  const made = fastFunctions[name]
  if (made === undefined) throw new Unsupported(`${name}()`)
  return made(input, args, scope)
}

const typeNameOf = (expression: Expression): string | undefined =>
  expression.kind !== 'member'
    ? undefined
    : expression.of === undefined
      ? expression.name
      : expression.of.kind === 'member' && expression.of.name === 'FHIR'
        ? expression.name
        : undefined

/** `is` and `as`: known from the member that was read, or from the resourceType. */
function typeTest(input: Typed, name: string, operator: 'is' | 'as'): Typed {
  const type = name.replace(/^FHIR\./, '')
  if (definitions().types[type] === undefined) throw new Unsupported(`the type ${type}`)
  if (input.types.length === 1 && definitions().types[type]?.kind === 'resource')
    return resourceTest(input, type, operator)
  if (input.narrowed === undefined || !input.types.includes(type)) throw new Unsupported(`is ${type}`)
  const narrow = input.narrowed(type)
  if (operator === 'as') return narrow
  return {
    types: ['boolean'],
    single: true,
    run: (focus, environment) =>
      input.run(focus, environment).length === 0 ? nothing : truth(narrow.run(focus, environment).length > 0),
  }
}

function resourceTest(input: Typed, type: string, operator: 'is' | 'as'): Typed {
  if (input.types[0] !== 'Resource') throw new Unsupported(`is ${type}`)
  const isType = (value: unknown): boolean => isObject(value) && value['resourceType'] === type
  if (operator === 'as')
    return { types: [type], single: input.single, run: (focus, env) => input.run(focus, env).filter(isType) }
  return {
    types: ['boolean'],
    single: true,
    run: (focus, environment) => {
      const values = input.run(focus, environment)
      return values.length > 1 ? leave() : values.length === 0 ? nothing : truth(isType(values[0]))
    },
  }
}
