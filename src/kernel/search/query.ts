import { problem } from '../../base/problem.ts'
import { type SearchParameterDefinition, searchParameter, whyNotIndexed } from './parameters.ts'

/** One `name[:modifier]=value,value` of a search: its values are alternatives. */
export interface Criterion {
  readonly parameter: SearchParameterDefinition
  readonly modifier: string
  readonly values: readonly string[]
}

/** A decoded search of one resource type: all criteria must hold. */
export interface SearchQuery {
  readonly type: string
  readonly criteria: readonly Criterion[]
  readonly count: number
  /** Only resources with a greater id: where the page before ended. */
  readonly after?: string
  readonly total: boolean
}

const usualCount = 50
const mostCount = 1000
const mostCriteria = 50
const mostValues = 1000

/** Decodes a query string. What Linchpin cannot search by is refused with its name, never passed over. */
export function parseSearch(type: string, query: string): SearchQuery {
  const criteria: Criterion[] = []
  let count = usualCount
  let after: string | undefined
  let total = false
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === '_count') count = countOf(value)
    else if (name === '_after') after = value
    else if (name === '_total') total = value === 'accurate'
    else if (name !== '_format') criteria.push(criterionOf(type, name, value))
  }
  if (criteria.length > mostCriteria) throw problem('invalid', `A search has at most ${mostCriteria} parameters`)
  return { type, criteria, count, total, ...(after === undefined ? {} : { after }) }
}

function countOf(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw problem('invalid', '_count must be a whole number', { expression: '_count' })
  return Math.min(Number(value), mostCount)
}

function criterionOf(type: string, name: string, value: string): Criterion {
  const [code = '', modifier = '', ...more] = name.split(':')
  const parameter = searchParameter(type, code)
  const known = parameter !== undefined && more.length === 0
  if (!known) throw problem('invalid', `${type} has no search parameter "${name}"`, { expression: name })
  const isColumn = code === '_id' || code === '_lastUpdated'
  const reason = isColumn ? undefined : whyNotIndexed(parameter)
  if (reason !== undefined) throw problem('invalid', `"${name}" cannot be searched: ${reason}`, { expression: name })
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
