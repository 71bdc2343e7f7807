import { parentPort, workerData } from 'node:worker_threads'
import { makeLog } from '../../base/log.ts'
import { Sql, sql } from '../../base/sql.ts'
import { Database } from '../store/database.ts'
import { buildChunk, countRange, type Range } from './build-chunk.ts'
import { readLiveView } from './live-views.ts'

/** What a worker starts with: build what is left of a view, or count ranges as of a snapshot. */
export interface BuildTask {
  readonly url: string
  readonly view: number
  readonly count?: { readonly snapshot: string; readonly ranges: readonly Range[] }
}

/** What a worker tells at its end: resources built, or rows counted. */
export type BuildMessage =
  | { readonly kind: 'done'; readonly n: number }
  | { readonly kind: 'failed'; readonly message: string }

const port = parentPort
if (port !== null) {
  const task = workerData as BuildTask
  const tell = (message: BuildMessage): void => port.postMessage(message)
  work(task).then(
    (n) => tell({ kind: 'done', n }),
    (error: unknown) => tell({ kind: 'failed', message: error instanceof Error ? error.message : 'unknown' }),
  )
}

async function work({ url, view: id, count }: BuildTask): Promise<number> {
  const database = new Database(url, makeLog('warn'), 'linchpin-views')
  try {
    const view = await readLiveView(database.reading, id)
    if (view === undefined) return 0
    let n = 0
    if (count === undefined) {
      for (let built = await buildChunk(database, view); built !== undefined; built = await buildChunk(database, view))
        n += built
      return n
    }
    return await database.transaction(async (connection) => {
      await connection.query(sql`set transaction isolation level repeatable read`)
      await connection.query(snapshotOf(count.snapshot))
      for (const range of count.ranges) n += await countRange(connection, view, range)
      return n
    })
  } finally {
    await database.close()
  }
}

/** PostgreSQL takes no parameter here. */
function snapshotOf(snapshot: string): Sql {
  if (!/^[0-9A-Fa-f-]+$/.test(snapshot)) throw new Error('Not a snapshot')
  return new Sql([`set transaction snapshot '${snapshot}'`], [])
}
