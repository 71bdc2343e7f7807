import { sql } from '../../base/sql.ts'
import { text, whole } from '../store/current.ts'
import type { Connection, Database } from '../store/database.ts'
import type { LiveView } from './live-views.ts'
import { storedResource, writeRows } from './maintain.ts'

/** Resources that are read, evaluated and written in one transaction. */
const chunkResources = 2000

/** Beyond every id. */
const afterAll = '~'

/** Cuts what a view is to be built from into ranges of ids; what is written later, writers bring. */
export async function planChunks(database: Database, view: LiveView): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.query(
      sql`insert into live_view_chunk (view, low, high)
          select ${view.id}::int4, coalesce(lag(id) over (order by id), ''), id from (
            select id from (select id, row_number() over (order by id) as n from ${view.of} where rtype = ${view.rtype}::int2) numbered
            where n % ${chunkResources}::int8 = 0 union all select ${afterAll}::text collate "C") ends`,
    )
    await connection.query(sql`update live_view set planned = true where id = ${view.id}::int4`)
  })
}

/**
 * Builds one range of a view, all or nothing; the lock on the range's row is the lease, gone with the process. Answers
 * how many resources it held; undefined when no range is left to take.
 */
export async function buildChunk(database: Database, view: LiveView): Promise<number | undefined> {
  return database.transaction(async (connection) => {
    const [chunk] = await connection.query(
      sql`select low, high from live_view_chunk where view = ${view.id}::int4 order by low limit 1 for update skip locked`,
      'view_chunk',
    )
    if (chunk === undefined) return undefined
    const low = text(chunk, 'low')
    const rows = await readRange(connection, view, low, text(chunk, 'high'))
    await Promise.all([
      ...writeRows(connection, view, rows.map(storedResource), 'keep'),
      connection.query(
        sql`delete from live_view_chunk where view = ${view.id}::int4 and low = ${low}`,
        'view_chunk_done',
      ),
      connection.query(
        sql`update live_view set resources = resources + ${rows.length}::int8 where id = ${view.id}::int4`,
        'view_progress',
      ),
    ])
    return rows.length
  })
}

const readRange = (connection: Pick<Connection, 'query'>, view: LiveView, low: string, high: string) =>
  connection.query(
    sql`select r.person, r.id, r.ver, r.body from ${view.of} r where r.rtype = ${view.rtype}::int2 and r.id > ${low} and r.id <= ${high}`,
    view.of.text === 'res' ? 'view_range_res' : 'view_range_shared',
  )

/** A range of ids whose rows are to be counted as of a snapshot. */
export interface Range {
  readonly low: string
  readonly high: string
}

/** The ranges that hold everything now, for the proof. */
export async function rangesOf(connection: Pick<Connection, 'query'>, view: LiveView): Promise<readonly Range[]> {
  const rows = await connection.query(
    sql`select id from (select id, row_number() over (order by id) as n from ${view.of} where rtype = ${view.rtype}::int2) numbered
        where n % ${chunkResources}::int8 = 0 order by id`,
  )
  const ends = [...rows.map((row) => text(row, 'id')), afterAll]
  return ends.map((high, index) => ({ low: ends[index - 1] ?? '', high }))
}

/** Works out how many rows a view has for a range, without looking at its table. */
export async function countRange(
  connection: Pick<Connection, 'query'>,
  view: LiveView,
  { low, high }: Range,
): Promise<number> {
  let count = 0
  for (const row of await readRange(connection, view, low, high))
    try {
      count += view.view.rowsOf(storedResource(row).resource).length
    } catch {
      count += 1
    }
  return count
}

/** Rows there are in a view's table, those that tell of a fault included. */
export async function countTable(connection: Pick<Connection, 'query'>, view: LiveView): Promise<number> {
  const [row] = await connection.query(sql`select count(*)::float8 as n from ${view.table}`)
  return whole(row ?? {}, 'n')
}
