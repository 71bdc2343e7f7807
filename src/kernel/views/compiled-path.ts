import { isObject } from '../../base/json.ts'
import { choiceName, definitions, elementsOf, plainType } from '../fhir/definitions.ts'
import { referenceKey, resourceKey } from './keys.ts'
import type { Tree } from './path-tree.ts'

/** What a path may lean on beside its focus. */
export interface Scope {
  /** The resource that the row is of. */
  readonly resource: Readonly<Record<string, unknown>>
  readonly rowIndex: number
}

/** A path compiled for a focus of one known type; `undefined` as focus is the empty collection. */
export interface Way {
  /** FHIR type of the values. */
  readonly type: string
  /** False: there is at most one value, and `one` answers it. */
  readonly many: boolean
  one(focus: unknown, scope: Scope): unknown
  each(focus: unknown, scope: Scope, to: unknown[]): void
}

/** Thrown where a resource has what the compiled path does not cover: the engine must answer for it. */
export class LeftToEngine extends Error {}
const leftToEngine = new LeftToEngine('left to the engine')

/** Ways for each type a path may lead to: none for an unknown element; undefined when it is left to the engine. */
export function compileWays(tree: Tree, type: string): readonly Way[] | undefined {
  switch (tree.kind) {
    case 'this':
      return [single(type, (focus) => focus)]
    case 'literal':
      return [single(tree.type, () => tree.value)]
    case 'variable':
      return tree.name === 'rowIndex' ? [single('integer', (_, scope) => scope.rowIndex)] : undefined
    case 'member':
      return member(tree, type)
    case 'index':
      return indexed(tree, type)
    case 'call':
      return call(tree, type)
    case 'operator':
      return operation(tree, type)
    case 'other':
      return undefined
  }
}

/** A way to at most one value. */
function single(type: string, one: Way['one']): Way {
  return {
    type,
    many: false,
    one,
    each(focus, scope, to) {
      const value = one(focus, scope)
      if (value !== undefined) to.push(value)
    },
  }
}

const several = (type: string, each: Way['each']): Way => ({
  type,
  many: true,
  one: () => {
    throw leftToEngine
  },
  each,
})

const all = (way: Way, focus: unknown, scope: Scope): unknown[] => {
  const found: unknown[] = []
  way.each(focus, scope, found)
  return found
}

const sourceOf = (of: Tree | undefined, type: string): readonly Way[] | undefined =>
  of === undefined ? [single(type, (focus) => focus)] : compileWays(of, type)

const isPrimitive = (type: string): boolean => definitions().types[type]?.kind === 'primitive'

function member(tree: Tree & { kind: 'member' }, type: string): readonly Way[] | undefined {
  if (tree.of === undefined && tree.name === type) return [single(type, (focus) => focus)]
  if (tree.of === undefined && /^[A-Z]/.test(tree.name)) return undefined
  const source = sourceOf(tree.of, type)
  if (source === undefined) return undefined
  const found: Way[] = []
  for (const way of source) {
    // Extensions and ids of primitives lie beside them; of an abstract type nothing is known.
    if (isPrimitive(way.type) || definitions().types[way.type]?.abstract === true) return undefined
    const element = elementsOf(way.type).find((each) => each.name === tree.name)
    for (const each of element?.types ?? []) {
      const plain = plainType(each)
      const key = element?.choice === true ? choiceName(tree.name, plain) : tree.name
      found.push(stepped(way, key, plain, element?.many === true))
    }
  }
  return found
}

/** One JSON name further. A primitive with something beside its value is rare, and the engine's. */
function stepped(of: Way, key: string, type: string, many: boolean): Way {
  const beside = isPrimitive(type) ? `_${key}` : undefined
  const next = (from: unknown): unknown => {
    if (!isObject(from)) return undefined
    if (beside !== undefined && from[beside] !== undefined) throw leftToEngine
    return from[key] ?? undefined
  }
  if (!many && !of.many) return single(type, (focus, scope) => next(of.one(focus, scope)))
  const push = (from: unknown, to: unknown[]): void => {
    const value = next(from)
    if (Array.isArray(value)) for (const each of value) to.push(each)
    else if (value !== undefined) to.push(value)
  }
  if (!of.many) return several(type, (focus, scope, to) => push(of.one(focus, scope), to))
  return several(type, (focus, scope, to) => {
    for (const each of all(of, focus, scope)) push(each, to)
  })
}

