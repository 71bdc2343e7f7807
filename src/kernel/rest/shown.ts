import { problem } from '../../base/problem.ts'
import { elementsOf } from '../fhir/definitions.ts'
import { type ResultOptions, resultParameters, transportParameters, usualOptions } from '../search/result-options.ts'
import { type Subset, subsetOf } from '../search/subset.ts'

/** What an interaction that is no search may say in its query: how the answer should look. */
export interface Shown {
  readonly options: ResultOptions
  /** Parameters that are neither about looks nor known here: the interaction's own. */
  readonly own: ReadonlyMap<string, string>
  /** What is kept of a resource of a type. */
  readonly subset: (type: string) => Subset
}

const looks: ReadonlySet<string> = new Set(['_summary', '_elements', '_count', '_cursor'])

/** Reads a query; what is not in `own` and not about looks is refused by its name. */
export function shownAs(type: string, query: string, own: readonly string[] = []): Shown {
  let options = usualOptions
  const found = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    if (transportParameters.has(name)) continue
    const decode = looks.has(name) ? resultParameters[name] : undefined
    if (decode !== undefined) options = { ...options, ...decode(value, type) }
    else if (own.includes(name)) found.set(name, value)
    else throw problem('invalid', `"${name.slice(0, 100)}" means nothing here`, { expression: name.slice(0, 100) })
  }
  const { elements, summary } = options
  // A history tells of many types; an element that some of them lack is no mistake there.
  const subset = (of: string): Subset =>
    subsetOf(of, { summary, elements: of === type ? elements : elements.filter((name) => hasElement(of, name)) })
  return { options, own: found, subset }
}

const hasElement = (type: string, name: string): boolean => elementsOf(type).some((each) => each.name === name)
