import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { openCursor, type Position, sealCursor } from '../search/cursor.ts'
import { type Included, included, mostIncluded } from '../search/include.ts'
import { parseSearch, type SearchQuery } from '../search/query.ts'
import { type Found, type FoundPage, search } from '../search/search.ts'
import { subsetOf } from '../search/subset.ts'
import { type FhirAnswer, type FhirRequest, jsonAnswer, outcomeText } from './exchange.ts'
import { typeInUrl } from './target.ts'

/** FHIR search of one type, a page at a time; links lead to the pages before and after. */
export async function searchType(ctx: Context, request: FhirRequest, type: string): Promise<FhirAnswer> {
  typeInUrl(type)
  const query = parseSearch(type, request.query, { lenient: /handling=lenient/.test(request.prefer ?? '') })
  const visible = sql`true`
  const subset = subsetOf(type, query)
  const secret = await ctx.store.cursorSecret()
  const from = query.cursor === undefined ? undefined : openCursor(query.cursor, searchName(query), secret)
  const { searching } = ctx.store.database
  const page = await search(searching, query, visible, from)
  const brought = await included(searching, query.includes, page.found, visible)
  await auditFound(ctx, type, [...page.found, ...brought.found])
  const self = `${request.base}/${type}`
  const entries = [
    ...page.found.map((each) => entryText(request.base, each, subset(each.body), 'match')),
    ...brought.found.map((each) => entryText(request.base, each, broughtText(each, query), 'include')),
    ...outcomeEntries(query, brought),
  ]
  const total = page.total === undefined ? '' : `"total":${page.total},`
  const entry = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`
  const links = JSON.stringify(linksOf(self, query, page, secret))
  return jsonAnswer(200, `{"resourceType":"Bundle","type":"searchset",${total}"link":${links}${entry}}`)
}

/** What a cursor belongs to: all that decides which rows are found and in which order. */
const searchName = ({ type, used }: SearchQuery): string =>
  `${type}?${new URLSearchParams(used.filter(([name]) => !pageOnly.has(name)).map(([name, value]) => [name, value])).toString()}`

/** Parameters that a caller may change from one page to the next. */
const pageOnly: ReadonlySet<string> = new Set(['_count', '_total', '_summary', '_elements'])

function linksOf(self: string, query: SearchQuery, page: FoundPage, secret: Uint8Array) {
  const url = (cursor?: string): string => {
    const parameters = new URLSearchParams(query.used.map(([name, value]) => [name, value]))
    if (cursor !== undefined) parameters.set('_cursor', cursor)
    return parameters.size === 0 ? self : `${self}?${parameters.toString()}`
  }
  const to = (relation: string, position: Position | undefined) =>
    position === undefined ? [] : [{ relation, url: url(sealCursor(position, searchName(query), secret)) }]
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
const broughtText = ({ type, body }: Found, { summary }: SearchQuery): string =>
  subsetOf(type, { summary, elements: [] })(body)

/** What the caller should know about the answer: what was not used, and what is not there. */
function outcomeEntries({ ignored }: SearchQuery, { capped }: Included): readonly string[] {
  const issues = ignored.map((name) => ({
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

/** Writes who was returned: a row for each person, with every id. */
async function auditFound(ctx: Context, type: string, found: readonly Found[]): Promise<void> {
  const byPerson = new Map<bigint, string[]>()
  for (const each of found) {
    const ids = byPerson.get(each.person)
    if (ids === undefined) byPerson.set(each.person, [`${each.type}/${each.id}`])
    else ids.push(`${each.type}/${each.id}`)
  }
  if (byPerson.size === 0) byPerson.set(0n, [type])
  const outcome = found.length === 0 ? ('not-found' as const) : ('success' as const)
  const rows = [...byPerson].map(([person, ids]) => ({
    person,
    action: 'search' as const,
    outcome,
    ids,
    submission: submissionOf(ctx),
  }))
  await ctx.store.readAudit.write(rows, ctx.clock.now().epochMilliseconds)
}
