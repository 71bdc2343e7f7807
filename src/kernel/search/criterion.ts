import { type Problem, problem } from '../../base/problem.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { whyNotSearchable } from './composite.ts'
import { parseFilter } from './filter-syntax.ts'
import { type SearchParameterDefinition, searchParameter } from './parameters.ts'

/** One `name[:modifier]=value,value` of a search: its values are alternatives. */
export interface Criterion {
  readonly parameter: SearchParameterDefinition
  readonly modifier: string
  readonly values: readonly string[]
}

/** A criterion on a resource that a reference leads to: `subject:Patient.family=Hill`. */
export interface Chain {
  readonly kind: 'chain'
  readonly code: string
  /** What must hold of a target, for each type it may have. */
  readonly targets: readonly Filter[]
}

/** A criterion on resources that refer to this one: `_has:Observation:patient:code=1`. */
export interface Has {
  readonly kind: 'has'
  readonly code: string
  readonly source: Filter
}

/** Filters of the same type of which one must hold. */
export interface Either {
  readonly kind: 'either'
  readonly of: readonly Filter[]
}

/** A filter of the same type that must not hold. */
export interface Negation {
  readonly kind: 'not'
  readonly of: Filter
}

/** Being an entry of a List: `_list=42`. */
export interface Listed {
  readonly kind: 'list'
  readonly id: string
}

/** What must hold of a resource of a type. */
export interface Filter {
  readonly type: string
  readonly criteria: readonly Criterion[]
  readonly joined: readonly (Chain | Has | Either | Negation | Listed)[]
}

/** A name that a type cannot be searched by, and why. */
export interface Unknown {
  readonly unknown: string
}

/** What the parts of one search share. */
export interface Budget {
  /** How much following of references it may still ask for. Each costs a statement. */
  joins: number
  /** Where this server's own resources lie, so that an absolute reference to one is known. */
  readonly base: string
}

/** What a search starts with. */
export const searchBudget = (base = ''): Budget => ({ joins: mostJoins, base })

/** Decodes one name and value, chained or not; says why when the name is not one the type can be searched by. */
export function parseCriterion(type: string, name: string, value: string, budget: Budget): Filter | Unknown {
  if (name.startsWith('_has:')) return parseHas(type, name, value, budget)
  if (name === '_list') return { type, criteria: [], joined: [{ kind: 'list', id: listId(value) }] }
  if (name === '_filter') return parseFilter(type, value, budget)
  const dot = name.indexOf('.')
  if (dot > 0) return parseChain(type, { name, dot, value, budget })
  const [code = '', modifier = '', ...more] = name.split(':')
  const parameter = searchParameter(type, code)
  if (parameter === undefined || more.length > 0 || ownModifiers.has(modifier))
    return { unknown: `${type} has no search parameter "${name}"` }
  const reason = whyNotSearchable(type, parameter)
  if (reason !== undefined) return { unknown: `"${name}" cannot be searched: ${reason}` }
  const own = parameter.type === 'reference' && budget.base !== '' ? `${budget.base}/` : undefined
  const values = valuesOf(name, value).map((each) =>
    own !== undefined && each.startsWith(own) ? each.slice(own.length) : each,
  )
  return { type, criteria: [{ parameter, modifier, values }], joined: [] }
}

/** What `_filter` makes of its operators; they are no modifiers of R4. */
const ownModifiers: ReadonlySet<string> = new Set(['equals', 'ends'])

/** Most references that one search follows, and most values of one parameter. */
export const mostJoins = 64
export const mostValues = 1000

/** A list of a name (`$current-problems`) is one that this server does not keep. */
function listId(value: string): string {
  const id = value.startsWith('List/') ? value.slice('List/'.length) : value
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id))
    throw problem('invalid', '_list is the id of a List; named lists such as $current-problems are not kept', {
      expression: '_list',
    })
  return id
}

