import { problem } from '../../base/problem.ts'
import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { visible } from '../access/visible.ts'
import { primitives } from '../fhir/primitives.ts'
import { resourceTypeNames, typeName, typeNumber } from '../fhir/resource-types.ts'
import { openCursor, type Position, sealCursor } from '../search/cursor.ts'
import { rangeOfDate } from '../search/date-range.ts'
import { isPersonScoped } from '../search/home.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Connection, Row } from '../store/database.ts'
import { instantText } from '../store/draft.ts'
import { changes } from '../store/rows.ts'
import { int2Array, timestampMicros } from '../store/wire.ts'
import { type FhirAnswer, type FhirRequest, jsonAnswer } from './exchange.ts'
import { type Shown, shownAs } from './shown.ts'
import { address, typeInUrl } from './target.ts'

/** What a history is of: one resource, all of a type, or everything. */
export interface HistoryOf {
  readonly type?: string
  readonly id?: string
}

/** FHIR history, newest first and a page at a time: `_since`, `_at`, `_count`; the `next` link goes on. */
export async function history(ctx: Context, request: FhirRequest, of: HistoryOf): Promise<FhirAnswer> {
  if (of.type !== undefined) typeInUrl(of.type)
  if (of.type !== undefined && of.id !== undefined) address(of.type, of.id)
  const shown = shownAs(of.type ?? 'Resource', request.query, ['_since', '_at'])
  const name = `history ${of.type ?? ''}/${of.id ?? ''} ${[...shown.own].join(' ')}`
  const secret = await ctx.store.cursorSecret()
  const { cursor, count } = shown.options
  const from = cursor === undefined ? undefined : openCursor(cursor, name, secret)
  const limit = Math.max(count, 1)
  const rows = await readPage(ctx.store.database.reading, of, shown.own, visible(ctx.actor), { from, limit: limit + 1 })
  const page = rows.slice(0, limit)
  await auditPage(ctx, of, page)
  if (page.length === 0 && from === undefined && of.id !== undefined) await refuseUnknown(ctx, of)
  const self = [request.base, of.type, of.id, '_history'].filter((part) => part !== undefined).join('/')
  const last = rows.length > limit ? page.at(-1) : undefined
  const next = last === undefined ? undefined : sealCursor(positionOf(last), name, secret)
  const entries = page.map((row) => entryText(request.base, row, shown))
  const links = JSON.stringify(linksOf(self, request.query, next))
  const entry = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`
  return jsonAnswer(200, `{"resourceType":"Bundle","type":"history","link":${links}${entry}}`)
}

function linksOf(self: string, query: string, next: string | undefined): readonly object[] {
  const url = (cursor: string | undefined): string => {
    const parameters = new URLSearchParams(query)
    if (cursor !== undefined) parameters.set('_cursor', cursor)
    return parameters.size === 0 ? self : `${self}?${parameters.toString()}`
  }
  return [
    { relation: 'self', url: url(undefined) },
    ...(next === undefined ? [] : [{ relation: 'next', url: url(next) }]),
  ]
}

interface Version {
  readonly person: bigint
  readonly type: string
  readonly id: string
  readonly version: number
  readonly updatedMs: number
  readonly deleted: boolean
  readonly body: string
}

interface Page {
  readonly from: Position | undefined
  readonly limit: number
}

/** Versions never change and new ones come before the first page, so a page's end is where the next one begins. */
const positionOf = ({ updatedMs, type, version, id }: Version): Position => ({
  backward: false,
  keys: [String(updatedMs), String(typeNumber(type)), String(version)],
  id,
})

async function readPage(
  connection: Pick<Connection, 'query'>,
  of: HistoryOf,
  own: ReadonlyMap<string, string>,
  mayBeSeen: Sql,
  { from, limit }: Page,
): Promise<readonly Version[]> {
  const types = of.type === undefined ? resourceTypeNames : [of.type]
  const parts = (['res', 'shared'] as const).flatMap((table) => {
    const rtypes = types
      .filter((type) => isPersonScoped(type) === (table === 'res'))
      .map((type) => typeNumber(type) ?? 0)
    if (rtypes.length === 0) return []
    const may = table === 'res' ? mayBeSeen : sql`true`
    return [table, `${table}_hist`].map((each) => {
      const where = join([...boundsOf(of, own, table, from), may], ' and ')
      const op = each === table ? sql`0::int2` : sql`r.op`
      // One type after the other: the index begins with the type, and a page needs only the newest of each.
      return sql`select v.* from unnest(${int2Array(rtypes)}::int2[]) t(rtype) cross join lateral (
          select r.person, r.rtype, r.id, r.ver, r.updated, ${op} as op, r.body from ${identifier(each)} r
          where r.rtype = t.rtype and ${where} order by r.updated desc, r.rtype desc, r.id desc, r.ver desc limit ${limit}::int4) v`
    })
  })
  const rows = await connection.query(
    sql`select person, rtype, id, ver, (extract(epoch from updated) * 1000)::float8 as ms, op, body
        from (${join(parts, ' union all ')}) v order by updated desc, rtype desc, id desc, ver desc limit ${limit}::int4`,
  )
  return rows.map(versionIn)
}

const versionIn = (row: Row): Version => ({
  person: key64(row, 'person'),
  type: typeName(whole(row, 'rtype')) ?? '',
  id: text(row, 'id'),
  version: whole(row, 'ver'),
  updatedMs: Math.round(whole(row, 'ms')),
  deleted: whole(row, 'op') === changes.delete,
  body: text(row, 'body'),
})

function instant(epochMs: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigInt64BE(timestampMicros(epochMs))
  return buffer
}

/** Conditions on a row `r` of one of the tables. */
function boundsOf(of: HistoryOf, own: ReadonlyMap<string, string>, table: string, from: Position | undefined): Sql[] {
  const bounds: Sql[] = []
  if (of.id !== undefined) bounds.push(sql`r.id = ${of.id}`)
  const since = own.get('_since')
  if (since !== undefined) bounds.push(sql`r.updated >= ${instant(rangeIn('_since', since).low)}::timestamptz`)
  const at = own.get('_at')
  if (at !== undefined) {
    const { low, high } = rangeIn('_at', at)
    // Current at some point of the period: there by its end, and not replaced before it began.
    const later = (each: string): Sql =>
      sql`not exists (select 1 from ${identifier(each)} w where w.rtype = r.rtype and w.id = r.id and w.ver > r.ver
        and w.updated <= ${instant(low)}::timestamptz)`
    bounds.push(sql`r.updated <= ${instant(high)}::timestamptz`, later(table), later(`${table}_hist`))
  }
  if (from !== undefined) {
    const [ms, rtype, version] = from.keys.map(Number)
    bounds.push(
      sql`(r.updated, r.rtype, r.id, r.ver) < (${instant(ms ?? 0)}::timestamptz, ${rtype ?? 0}::int2, ${from.id}, ${version ?? 0}::int4)`,
    )
  }
  return bounds
}

/** A date or instant of a query. A plus sign in a query is a space to a form decoder. */
function rangeIn(name: string, value: string): { readonly low: number; readonly high: number } {
  const written = value.replace(/ (?=\d\d:\d\d$)/, '+')
  const range =
    primitives['dateTime']?.accepts(written) === true || primitives['instant']?.accepts(written) === true
      ? rangeOfDate(written)
      : undefined
  if (range === undefined || !Number.isFinite(range.low))
    throw problem('invalid', `${name} must be a date or an instant`, { expression: name })
  return range
}

/** A resource that is known has a history, though none of it may lie in the time asked for. */
async function refuseUnknown(ctx: Context, of: HistoryOf): Promise<void> {
  const all = await readPage(ctx.store.database.reading, of, new Map(), visible(ctx.actor), {
    from: undefined,
    limit: 1,
  })
  if (all.length === 0) throw problem('not-found', `${of.type}/${of.id} is not known`)
}

function entryText(base: string, version: Version, shown: Shown): string {
  const { type, id, deleted, updatedMs, body } = version
  const created = version.version === 1
  const request = {
    method: deleted ? 'DELETE' : created ? 'POST' : 'PUT',
    url: created && !deleted ? type : `${type}/${id}`,
  }
  const response = {
    status: deleted ? '204' : created ? '201' : '200',
    etag: `W/"${version.version}"`,
    lastModified: instantText(updatedMs),
  }
  const resource = deleted ? '' : `"resource":${shown.subset(type)(body)},`
  return `{"fullUrl":"${base}/${type}/${id}",${resource}"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`
}

/** Tells the audit who was shown which versions: a row for each person. */
async function auditPage(ctx: Context, of: HistoryOf, page: readonly Version[]): Promise<void> {
  const nameOf = (each: Version): string => `${each.type}/${each.id}/_history/${each.version}`
  const byPerson = Map.groupBy(page, ({ person }) => person)
  const asked = [of.type ?? '*', of.id].filter((part) => part !== undefined).join('/')
  const rows = [...byPerson].map(([person, versions]) => ({
    person,
    action: 'history' as const,
    outcome: 'success' as const,
    ids: versions.map(nameOf),
    submission: submissionOf(ctx),
  }))
  const none = {
    person: 0n,
    action: 'history' as const,
    outcome: 'not-found' as const,
    ids: [asked],
    submission: submissionOf(ctx),
  }
  await ctx.store.readAudit.write(rows.length === 0 ? [none] : rows, ctx.clock.now().epochMilliseconds)
}
