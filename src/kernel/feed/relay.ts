import type pg from 'pg'

/** Session lock that elects the one relay of a database. */
const relayLock = 7002
const mostInOneBatch = 2000

/** Channel on which the relay tells other processes how far the feed reaches. */
export const feedChannel = 'linchpin_feed'

/** Tries to become the relay on this connection; it stays so until the connection ends. */
export async function electRelay(client: pg.Client): Promise<boolean> {
  const result = await client.query<{ elected: boolean }>('select pg_try_advisory_lock($1) as elected', [relayLock])
  return result.rows[0]?.elected === true
}

export async function lastPosition(client: Pick<pg.Client, 'query'>): Promise<bigint> {
  const result = await client.query<{ pos: bigint | null }>('select max(pos) as pos from feed')
  return result.rows[0]?.pos ?? 0n
}

/**
 * Moves committed outbox rows into the feed and gives them their final positions, in one transaction. It sees a row only
 * once its writer has committed, and it alone hands out positions: `pos > cursor` has no gap that fills later.
 * Answers the new last position.
 */
export async function relayBatch(client: pg.Client, last: bigint, nowMs: number): Promise<bigint> {
  const moved = await client.query<{ pos: bigint | null }>({
    name: 'relay',
    text: `with d as (delete from outbox where seq = any(array(select seq from outbox order by seq limit ${mostInOneBatch}))
             returning seq, person, rtype, id, ver, op),
           f as (insert into feed (pos, person, rtype, id, ver, op, at)
             select $1::int8 + row_number() over (order by seq), person, rtype, id, ver, op, to_timestamp($2::float8 / 1000) from d
             returning pos)
           select max(pos) as pos from f`,
    values: [last, nowMs],
  })
  const pos = moved.rows[0]?.pos ?? null
  if (pos === null) return last
  await client.query(`select pg_notify('${feedChannel}', $1)`, [String(pos)])
  return pos
}
