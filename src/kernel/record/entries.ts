import { problem } from '../../base/problem.ts'
import { join, type Sql, sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { typeName, typeNumber } from '../fhir/resource-types.ts'
import { instantText, rangeOfDate } from '../search/date-range.ts'
import { codeColumnAnswers } from '../search/main-code.ts'
import { codeKey, codeToken, parameterName } from '../search/token.ts'
import { currentColumns, text, whole } from '../store/current.ts'
import type { Row } from '../store/database.ts'
import { statementName } from '../store/lane.ts'
import type { EntryQuery } from '../store/record.ts'
import { int8Array, textArray } from '../store/wire.ts'
import { auditRecord } from './audit-record.ts'
import { writtenBy } from './entry-authors.ts'
import { resolvePerson } from './open-person.ts'
import { sourcesByCode } from './sources.ts'
import { ofTypes, timelineTypes } from './timeline-types.ts'
import { type WrittenEntry, writtenEntries } from './written-entries.ts'

/** A question about one person's entries; `code` serves results over time. */
export interface RecordQuery extends EntryQuery {
  /** `system|code` of the entry's main code (Observation.code and the like). */
  readonly code?: string
}

/** A page of entries, newest first unless asked otherwise. */
export interface WrittenPage {
  readonly entries: readonly WrittenEntry[]
  /** All entries that match, on every page. */
  readonly total: number
  readonly next?: string
}

const usualLimit = 50
const mostLimit = 200

/** Entries of one person that the actor may see, filtered, in order of event. */
export async function readEntries(ctx: Context, personId: string, query: RecordQuery): Promise<WrittenPage> {
  const { key } = await resolvePerson(ctx, personId)
  const conditions = [
    sql`r.person = ${key}::int8`,
    ofTypes(query.types ?? timelineTypes),
    visible(ctx.actor, key),
    ...filters(query),
  ]
  if (query.setting !== undefined) conditions.push(await ofSetting(ctx, key, query.setting))
  if (query.author !== undefined) conditions.push(await writtenBy(ctx, key, query.author))
  const limit = Math.min(Math.max(query.limit ?? usualLimit, 1), mostLimit)
  const newest = query.order !== 'oldest'
  const where = join(conditions, ' and ')
  const sortKey = sql`coalesce(r.date, '-infinity'::timestamptz)`
  const order = newest ? sql`${sortKey} desc, r.rtype, r.id` : sql`${sortKey}, r.rtype, r.id`
  const statement = sql`select ${currentColumns}, r.date::text as date, count(*) over () as total from res r where ${where}
        order by ${order} limit ${limit + 1}::int4 offset ${offsetOf(query.after)}::int4`
  const rows = await ctx.store.database.read(statement, statementName('entries', statement))
  const entries = await writtenEntries(ctx.store.database.reading, rows.slice(0, limit))
  await auditRecord(
    ctx,
    key,
    'read',
    entries.map((entry) => `${entry.type}/${entry.id}`),
  )
  const more = rows.length > limit ? { next: String(offsetOf(query.after) + limit) } : {}
  return { entries, total: rows[0] === undefined ? 0 : whole(rows[0], 'total'), ...more }
}

/** One entry of a person, as stored. */
export async function readEntry(ctx: Context, personId: string, type: string, id: string): Promise<WrittenEntry> {
  const { key } = await resolvePerson(ctx, personId)
  const rows = await ctx.store.database.read(
    sql`select ${currentColumns}, r.date::text as date from res r where r.person = ${key}::int8
        and r.rtype = ${typeNumber(type) ?? 0}::int2 and r.id = ${id} and ${visible(ctx.actor, key)}`,
  )
  await auditRecord(
    ctx,
    key,
    'read',
    rows.map((row: Row) => `${typeName(whole(row, 'rtype'))}/${text(row, 'id')}`),
  )
  const [entry] = await writtenEntries(ctx.store.database.reading, rows)
  if (entry === undefined) throw problem('not-found', 'There is no such entry')
  return entry
}

function offsetOf(after: string | undefined): number {
  if (after === undefined) return 0
  if (!/^\d{1,7}$/.test(after)) throw problem('invalid', 'This page of the list is not known. Start at the first page.')
  return Number(after)
}

function filters(query: RecordQuery): Sql[] {
  const conditions: Sql[] = []
  if (query.source !== undefined) conditions.push(sql`r.source = ${query.source}`)
  if (query.from !== undefined) conditions.push(sql`r.date >= ${instantText(dayRange(query.from).low)}::timestamptz`)
  if (query.to !== undefined) conditions.push(sql`r.date <= ${instantText(dayRange(query.to).high)}::timestamptz`)
  if (query.code !== undefined) conditions.push(ofCode(query.code, query.types ?? timelineTypes))
  return conditions
}

function dayRange(day: string) {
  const range = rangeOfDate(day)
  if (range === undefined || Number.isNaN(range.low)) throw problem('invalid', 'Enter a date, for example 27 3 2026')
  return range
}

function ofCode(text: string, types: readonly string[]): Sql {
  const [system = '', code = ''] = text.split('|')
  const tokens = types.map((type) => codeToken(parameterName(type, 'code'), system, code))
  const byToken = sql`r.toks && ${int8Array(tokens)}::int8[]`
  return codeColumnAnswers(system) ? sql`r.code in (${codeKey(system, code)}::int8, -1) and ${byToken}` : byToken
}

/** Rows from organisations of one kind: the person's sources are few, so they are looked at first. */
async function ofSetting(ctx: Context, key: bigint, setting: string): Promise<Sql> {
  const rows = await ctx.store.database.read(sql`select distinct source from res where person = ${key}::int8`)
  const sources = await sourcesByCode(
    ctx.store.database.reading,
    rows.map((row) => text(row, 'source')),
  )
  const codes = [...sources.values()].filter((source) => source.setting === setting).map((source) => source.code)
  return sql`r.source = any(${textArray(codes)}::text[])`
}