function indexed(tree: Tree & { kind: 'index' }, type: string): readonly Way[] | undefined {
  const source = oneWay(compileWays(tree.of, type))
  const at = tree.at.kind === 'literal' && tree.at.type === 'integer' ? Number(tree.at.value) : undefined
  if (source === undefined || at === undefined) return undefined
  return [single(source.type, (focus, scope) => all(source, focus, scope)[at])]
}

const oneWay = (ways: readonly Way[] | undefined): Way | undefined => (ways?.length === 1 ? ways[0] : undefined)

/** Types that FHIR R4 derives from another data type. */
const derived: Readonly<Record<string, readonly string[]>> = {
  string: ['code', 'id', 'markdown'],
  uri: ['canonical', 'oid', 'url', 'uuid'],
  integer: ['positiveInt', 'unsignedInt'],
  Quantity: ['Age', 'Count', 'Distance', 'Duration'],
}

function call(tree: Tree & { kind: 'call' }, type: string): readonly Way[] | undefined {
  const source = sourceOf(tree.of, type)
  const [argument, ...more] = tree.with
  if (source === undefined || more.length > 0) return undefined
  if (tree.name === 'ofType')
    return argument === undefined || !navigates(tree.of) ? undefined : ofType(source, argument)
  if (tree.name === 'exists' || tree.name === 'empty') return presence(tree.name, source, argument)
  if (source.length === 0) return tree.name === 'first' || tree.name === 'where' ? [] : undefined
  const way = oneWay(source)
  return way === undefined ? undefined : oneSourced(tree.name, way, argument)
}

/** Whether a path leads to elements of the resource; what it works out itself has types of FHIRPath's own. */
function navigates(tree: Tree | undefined): boolean {
  if (tree === undefined || tree.kind === 'this') return true
  if (tree.kind === 'call') return /^(?:where|first|last|extension|ofType)$/.test(tree.name) && navigates(tree.of)
  return (tree.kind === 'member' || tree.kind === 'index') && navigates(tree.of)
}

function ofType(source: readonly Way[], argument: Tree): readonly Way[] | undefined {
  if (argument.kind !== 'member') return undefined
  const bare = argument.of === undefined || (argument.of.kind === 'member' && argument.of.name === 'FHIR')
  if (!bare || definitions().types[argument.name] === undefined) return undefined
  // Of ids the engine has its own idea, of abstract types nothing is known.
  if (source.some(({ type }) => type === 'id' || definitions().types[type]?.abstract === true)) return undefined
  return source.filter((way) => way.type === argument.name || derived[argument.name]?.includes(way.type) === true)
}

function presence(name: string, source: readonly Way[], argument: Tree | undefined): readonly Way[] | undefined {
  const filtered = argument === undefined ? source : source.map((way) => filter(way, argument))
  if (name === 'empty' && argument !== undefined) return undefined
  const ways = filtered.filter((way) => way !== undefined)
  if (ways.length < filtered.length) return undefined
  const isThere = (focus: unknown, scope: Scope): boolean =>
    ways.some((way) => (way.many ? all(way, focus, scope).length > 0 : way.one(focus, scope) !== undefined))
  return [single('boolean', name === 'exists' ? isThere : (focus, scope) => !isThere(focus, scope))]
}

/** Values that a criterion holds for, which must be yes or no. */
function filter(of: Way, criterion: Tree): Way | undefined {
  const truth = oneWay(compileWays(criterion, of.type))
  if (truth === undefined || truth.many || truth.type !== 'boolean') return undefined
  if (!of.many)
    return single(of.type, (focus, scope) => {
      const value = of.one(focus, scope)
      return value !== undefined && truth.one(value, scope) === true ? value : undefined
    })
  return several(of.type, (focus, scope, to) => {
    for (const each of all(of, focus, scope)) if (truth.one(each, scope) === true) to.push(each)
  })
}

function oneSourced(name: string, way: Way, argument: Tree | undefined): readonly Way[] | undefined {
  const made = argument === undefined ? plainCall(name, way) : argumentCall(name, way, argument)
  return made === undefined ? undefined : [made]
}

