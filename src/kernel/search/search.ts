import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { conditionOf } from './condition.ts'
import { isPersonScoped } from './home.ts'
import type { SearchQuery } from './query.ts'

/** A resource found, as stored. */
export interface Found {
  readonly person: bigint
  readonly id: string
  readonly version: number
  readonly body: string
}

export interface FoundPage {
  readonly found: readonly Found[]
  readonly more: boolean
  readonly total?: number
}

/** Runs a search: criteria and what the caller may see are one statement. `visible` is a condition on a row `r`. */
export async function search(
  connection: Pick<Connection, 'query'>,
  query: SearchQuery,
  visible: Sql,
): Promise<FoundPage> {
  const table = identifier(isPersonScoped(query.type) ? 'res' : 'shared')
  const conditions = query.criteria.map((criterion) => conditionOf(query.type, criterion))
  const where = join([sql`r.rtype = ${typeNumber(query.type) ?? 0}::int2`, ...conditions, visible], ' and ')
  const after = query.after === undefined ? sql`` : sql` and r.id > ${query.after}`
  const [rows, totals] = await Promise.all([
    connection.query(
      sql`select r.person, r.id, r.ver, r.body from ${table} r where ${where}${after} order by r.id limit ${query.count + 1}::int4`,
    ),
    query.total ? connection.query(sql`select count(*) as n from ${table} r where ${where}`) : undefined,
  ])
  const found = rows.slice(0, query.count).map((row) => ({
    person: key64(row, 'person'),
    id: text(row, 'id'),
    version: whole(row, 'ver'),
    body: text(row, 'body'),
  }))
  const total = totals?.[0] === undefined ? {} : { total: whole(totals[0], 'n') }
  return { found, more: rows.length > query.count, ...total }
}
