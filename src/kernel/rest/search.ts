import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { parseSearch } from '../search/query.ts'
import { type Found, search } from '../search/search.ts'
import { type FhirAnswer, type FhirRequest, jsonAnswer } from './exchange.ts'
import { typeInUrl } from './target.ts'

/** FHIR search of one type. Pages follow the id; the `next` link leads on. */
export async function searchType(ctx: Context, request: FhirRequest, type: string): Promise<FhirAnswer> {
  typeInUrl(type)
  const query = parseSearch(type, request.query)
  const page = await ctx.store.database.transaction((connection) => search(connection, query, sql`true`))
  await auditFound(ctx, type, page.found)
  const self = `${request.base}/${type}`
  const links = [{ relation: 'self', url: `${self}${request.query === '' ? '' : `?${request.query}`}` }]
  const last = page.found.at(-1)
  if (page.more && last !== undefined) {
    const next = new URLSearchParams(request.query)
    next.set('_after', last.id)
    links.push({ relation: 'next', url: `${self}?${next.toString()}` })
  }
  const entries = page.found.map(
    (each) => `{"fullUrl":"${self}/${each.id}","resource":${each.body},"search":{"mode":"match"}}`,
  )
  const total = page.total === undefined ? '' : `"total":${page.total},`
  const entry = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`
  return jsonAnswer(200, `{"resourceType":"Bundle","type":"searchset",${total}"link":${JSON.stringify(links)}${entry}}`)
}

/** Writes who was returned: a row for each person, with every id. */
async function auditFound(ctx: Context, type: string, found: readonly Found[]): Promise<void> {
  const byPerson = new Map<bigint, string[]>()
  for (const each of found) {
    const ids = byPerson.get(each.person)
    if (ids === undefined) byPerson.set(each.person, [`${type}/${each.id}`])
    else ids.push(`${type}/${each.id}`)
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
