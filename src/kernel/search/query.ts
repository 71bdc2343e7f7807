import { problem } from '../../base/problem.ts'
import { type SearchParameterDefinition, searchParameter, whyNotIndexed } from './parameters.ts'
import { type ResultOptions, resultParameters, transportParameters, usualOptions } from './result-options.ts'

/** One `name[:modifier]=value,value` of a search: its values are alternatives. */
export interface Criterion {
  readonly parameter: SearchParameterDefinition
  readonly modifier: string
  readonly values: readonly string[]
}

/** A decoded search of one resource type: all criteria must hold. */
export interface SearchQuery extends ResultOptions {
  readonly type: string
  readonly criteria: readonly Criterion[]
  /** Names and values that were used, for the links of the answer; the cursor is not among them. */
  readonly used: readonly (readonly [string, string])[]
  /** Names that were passed over because the caller asked for lenient handling. */
  readonly ignored: readonly string[]
}

const mostCriteria = 50
const mostValues = 1000

/**
 * Decodes a query string. What Linchpin cannot search by is refused with its name; a lenient caller has it passed over
 * instead, and told (R4 search, handling errors).
 */
export function parseSearch(type: string, query: string, { lenient = false } = {}): SearchQuery {
  const criteria: Criterion[] = []
  const used: [string, string][] = []
  const ignored: string[] = []
  let options = usualOptions
  for (const [name, value] of new URLSearchParams(query)) {
    if (transportParameters.has(name)) continue
    const decode = Object.hasOwn(resultParameters, name) ? resultParameters[name] : undefined
    if (decode !== undefined) options = { ...options, ...decode(value, type) }
    else if (lenient && whyNotSearchable(type, name) !== undefined) {
      ignored.push(name)
      continue
    } else criteria.push(criterionOf(type, name, value))
    if (name !== '_cursor') used.push([name, value])
  }
  if (criteria.length > mostCriteria) throw problem('invalid', `A search has at most ${mostCriteria} parameters`)
  return { ...options, type, criteria, used, ignored }
}

/** Why a type cannot be searched by a name, modifier and all; undefined when it can. */
function whyNotSearchable(type: string, name: string): string | undefined {
  const [code = '', , ...more] = name.split(':')
  const parameter = searchParameter(type, code)
  if (parameter === undefined || more.length > 0) return `${type} has no search parameter "${name}"`
  if (code === '_id' || code === '_lastUpdated') return undefined
  const reason = whyNotIndexed(parameter)
  return reason === undefined ? undefined : `"${name}" cannot be searched: ${reason}`
}

function criterionOf(type: string, name: string, value: string): Criterion {
  const [code = '', modifier = ''] = name.split(':')
  const parameter = searchParameter(type, code)
  const reason = whyNotSearchable(type, name)
  if (parameter === undefined || reason !== undefined)
    throw problem('invalid', reason ?? `${type} has no search parameter "${name}"`, { expression: name })
  const values = splitValues(value)
  if (values.length === 0) throw problem('invalid', `"${name}" has no value`, { expression: name })
  if (values.length > mostValues)
    throw problem('invalid', `"${name}" has more than ${mostValues} values`, { expression: name })
  return { parameter, modifier, values }
}

/** Alternatives are parted by commas; `\,` is a comma inside a value (FHIR R4 search, escaping). */
const splitValues = (value: string): string[] => (value.match(/(?:\\.|[^,\\])+/g) ?? []).filter((each) => each !== '')

/** The parts of a `system|code` value; an escaped bar stays in its part. */
export function splitToken(value: string): { readonly system: string | undefined; readonly code: string } {
  const [first = '', second] = value.match(/(?:^|\|)(?:\\.|[^|\\])*/g) ?? []
  if (second === undefined) return { system: undefined, code: unescapeValue(first) }
  return { system: unescapeValue(first), code: unescapeValue(second.slice(1)) }
}

export const unescapeValue = (value: string): string => value.replace(/\\([,|$\\])/g, '$1')
