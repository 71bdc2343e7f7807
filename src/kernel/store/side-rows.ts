import { identifier, type Sql, sql } from '../../base/sql.ts'
import type { Connection } from './database.ts'
import { keysOf, type NewRow, type RowKey } from './rows.ts'
import { int2Array, int8Array, textArray, timestampArray } from './wire.ts'

/** Tables that hold search values beside the rows they belong to. */
export const sideTables = ['res_str', 'res_date', 'res_num'] as const

/** Strings, dates and numbers of new rows; `clearSideRows` must have removed those of the version before. */
export async function insertSideRows(connection: Connection, rows: readonly NewRow[]): Promise<void> {
  await Promise.all([insertStrings(connection, rows), insertDates(connection, rows), insertNumbers(connection, rows)])
}

/** Removes the search values of rows that change or go. */
export async function clearSideRows(connection: Connection, rows: readonly RowKey[]): Promise<void> {
  if (rows.length === 0) return
  await Promise.all(
    sideTables.map((side) =>
      connection.query(
        sql`delete from ${identifier(side)} s using ${keysOf(rows)} where (s.person, s.rtype, s.id) = (k.person, k.rtype, k.id)`,
        `clear_${side}`,
      ),
    ),
  )
}

interface Owned {
  readonly row: NewRow
  readonly key: bigint
}

const owner = (all: readonly Owned[]): Sql =>
  sql`${int8Array(all.map((each) => each.row.person))}::int8[], ${int8Array(all.map((each) => each.key))}::int8[],
      ${int2Array(all.map((each) => each.row.rtype))}::int2[], ${textArray(all.map((each) => each.row.id))}::text[]`

async function insertStrings(connection: Connection, rows: readonly NewRow[]): Promise<void> {
  const all = rows.flatMap((row) => row.columns.strings.map((each) => ({ row, ...each })))
  if (all.length === 0) return
  await connection.query(
    sql`insert into res_str (person, key, rtype, id, val, raw, whole)
        select person, key, rtype, id, val, raw, nullif(whole, '') from unnest(${owner(all)},
          ${textArray(all.map((each) => each.value))}::text[], ${int8Array(all.map((each) => each.raw))}::int8[],
          ${textArray(all.map((each) => each.whole ?? ''))}::text[]) n(person, key, rtype, id, val, raw, whole)`,
    'insert_str',
  )
}

async function insertDates(connection: Connection, rows: readonly NewRow[]): Promise<void> {
  const all = rows.flatMap((row) => row.columns.dates.map((each) => ({ row, ...each })))
  if (all.length === 0) return
  await connection.query(
    sql`insert into res_date (person, key, rtype, id, low, high) select * from unnest(${owner(all)},
          ${timestampArray(all.map((each) => each.low))}::timestamptz[],
          ${timestampArray(all.map((each) => each.high))}::timestamptz[])`,
    'insert_date',
  )
}

async function insertNumbers(connection: Connection, rows: readonly NewRow[]): Promise<void> {
  const all = rows.flatMap((row) => row.columns.numbers.map((each) => ({ row, ...each })))
  if (all.length === 0) return
  await connection.query(
    sql`insert into res_num (person, key, rtype, id, low, high, coded, code, unit, canon, canon_low, canon_high)
        select person, key, rtype, id, low::numeric, high::numeric, coded, code, unit, nullif(canon, 0),
          nullif(canon_low, '')::numeric, nullif(canon_high, '')::numeric from unnest(${owner(all)},
          ${textArray(all.map((each) => each.low))}::text[], ${textArray(all.map((each) => each.high))}::text[],
          ${int8Array(all.map((each) => each.coded))}::int8[], ${int8Array(all.map((each) => each.code))}::int8[],
          ${int8Array(all.map((each) => each.unit))}::int8[], ${int8Array(all.map((each) => each.canonical?.unit ?? 0n))}::int8[],
          ${textArray(all.map((each) => each.canonical?.low ?? ''))}::text[],
          ${textArray(all.map((each) => each.canonical?.high ?? ''))}::text[])
          n(person, key, rtype, id, low, high, coded, code, unit, canon, canon_low, canon_high)`,
    'insert_num',
  )
}