function plainCall(name: string, way: Way): Way | undefined {
  switch (name) {
    case 'first':
      return way.many ? single(way.type, (focus, scope) => all(way, focus, scope)[0]) : way
    case 'last':
      return way.many ? single(way.type, (focus, scope) => all(way, focus, scope).at(-1)) : way
    case 'count':
      return single('integer', (focus, scope) => all(way, focus, scope).length)
    case 'join':
      return joined(way, '')
    case 'not':
      if (way.type !== 'boolean' || way.many) return undefined
      return single('boolean', (focus, scope) => {
        const value = way.one(focus, scope)
        return value === undefined ? undefined : value !== true
      })
    case 'getResourceKey':
      return way.many ? undefined : single('string', (focus, scope) => resourceKey(way.one(focus, scope)))
    case 'getReferenceKey':
      return keysOf(way, undefined)
    default:
      return undefined
  }
}

function argumentCall(name: string, way: Way, argument: Tree): Way | undefined {
  if (name === 'where') return filter(way, argument)
  // Older versions of SQL on FHIR had the type as a text.
  if (name === 'getReferenceKey')
    return argument.kind === 'member'
      ? keysOf(way, argument.name)
      : argument.kind === 'literal'
        ? keysOf(way, String(argument.value))
        : undefined
  if (argument.kind !== 'literal' || typeof argument.value !== 'string') return undefined
  if (name === 'join') return joined(way, argument.value)
  if (name !== 'extension' || isPrimitive(way.type)) return undefined
  const extensions = stepped(way, 'extension', 'Extension', true)
  return several('Extension', (focus, scope, to) => {
    for (const each of all(extensions, focus, scope))
      if (isObject(each) && each['url'] === argument.value) to.push(each)
  })
}

const texts: ReadonlySet<string> = new Set('string code id markdown uri canonical oid url uuid base64Binary'.split(' '))
const numbers: ReadonlySet<string> = new Set(['integer', 'positiveInt', 'unsignedInt', 'decimal'])

/** SQL on FHIR: joining nothing gives an empty text. */
const joined = (way: Way, separator: string): Way | undefined =>
  texts.has(way.type) ? single('string', (focus, scope) => all(way, focus, scope).join(separator)) : undefined

function keysOf(way: Way, type: string | undefined): Way | undefined {
  if (way.type !== 'Reference') return undefined
  if (!way.many) return single('string', (focus, scope) => referenceKey(way.one(focus, scope), type))
  return several('string', (focus, scope, to) => {
    for (const each of all(way, focus, scope)) {
      const key = referenceKey(each, type)
      if (key !== undefined) to.push(key)
    }
  })
}

function operation(tree: Tree & { kind: 'operator' }, type: string): readonly Way[] | undefined {
  const left = oneWay(compileWays(tree.left, type))
  const right = oneWay(compileWays(tree.right, type))
  if (left === undefined || right === undefined || left.many || right.many) return undefined
  const test = testOf(tree.sign, left.type, right.type)
  if (test === undefined) return undefined
  return [single('boolean', (focus, scope) => test(left.one(focus, scope), right.one(focus, scope)))]
}

type Test = (left: unknown, right: unknown) => boolean | undefined

const logic: Readonly<Record<string, Test>> = {
  and: (left, right) =>
    left === false || right === false ? false : left === true && right === true ? true : undefined,
  or: (left, right) => (left === true || right === true ? true : left === false && right === false ? false : undefined),
}

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
}

/** Comparing what is not there gives nothing (FHIRPath, "Equality" and "Comparison"). */
function testOf(sign: string, left: string, right: string): Test | undefined {
  if (sign === 'and' || sign === 'or') return left === 'boolean' && right === 'boolean' ? logic[sign] : undefined
  const alike = [texts, numbers].some((group) => group.has(left) && group.has(right))
  if (sign === '=' || sign === '!=') {
    if (!alike && !(left === 'boolean' && right === 'boolean')) return undefined
    return (a, b) => (a === undefined || b === undefined ? undefined : (a === b) === (sign === '='))
  }
  const compare = comparisons[sign]
  if (compare === undefined || !numbers.has(left) || !numbers.has(right)) return undefined
  return (a, b) => (typeof a === 'number' && typeof b === 'number' ? compare(a, b) : undefined)
}
