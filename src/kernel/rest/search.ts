import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { resourceTypeNames } from '../fhir/resource-types.ts'
import { compartmentTypes, typesInCompartment } from '../search/compartment.ts'
import { openCursor } from '../search/cursor.ts'
import { explaining } from '../search/explain.ts'
import { included } from '../search/include.ts'
import { parseSearch, type SearchQuery } from '../search/query.ts'
import { parseTypes } from '../search/query-types.ts'
import { type Found, searchTypes } from '../search/search.ts'
import type { Connection } from '../store/database.ts'
import { longestSearchMs } from '../store/database.ts'
import { type FhirAnswer, type FhirRequest, jsonAnswer } from './exchange.ts'
import { explainedText, searchName, searchsetText } from './searchset.ts'
import { address, typeInUrl } from './target.ts'

/**
 * FHIR search, a page at a time. `path` is where: a type, the whole system when empty, or a compartment
 * (`Patient/1/Observation`, `Patient/1/*`).
 */
export async function searchAt(ctx: Context, path: string, request: FhirRequest): Promise<FhirAnswer> {
  const queries = queriesAt(path, request)
  const [query] = queries
  if (query === undefined) throw problem('invalid', 'A search needs a type', { expression: '_type' })
  const explain = new URLSearchParams(request.query).get('__explain')
  if (explain !== null) return explained(ctx, queries)
  const visible = sql`true`
  const secret = await ctx.store.cursorSecret()
  const from = query.cursor === undefined ? undefined : openCursor(query.cursor, searchName(path, query), secret)
  const { searching } = ctx.store.database
  const page = await searchTypes(searching, queries, visible, { from, codes: ctx.store.terminology })
  const brought = await included(searching, query.includes, page.found, visible)
  await auditFound(ctx, path, [...page.found, ...brought.found])
  return jsonAnswer(200, searchsetText({ base: request.base, path, queries, page, brought, secret }))
}

function queriesAt(path: string, request: FhirRequest): readonly SearchQuery[] {
  const options = { lenient: /handling=lenient/.test(request.prefer ?? ''), base: request.base }
  const [type = '', id, target = ''] = path.split('/')
  if (type === '') return parseTypes(request.query, { ...options, types: resourceTypeNames })
  typeInUrl(type)
  if (id === undefined) return [parseSearch(type, request.query, options)]
  if (!compartmentTypes.some((each) => each === type))
    throw problem('not-found', `${type} has no compartment on this server`)
  const compartment = { type, id: address(type, id).id }
  if (target === '*') return parseTypes(request.query, { ...options, types: typesInCompartment(), compartment })
  typeInUrl(target)
  return parseTypes(request.query, { ...options, types: [target], compartment })
}

const within = (connection: Pick<Connection, 'query'>): Promise<unknown> =>
  connection.query(sql`select set_config('statement_timeout', ${String(longestSearchMs)}, true)`, 'search_limit')

/** What the database makes of a search, for who runs the system: nobody's data is in it. */
async function explained(ctx: Context, queries: readonly SearchQuery[]): Promise<FhirAnswer> {
  if (ctx.actor.kind !== 'system')
    throw problem('forbidden', 'Only a system may see how a search is answered', { expression: '__explain' })
  const plans = await ctx.store.database.transaction(async (connection) => {
    await within(connection)
    const recorder = explaining(connection)
    await searchTypes(recorder.connection, queries, sql`true`, { codes: ctx.store.terminology })
    return recorder.explained
  })
  return jsonAnswer(200, explainedText(plans))
}

/** Writes who was returned: a row for each person, with every id. */
async function auditFound(ctx: Context, path: string, found: readonly Found[]): Promise<void> {
  const byPerson = new Map<bigint, string[]>()
  for (const each of found) {
    const ids = byPerson.get(each.person)
    if (ids === undefined) byPerson.set(each.person, [`${each.type}/${each.id}`])
    else ids.push(`${each.type}/${each.id}`)
  }
  if (byPerson.size === 0) byPerson.set(0n, [path])
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
