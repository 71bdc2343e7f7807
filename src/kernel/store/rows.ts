import { identifier, type Sql, sql } from '../../base/sql.ts'
import type { SearchColumns } from '../search/extract.ts'
import { clearViewRows, insertViewRows, replaceViewRows } from '../views/maintain.ts'
import { CopyWriter } from './copy.ts'
import type { Connection } from './database.ts'
import { int2Array, int4Array, int8Array, textArray, timestampArray } from './wire.ts'

/** `res` is keyed by person; `shared` holds what belongs to no person (organisations, practitioners, definitions). */
export type TableName = 'res' | 'shared'

/** The identity of a stored row. */
export interface RowKey {
  readonly table: TableName
  readonly person: bigint
  readonly rtype: number
  readonly id: string
}

/** A row to be written, with its search columns. */
export interface NewRow extends RowKey {
  readonly version: number
  readonly updatedMs: number
  readonly source: string
  readonly author: string
  readonly body: string
  readonly columns: SearchColumns
  /** As it was sent: live views are made of it. */
  readonly resource: Readonly<Record<string, unknown>>
  /** Extra tokens of the store's own, such as whose row this is. */
  readonly homeTokens: readonly bigint[]
}

/** What happened to a row: numbers are on disk, in `feed` and in history. */
export const changes = { create: 1, update: 2, delete: 3, rehome: 4 } as const
export type Change = keyof typeof changes

const copyFromRows = 100

/** Keys of rows as a table `k`. */
export const keysOf = (rows: readonly RowKey[]): Sql =>
  sql`unnest(${int8Array(rows.map((row) => row.person))}::int8[], ${int2Array(rows.map((row) => row.rtype))}::int2[],
             ${textArray(rows.map((row) => row.id))}::text[]) k(person, rtype, id)`

interface Flat {
  readonly all: bigint[]
  readonly first: number[]
  readonly last: number[]
}

/** Token lists of all rows end to end, with the 1-based slice of each row. */
function flatTokens(rows: readonly NewRow[]): Flat {
  const flat: Flat = { all: [], first: [], last: [] }
  for (const row of rows) {
    flat.first.push(flat.all.length + 1)
    for (const token of row.columns.tokens) flat.all.push(token)
    for (const token of row.homeTokens) flat.all.push(token)
    flat.last.push(flat.all.length)
  }
  return flat
}

function rowsOf(rows: readonly NewRow[]): Sql {
  const tokens = flatTokens(rows)
  return sql`unnest(${int8Array(rows.map((row) => row.person))}::int8[], ${int2Array(rows.map((row) => row.rtype))}::int2[],
      ${textArray(rows.map((row) => row.id))}::text[], ${int4Array(rows.map((row) => row.version))}::int4[],
      ${timestampArray(rows.map((row) => row.updatedMs))}::timestamptz[], ${int8Array(rows.map((row) => row.columns.code))}::int8[],
      ${timestampArray(rows.map((row) => row.columns.date))}::timestamptz[],
      ${int4Array(tokens.first)}::int4[], ${int4Array(tokens.last)}::int4[],
      ${textArray(rows.map((row) => row.source))}::text[], ${textArray(rows.map((row) => row.author))}::text[],
      ${textArray(rows.map((row) => row.body))}::text[])
      n(person, rtype, id, ver, updated, code, date, t1, t2, source, author, body),
      (select ${int8Array(tokens.all)}::int8[] as toks) t`
}

/** Adds rows that were not there. Many go by COPY when the connection can. */
export async function insertRows(
  connection: Connection,
  table: TableName,
  rows: readonly NewRow[],
  copy: boolean,
): Promise<void> {
  if (rows.length === 0) return
  const inserted =
    copy && rows.length >= copyFromRows ? copyRows(connection, table, rows) : sendRows(connection, table, rows)
  await Promise.all([inserted, insertViewRows(connection, rows)])
}

async function sendRows(connection: Connection, table: TableName, rows: readonly NewRow[]): Promise<void> {
  await connection.query(
    sql`insert into ${identifier(table)} (person, rtype, id, ver, updated, code, date, toks, source, author, body)
        select n.person, n.rtype, n.id, n.ver, n.updated, n.code, n.date, t.toks[n.t1:n.t2], n.source, n.author, n.body
        from ${rowsOf(rows)}`,
    `insert_${table}`,
  )
}

