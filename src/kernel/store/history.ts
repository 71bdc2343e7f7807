import { identifier, type Sql, sql } from '../../base/sql.ts'
import { isPersonScoped } from '../search/home.ts'
import { key64, text, whole } from './current.ts'
import type { Connection } from './database.ts'
import { type Change, changes } from './rows.ts'

/** One version of a resource. A deleted one has no body. */
export interface Version {
  readonly person: bigint
  readonly version: number
  readonly updatedMs: number
  readonly change: Change
  readonly body: string
}

/** Versions of one resource, newest first; `visible` is the caller's condition on a row `r`. */
export async function readVersions(
  connection: Pick<Connection, 'query'>,
  at: { readonly type: string; readonly rtype: number; readonly id: string },
  visible: Sql,
  filter: { readonly version?: number; readonly before?: number; readonly limit: number },
): Promise<Version[]> {
  const table = isPersonScoped(at.type) ? 'res' : 'shared'
  const one = filter.version === undefined ? sql`` : sql` and r.ver = ${filter.version}::int4`
  const before = filter.before === undefined ? sql`` : sql` and r.ver < ${filter.before}::int4`
  const columns = sql`r.person, r.ver, (extract(epoch from r.updated) * 1000)::float8 as ms, r.body`
  const which = sql`r.rtype = ${at.rtype}::int2 and r.id = ${at.id}${one}${before} and ${visible}`
  const rows = await connection.query(
    sql`select ${columns}, 0::int2 as op from ${identifier(table)} r where ${which}
        union all
        select ${columns}, r.op from ${identifier(`${table}_hist`)} r where ${which}
        order by ver desc limit ${filter.limit}::int4`,
  )
  return rows.map((row) => ({
    person: key64(row, 'person'),
    version: whole(row, 'ver'),
    updatedMs: Math.round(whole(row, 'ms')),
    change: changeOf(whole(row, 'op'), whole(row, 'ver')),
    body: text(row, 'body'),
  }))
}

function changeOf(op: number, version: number): Change {
  if (op === changes.delete) return 'delete'
  return version === 1 ? 'create' : 'update'
}
