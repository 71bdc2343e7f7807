import { Worker } from 'node:worker_threads'
import type { Log } from '../../base/log.ts'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import { text, whole } from '../store/current.ts'
import type { Connection, Database } from '../store/database.ts'
import { textArray } from '../store/wire.ts'
import { buildChunk, countRange, countTable, planChunks, type Range, rangesOf } from './build-chunk.ts'
import type { BuildMessage, BuildTask } from './build-worker.ts'
import { type LiveView, lockViews } from './live-views.ts'
import { rebuildRows } from './maintain.ts'
import { changeViews } from './registry.ts'

/** What building needs. */
export interface Builder {
  readonly database: Database
  readonly url: string
  readonly log: Log
  /** Worker threads. */
  readonly workers: number
}

/** Below so many ranges, starting threads costs more than they save: each loads the definitions and the engine anew. */
const leastRanges = 50

/** Builds a view from wherever an earlier attempt got to, proves its table and puts it in the place of the one before. */
export async function buildView(builder: Builder, view: LiveView): Promise<void> {
  const { database } = builder
  const [row] = await database.read(sql`select planned from live_view where id = ${view.id}::int4`)
  if (row?.['planned'] !== true) await planChunks(database, view)
  await buildAll(builder, view)
  await mendStale(database, view)
  const rows = await proveView(builder, view)
  await goLive(database, view, rows)
}

async function buildAll(builder: Builder, view: LiveView): Promise<void> {
  const { database } = builder
  const [left] = await database.read(sql`select count(*)::int4 as n from live_view_chunk where view = ${view.id}::int4`)
  const ranges = whole(left ?? {}, 'n')
  if (ranges >= leastRanges)
    await inWorkers(
      builder,
      Array.from({ length: builder.workers }, () => ({ view: view.id })),
    )
  while ((await buildChunk(database, view)) !== undefined);
}

async function inWorkers({ url }: Builder, tasks: readonly Omit<BuildTask, 'url'>[]): Promise<number> {
  const counts = await Promise.all(tasks.map((task) => inWorker({ ...task, url })))
  return counts.reduce((sum, n) => sum + n, 0)
}

const inWorker = (workerData: BuildTask): Promise<number> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./build-worker.js', import.meta.url), { workerData })
    worker.on('message', (message: BuildMessage) =>
      message.kind === 'done'
        ? resolve(message.n)
        : reject(problem('unavailable', `A view could not be built: ${message.message}`)),
    )
    worker.on('error', reject)
    worker.on('exit', () => reject(problem('unavailable', 'A view could not be built: its worker ended')))
  })

const mostMended = 1000

/**
 * A range may have brought a version that a writer replaced at the same moment, neither seeing the other. Once every
 * writer of that time has ended, such rows show: their version is not that of the resource.
 */
async function mendStale(database: Database, view: LiveView): Promise<void> {
  await database.transaction(lockViews)
  for (;;) {
    const stale = await database.read(
      sql`select distinct v._id as id from ${view.table} v
          left join ${view.of} r on (r.person, r.rtype, r.id) = (v._person, ${view.rtype}::int2, v._id)
          where r.ver is distinct from v._ver limit ${mostMended}::int4`,
    )
    if (stale.length === 0) return
    const ids = textArray(stale.map((row) => text(row, 'id')))
    await database.transaction((connection) => rebuildRows(connection, view, ids))
  }
}

/** Evaluates everything once more as of one moment, and compares the count with that of the table at the same moment. */
async function proveView(builder: Builder, view: LiveView): Promise<number> {
  const { database } = builder
  return database.transaction(async (connection) => {
    await connection.query(sql`set transaction isolation level repeatable read`)
    const held = await countTable(connection, view)
    const ranges = await rangesOf(connection, view)
    const due =
      ranges.length < leastRanges
        ? await countHere(connection, view, ranges)
        : await countInWorkers(connection, builder, view, ranges)
    if (held !== due) throw problem('fault', `The table of view ${view.name} has ${held} rows and should have ${due}`)
    return held
  })
}

async function countHere(connection: Connection, view: LiveView, ranges: readonly Range[]): Promise<number> {
  let due = 0
  for (const range of ranges) due += await countRange(connection, view, range)
  return due
}

async function countInWorkers(
  connection: Connection,
  builder: Builder,
  view: LiveView,
  ranges: readonly Range[],
): Promise<number> {
  const [row] = await connection.query(sql`select pg_export_snapshot() as snapshot`)
  const snapshot = text(row ?? {}, 'snapshot')
  const tasks = Array.from({ length: builder.workers }, (_, n) => ({
    view: view.id,
    count: { snapshot, ranges: ranges.filter((_range, index) => index % builder.workers === n) },
  }))
  return inWorkers(builder, tasks)
}

/** From here on readers find this table, and the one before is no longer kept. */
async function goLive(database: Database, view: LiveView, rows: number): Promise<void> {
  await changeViews(database, async (connection) => {
    const [row] = await connection.query(
      sql`update live_view set state = 'live', ready = now(), rows = ${rows}::int8 where id = ${view.id}::int4 and state = 'building' returning id`,
    )
    if (row === undefined) return
    await connection.query(
      sql`update live_view set state = 'retired' where source = ${view.source} and id < ${view.id}::int4 and state in ('building', 'live')`,
    )
  })
}