const place = (name: string) => ({ expression: name.slice(0, 100) })

function spend(budget: Budget, name: string): void {
  budget.joins -= 1
  if (budget.joins < 0)
    throw problem(
      'invalid',
      `A search follows at most ${mostJoins} references. Name the type of each: subject:Patient`,
      place(name),
    )
}

function parseHas(type: string, name: string, value: string, budget: Budget): Filter | Unknown {
  spend(budget, name)
  const [, sourceType = '', code = '', ...rest] = name.split(':')
  if (typeNumber(sourceType) === undefined || rest.length === 0)
    throw problem('invalid', '_has is written _has:Type:reference:parameter', place(name))
  const parameter = searchParameter(sourceType, code)
  if (parameter?.type !== 'reference' || parameter.target?.includes(type) === false)
    return { unknown: `${sourceType} does not refer to ${type} by "${code}"` }
  const source = parseCriterion(sourceType, rest.join(':'), value, budget)
  return 'unknown' in source ? source : { type, criteria: [], joined: [{ kind: 'has', code, source }] }
}

interface ChainText {
  readonly name: string
  readonly dot: number
  readonly value: string
  readonly budget: Budget
}

function parseChain(type: string, { name, dot, value, budget }: ChainText): Filter | Unknown {
  const [code = '', modifier] = name.slice(0, dot).split(':')
  const parameter = searchParameter(type, code)
  if (parameter?.type !== 'reference') return { unknown: `${type} has no reference "${code}" to follow` }
  const allowed = parameter.target ?? []
  if (modifier !== undefined && !allowed.includes(modifier))
    throw problem('invalid', `"${code}" of ${type} does not refer to ${modifier.slice(0, 40)}`, place(name))
  const parsed = (modifier === undefined ? allowed : [modifier]).map((target) => {
    spend(budget, name)
    return parseCriterion(target, name.slice(dot + 1), value, budget)
  })
  const targets = parsed.filter((each): each is Filter => !('unknown' in each))
  if (targets.length === 0) return parsed[0] ?? { unknown: `"${code}" of ${type} refers to nothing that has a type` }
  return { type, criteria: [], joined: [{ kind: 'chain', code, targets }] }
}

function valuesOf(name: string, value: string): readonly string[] {
  const values = splitValues(value)
  if (values.length === 0) throw problem('invalid', `"${name}" has no value`, place(name))
  if (values.length > mostValues) throw problem('invalid', `"${name}" has more than ${mostValues} values`, place(name))
  return values
}

/** What a caller is told who used a name that is not known. */
export const unknownName = (name: string, { unknown }: Unknown): Problem => problem('invalid', unknown, place(name))

/** The parts of a composite value, `code$value`. */
export const splitComposite = (value: string): readonly string[] => value.match(/(?:\\.|[^$\\])+/g) ?? []

/** Alternatives are parted by commas; `\,` is a comma inside a value (FHIR R4 search, escaping). */
const splitValues = (value: string): string[] => (value.match(/(?:\\.|[^,\\])+/g) ?? []).filter((each) => each !== '')

/** The parts of a `system|code` value; an escaped bar stays in its part. */
export function splitToken(value: string): { readonly system: string | undefined; readonly code: string } {
  const [first = '', ...rest] = splitAt(value, '|')
  if (rest.length === 0) return { system: undefined, code: unescapeValue(first) }
  return { system: unescapeValue(first), code: unescapeValue(rest.join('|')) }
}

/** The parts of a value between separators that are not escaped; the parts keep their escapes. */
export function splitAt(value: string, separator: string): readonly string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < value.length; at += 1)
    if (value[at] === '\\') at += 1
    else if (value[at] === separator) {
      parts.push(value.slice(start, at))
      start = at + 1
    }
  return [...parts, value.slice(start)]
}

export const unescapeValue = (value: string): string => value.replace(/\\([,|$\\])/g, '$1')
