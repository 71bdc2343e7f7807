import { problem } from '../../base/problem.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { compartmentFilter } from './compartment.ts'
import { parseSearch, type SearchQuery } from './query.ts'

/** What one search is made of when it may be of several types: the same question, put to each. */
export interface SeveralTypes {
  /** Types that may be asked for; `_type` chooses among them. */
  readonly types: readonly string[]
  readonly compartment?: { readonly type: string; readonly id: string }
  readonly lenient: boolean
  readonly base: string
}

/** Decodes a search over several types: of the whole system, or of a compartment. Every type must know every parameter. */
export function parseTypes(query: string, asked: SeveralTypes): readonly SearchQuery[] {
  const parameters = new URLSearchParams(query)
  const chosen = parameters.getAll('_type').flatMap((each) => each.split(','))
  const types = chosen.length === 0 ? asked.types : [...new Set(chosen)].map((type) => allowed(type, asked))
  parameters.delete('_type')
  const rest = parameters.toString()
  const named: readonly (readonly [string, string])[] = chosen.length === 0 ? [] : [['_type', chosen.join()]]
  return types.map((type) => {
    const parsed = parseSearch(type, rest, asked)
    const used = [...named, ...parsed.used]
    if (asked.compartment === undefined) return { ...parsed, used }
    const { joined } = compartmentFilter(asked.compartment.type, asked.compartment.id, type)
    return { ...parsed, used, joined: [...joined, ...parsed.joined] }
  })
}

function allowed(type: string, { types }: SeveralTypes): string {
  if (typeNumber(type) === undefined || !types.includes(type))
    throw problem('invalid', `"${type.slice(0, 40)}" is no type that can be asked for here`, { expression: '_type' })
  return type
}
