import { type Sql, sql } from '../../base/sql.ts'
import { key64, text } from '../store/current.ts'
import type { Connection } from '../store/database.ts'

/** Which resources changed after an instant: `changed` of a current row `r`; `deleted` as rows (person, rtype, id, ver). */
export interface Since {
  readonly changed: Sql
  readonly deleted: Sql
}

const deletion = 3

/**
 * Follows the feed where it reaches back far enough: a write that committed late has a place in it, whatever its own
 * time says, so two exports in a row miss nothing between them. An instant before the feed goes by the rows' times.
 */
export async function since(connection: Pick<Connection, 'query'>, instant: string): Promise<Since> {
  const position = await positionAt(connection, instant)
  if (position === undefined) return byTime(instant)
  const keys = sql`(select rtype, id from feed where pos > ${position}::int8 union select rtype, id from outbox)`
  const gone = sql`(select person, rtype, id, ver, op from feed where pos > ${position}::int8
    union all select person, rtype, id, ver, op from outbox)`
  return {
    changed: sql`(r.rtype, r.id) in ${keys}`,
    deleted: sql`select distinct on (g.rtype, g.id) g.person, g.rtype, g.id, g.ver from ${gone} g where g.op = ${deletion}::int2 order by g.rtype, g.id, g.ver desc`,
  }
}

const byTime = (instant: string): Since => ({
  changed: sql`r.updated > ${instant}::timestamptz`,
  deleted: sql`select distinct on (h.rtype, h.id) h.person, h.rtype, h.id, h.ver from
    (select person, rtype, id, ver, updated, op from res_hist union all select person, rtype, id, ver, updated, op from shared_hist) h
    where h.op = ${deletion}::int2 and h.updated > ${instant}::timestamptz order by h.rtype, h.id, h.ver desc`,
})

/** Where the feed was at an instant: exactly, when an export said so; else the last place that is surely before it. */
async function positionAt(connection: Pick<Connection, 'query'>, instant: string): Promise<bigint | undefined> {
  const known = await connection.query(
    sql`select min((checkpoint->>'position')::int8) as pos from job where kind = 'export' and checkpoint->>'transactionTime' = ${instant}`,
  )
  if (typeof known[0]?.['pos'] === 'bigint') return known[0]['pos']
  const [ends] = await connection.query(
    sql`select coalesce(min(pos), 0) as low, coalesce(max(pos), 0) as high from feed`,
  )
  let low = key64(ends ?? {}, 'low')
  let high = key64(ends ?? {}, 'high')
  if (high === 0n || !(await before(connection, low, instant))) return low <= 1n && high > 0n ? 0n : undefined
  // The feed's times grow with its positions: the last one before the instant is found by halving.
  while (high - low > 1n) {
    const middle = low + (high - low) / 2n
    if (await before(connection, middle, instant)) low = middle
    else high = middle
  }
  return (await before(connection, high, instant)) ? high : low
}

async function before(connection: Pick<Connection, 'query'>, position: bigint, instant: string): Promise<boolean> {
  const [row] = await connection.query(
    sql`select (at < ${instant}::timestamptz)::text as earlier from feed where pos >= ${position}::int8 order by pos limit 1`,
    'feed_before',
  )
  return text(row ?? {}, 'earlier') === 'true'
}
