import { problem } from '../../base/problem.ts'
import { elementsOf } from '../fhir/definitions.ts'
import { type Position, sealCursor } from '../search/cursor.ts'
import type { Explained } from '../search/explain.ts'
import { type Included, mostIncluded } from '../search/include.ts'
import type { SearchQuery } from '../search/query.ts'
import type { Found, FoundPage } from '../search/search.ts'
import { type Subset, subsetOf } from '../search/subset.ts'
import { outcomeText } from './exchange.ts'

/** A page of a search and what its answer is made from. The queries are one question, put to each of several types. */
export interface Searchset {
  readonly base: string
  /** Where the search was asked, after the base. */
  readonly path: string
  readonly queries: readonly SearchQuery[]
  readonly page: FoundPage
  readonly brought: Included
  readonly secret: Uint8Array
}

/** The Bundle of a search. */
export function searchsetText({ base, path, queries, page, brought, secret }: Searchset): string {
  const subsets = new Map(queries.map((query) => [query.type, subsetFor(query, queries)]))
  const entries = [
    ...page.found.map((each) => entryText(base, each, subsets.get(each.type)?.(each.body) ?? each.body, 'match')),
    ...brought.found.map((each) => entryText(base, each, broughtText(each, queries[0]), 'include')),
    ...outcomeEntries(new Set(queries.flatMap(({ ignored }) => ignored)), brought),
  ]
  const total = page.total === undefined ? '' : `"total":${page.total},`
  const entry = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`
  const links = JSON.stringify(linksOf(base, path, queries[0], page, secret))
  return `{"resourceType":"Bundle","type":"searchset",${total}"link":${links}${entry}}`
}

/** What a cursor belongs to: all that decides which rows are found and in which order. */
export const searchName = (path: string, { used }: SearchQuery): string =>
  `${path}?${new URLSearchParams(used.filter(([name]) => !pageOnly.has(name)).map(([name, value]) => [name, value])).toString()}`

/** Parameters that a caller may change from one page to the next. */
const pageOnly: ReadonlySet<string> = new Set(['_count', '_total', '_summary', '_elements'])

/** Of several types each keeps the elements it has; a name that none of them has is refused. */
function subsetFor(query: SearchQuery, queries: readonly SearchQuery[]): Subset {
  if (queries.length === 1) return subsetOf(query.type, query)
  const has = (type: string, name: string): boolean => elementsOf(type).some((each) => each.name === name)
  for (const name of query.elements)
    if (!queries.some(({ type }) => has(type, name)))
      throw problem('invalid', `None of the types has an element "${name.slice(0, 60)}"`, { expression: '_elements' })
  const elements = query.elements.filter((name) => has(query.type, name))
  return subsetOf(query.type, {
    ...query,
    elements: elements.length === 0 && query.elements.length > 0 ? ['id'] : elements,
  })
}

function linksOf(base: string, path: string, query: SearchQuery | undefined, page: FoundPage, secret: Uint8Array) {
  if (query === undefined) return []
  const self = path === '' ? base : `${base}/${path}`
  const url = (cursor?: string): string => {
    const parameters = new URLSearchParams(query.used.map(([name, value]) => [name, value]))
    if (cursor !== undefined) parameters.set('_cursor', cursor)
    return parameters.size === 0 ? self : `${self}?${parameters.toString()}`
  }
  const to = (relation: string, position: Position | undefined) =>
    position === undefined ? [] : [{ relation, url: url(sealCursor(position, searchName(path, query), secret)) }]
  return [
    { relation: 'self', url: url(query.cursor) },
    ...(query.cursor === undefined ? [] : [{ relation: 'first', url: url() }]),
    ...to('previous', page.previous),
    ...to('next', page.next),
  ]
}

const entryText = (base: string, { type, id }: Found, resource: string, mode: 'match' | 'include'): string =>
  `{"fullUrl":"${base}/${type}/${id}","resource":${resource},"search":{"mode":"${mode}"}}`

/** `_elements` speaks of the type searched for; a summary is one of everything. */
const broughtText = ({ type, body }: Found, query: SearchQuery | undefined): string =>
  subsetOf(type, { summary: query?.summary ?? 'false', elements: [] })(body)

/** What the caller should know about the answer: what was not used, and what is not there. */
function outcomeEntries(ignored: ReadonlySet<string>, { capped }: Included): readonly string[] {
  const issues = [...ignored].map((name) => ({
    severity: 'warning' as const,
    code: 'not-supported',
    message: `"${name.slice(0, 100)}" was not used in this search`,
    expression: name.slice(0, 100),
  }))
  const left = { severity: 'warning' as const, code: 'incomplete', message: tooMuchBrought }
  const all = capped ? [...issues, left] : issues
  return all.length === 0 ? [] : [`{"resource":${outcomeText(all)},"search":{"mode":"outcome"}}`]
}

const tooMuchBrought = `Only ${mostIncluded} included resources are here. Ask for fewer matches on a page.`

/** Statements of a search and their plans, as Parameters. */
export const explainedText = (all: readonly Explained[]): string =>
  JSON.stringify({
    resourceType: 'Parameters',
    parameter: all.map(({ statement, plan }) => ({
      name: 'statement',
      part: [
        { name: 'sql', valueString: statement },
        { name: 'plan', valueString: plan.join('\n') },
      ],
    })),
  })