async function copyRows(connection: Connection, table: TableName, rows: readonly NewRow[]): Promise<void> {
  const writer = new CopyWriter(11)
  for (const row of rows) {
    writer.row()
    writer.int8(row.person)
    writer.int2(row.rtype)
    writer.text(row.id)
    writer.int4(row.version)
    writer.timestamp(row.updatedMs)
    writer.int8(row.columns.code)
    writer.timestamp(row.columns.date)
    writer.int8Array(row.columns.tokens, row.homeTokens)
    writer.text(row.source)
    writer.text(row.author)
    writer.text(row.body)
  }
  const into = `copy ${table} (person, rtype, id, ver, updated, code, date, toks, source, author, body) from stdin (format binary)`
  await connection.copy(into, writer.chunks())
}

/** Replaces rows in place (same person); the version before must be in history already. */
export async function updateRows(connection: Connection, table: TableName, rows: readonly NewRow[]): Promise<void> {
  if (rows.length === 0) return
  const updated = connection.query(
    sql`update ${identifier(table)} r set ver = n.ver, updated = n.updated, code = n.code, date = n.date,
          toks = t.toks[n.t1:n.t2], source = n.source, author = n.author, body = n.body
        from ${rowsOf(rows)}
        where (r.person, r.rtype, r.id) = (n.person, n.rtype, n.id)`,
    `update_${table}`,
  )
  await Promise.all([updated, replaceViewRows(connection, rows)])
}

/** Copies the current version of rows into history before they change. */
export async function keepHistory(connection: Connection, table: TableName, rows: readonly RowKey[]): Promise<void> {
  if (rows.length === 0) return
  await connection.query(
    sql`insert into ${identifier(`${table}_hist`)} (person, rtype, id, ver, updated, op, source, author, body)
        select r.person, r.rtype, r.id, r.ver, r.updated, case when r.ver = 1 then ${changes.create}::int2 else ${changes.update}::int2 end,
               r.source, r.author, r.body
        from ${identifier(table)} r join ${keysOf(rows)} on (r.person, r.rtype, r.id) = (k.person, k.rtype, k.id)`,
    `history_${table}`,
  )
}

export async function deleteRows(connection: Connection, table: TableName, rows: readonly RowKey[]): Promise<void> {
  if (rows.length === 0) return
  const deleted = connection.query(
    sql`delete from ${identifier(table)} r using ${keysOf(rows)} where (r.person, r.rtype, r.id) = (k.person, k.rtype, k.id)`,
    `delete_${table}`,
  )
  await Promise.all([deleted, clearViewRows(connection, rows)])
}

/** A deleted version: it has a number and a time, and no body. */
export async function insertTombstones(
  connection: Connection,
  table: TableName,
  rows: readonly (RowKey & { readonly version: number; readonly updatedMs: number; readonly author: string })[],
): Promise<void> {
  if (rows.length === 0) return
  await connection.query(
    sql`insert into ${identifier(`${table}_hist`)} (person, rtype, id, ver, updated, op, source, author, body)
        select person, rtype, id, ver, updated, ${changes.delete}::int2, '', author, '' from unnest(
          ${int8Array(rows.map((row) => row.person))}::int8[], ${int2Array(rows.map((row) => row.rtype))}::int2[],
          ${textArray(rows.map((row) => row.id))}::text[], ${int4Array(rows.map((row) => row.version))}::int4[],
          ${timestampArray(rows.map((row) => row.updatedMs))}::timestamptz[], ${textArray(rows.map((row) => row.author))}::text[])
          u(person, rtype, id, ver, updated, author)`,
    `tombstone_${table}`,
  )
}

/** Tells the feed, in the writer's own transaction. */
export async function insertOutbox(
  connection: Connection,
  rows: readonly (Omit<RowKey, 'table'> & { readonly version: number; readonly change: Change })[],
): Promise<void> {
  if (rows.length === 0) return
  await connection.query(
    sql`insert into outbox (person, rtype, id, ver, op) select * from unnest(
          ${int8Array(rows.map((row) => row.person))}::int8[], ${int2Array(rows.map((row) => row.rtype))}::int2[],
          ${textArray(rows.map((row) => row.id))}::text[], ${int4Array(rows.map((row) => row.version))}::int4[],
          ${int2Array(rows.map((row) => changes[row.change]))}::int2[])`,
    'outbox',
  )
}
