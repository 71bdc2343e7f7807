import { problem } from '../../base/problem.ts'
import { type Filter, parseCriterion, searchBudget, unknownName } from './criterion.ts'
import { type Include, includeOf } from './include-syntax.ts'
import { type ResultOptions, resultParameters, transportParameters, usualOptions } from './result-options.ts'

/** A decoded search of one resource type: all criteria must hold. */
export interface SearchQuery extends ResultOptions, Filter {
  readonly includes: readonly Include[]
  /** Names and values that were used, for the links of the answer; the cursor is not among them. */
  readonly used: readonly (readonly [string, string])[]
  /** Names that were passed over because the caller asked for lenient handling. */
  readonly ignored: readonly string[]
}

/** Most parameters and includes of one search, and the longest query string. */
export const mostCriteria = 50
export const mostIncludes = 50
export const longestQuery = 1_000_000

/**
 * Decodes a query string. What Linchpin cannot search by is refused with its name; a lenient caller has it passed over
 * instead, and told (R4 search, handling errors).
 */
export function parseSearch(type: string, query: string, { lenient = false, base = '' } = {}): SearchQuery {
  if (query.length > longestQuery)
    throw problem('invalid', `A search has at most ${longestQuery} characters`, { status: 413 })
  const filters: Filter[] = []
  const includes: Include[] = []
  const used: [string, string][] = []
  const ignored: string[] = []
  const budget = searchBudget(base)
  let options = usualOptions
  for (const [name, value] of new URLSearchParams(query)) {
    if (transportParameters.has(name)) continue
    const decode = Object.hasOwn(resultParameters, name) ? resultParameters[name] : undefined
    const include = includeOf(name, value)
    if (decode !== undefined) options = { ...options, ...decode(value, type) }
    else if (include !== undefined) includes.push(include)
    else {
      const filter = parseCriterion(type, name, value, budget)
      if (!('unknown' in filter)) filters.push(filter)
      else if (lenient) ignored.push(name)
      else throw unknownName(name, filter)
    }
    if (name !== '_cursor' && !ignored.includes(name)) used.push([name, value])
  }
  if (filters.length > mostCriteria) throw problem('invalid', `A search has at most ${mostCriteria} parameters`)
  if (includes.length > mostIncludes) throw problem('invalid', `A search has at most ${mostIncludes} includes`)
  const criteria = filters.flatMap((each) => each.criteria)
  const joined = filters.flatMap((each) => each.joined)
  return { ...options, type, criteria, joined, includes, used, ignored }
}
