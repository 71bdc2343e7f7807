import { identifier, sql } from '../../base/sql.ts'
import { typeName } from '../fhir/resource-types.ts'
import { isPersonScoped } from '../search/home.ts'
import type { Connection, Row } from './database.ts'
import { type CurrentRow, nameOf } from './operation.ts'
import type { TableName } from './rows.ts'
import { int2Array, textArray } from './wire.ts'

/** A resource's number of type and id. */
export interface Target {
  readonly rtype: number
  readonly id: string
}

export const text = (row: Row, column: string): string => {
  const value = row[column]
  return typeof value === 'string' ? value : ''
}

export const whole = (row: Row, column: string): number => Number(row[column] ?? 0)

export const key64 = (row: Row, column: string): bigint => {
  const value = row[column]
  return typeof value === 'bigint' ? value : 0n
}

const rowName = (row: Row): string => nameOf(typeName(whole(row, 'rtype')) ?? '', text(row, 'id'))

const targetsOf = (targets: readonly Target[]) =>
  sql`unnest(${int2Array(targets.map((each) => each.rtype))}::int2[], ${textArray(targets.map((each) => each.id))}::text[]) k(rtype, id)`

/** Columns that make a `CurrentRow`, of a table known as `r`. */
export const currentColumns = sql`r.person, r.rtype, r.id, r.ver, (extract(epoch from r.updated) * 1000)::float8 as ms, r.source, r.author, r.body`

export const currentRow = (table: TableName, row: Row): CurrentRow => ({
  table,
  person: key64(row, 'person'),
  rtype: whole(row, 'rtype'),
  id: text(row, 'id'),
  version: whole(row, 'ver'),
  updatedMs: Math.round(whole(row, 'ms')),
  source: text(row, 'source'),
  author: text(row, 'author'),
  body: text(row, 'body'),
})

/** The rows as they stand, by name. */
export async function readCurrent(
  connection: Connection,
  table: TableName,
  targets: readonly Target[],
): Promise<Map<string, CurrentRow>> {
  if (targets.length === 0) return new Map()
  const rows = await connection.query(
    sql`select ${currentColumns} from ${targetsOf(targets)} join ${identifier(table)} r using (rtype, id)`,
    `current_${table}`,
  )
  return new Map(rows.map((row) => [rowName(row), currentRow(table, row)]))
}

/** The last version number of rows that were deleted, so that a new life goes on counting. */
export async function readLastVersions(
  connection: Connection,
  table: TableName,
  targets: readonly Target[],
): Promise<Map<string, number>> {
  if (targets.length === 0) return new Map()
  const rows = await connection.query(
    sql`select h.rtype, h.id, max(h.ver) as ver from ${targetsOf(targets)} join ${identifier(`${table}_hist`)} h using (rtype, id)
        group by h.rtype, h.id`,
    `last_${table}`,
  )
  return new Map(rows.map((row) => [rowName(row), whole(row, 'ver')]))
}

/** Where a row lives and who sent it: what rows that point to it inherit. */
export interface Home {
  readonly person: bigint
  readonly source: string
}

/**
 * Homes of person-scoped rows, by name. Rows that others only `refer` to come with them, those that all share among them:
 * a name that is missing from the answer is not stored.
 */
export async function readHomes(
  connection: Connection,
  homes: readonly Target[],
  referred: readonly Target[] = [],
): Promise<Map<string, Home>> {
  const all = [...new Map([...homes, ...referred].map((target) => [`${target.rtype}/${target.id}`, target])).values()]
  const personal = all.filter(({ rtype }) => isPersonScoped(typeName(rtype) ?? ''))
  const shared = all.filter(({ rtype }) => !isPersonScoped(typeName(rtype) ?? ''))
  if (all.length === 0) return new Map()
  const own = sql`select r.rtype, r.id, r.person, r.source from ${targetsOf(personal)} join res r using (rtype, id)`
  const rows = await (shared.length === 0
    ? connection.query(own, 'homes')
    : connection.query(
        sql`${own} union all select s.rtype, s.id, 0, '' from ${targetsOf(shared)} join shared s using (rtype, id)`,
        'homes_shared',
      ))
  return new Map(rows.map((row) => [rowName(row), { person: key64(row, 'person'), source: text(row, 'source') }]))
}
