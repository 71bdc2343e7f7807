import { Worker } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { problem } from '../../base/problem.ts'
import type { Database } from '../store/database.ts'
import type { Submission } from '../store/operation.ts'
import { sideTables } from '../store/side-rows.ts'
import { Account } from './account.ts'
import { Loader, missing } from './loader.ts'
import { resourcesIn } from './resources.ts'
import { type Unit, unitsOf } from './units.ts'
import type { WorkerMessage, WorkerStart } from './worker.ts'

export interface IngestOptions {
  readonly url: string
  readonly paths: readonly string[]
  readonly submission: Submission
  readonly workers: number
  /** Told now and then: resources done, and an estimate of all there are. */
  readonly report: (done: number, total: number | undefined) => void
}

/** The account of an import, and references to what is still not stored. */
export interface Ingested {
  readonly account: Account
  readonly missing: readonly string[]
}

/** Parsing makes much that is soon forgotten: room for it saves a tenth of the time. */
const youngMb = 64

/** Rows beyond which the tables are put right at once. */
const settleFrom = 5000

/** Imports files and folders with several workers, and accounts for every resource. Safe to run twice, or again after a kill. */
export async function ingest(database: Database, options: IngestOptions): Promise<Ingested> {
  const units = unitsOf(options.paths)
  const account = new Account()
  const totalBytes = units.reduce((sum, unit) => sum + unit.end - unit.start, 0)
  const state: State = { units, account, bytes: 0, totalBytes, report: options.report }
  const count = Math.max(1, Math.min(options.workers, units.length))
  await Promise.all(Array.from({ length: count }, () => runWorker(options, state)))
  await settleDeferred(database, options.submission, account)
  if (account.stored >= settleFrom) await settle(database)
  return { account, missing: await missing(database, account.missing) }
}

/**
 * Resources that came with a content they had before. When the import also brought what stands now, it holds both the
 * old and the new, as a second run does, and nothing changes. Otherwise the source has gone back, and so does the record.
 */
async function settleDeferred(database: Database, submission: Submission, account: Account): Promise<void> {
  const confirmed = new Set(account.confirmed)
  const waiting = account.deferred.splice(0)
  account.confirmed.length = 0
  const loader = new Loader(database, systemClock, submission, account)
  for (const each of waiting) {
    if (confirmed.has(each.name)) account.unchanged += 1
    else {
      account.found -= 1
      await loader.take(each.file, resourcesIn(each.text, each.place, each.name.split('/')[1]))
    }
  }
  await loader.flush()
}

interface State {
  readonly units: Unit[]
  readonly account: Account
  bytes: number
  readonly totalBytes: number
  readonly report: IngestOptions['report']
}

function runWorker(options: IngestOptions, state: State): Promise<void> {
  const start: WorkerStart = { url: options.url, submission: options.submission }
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: start,
    resourceLimits: { maxYoungGenerationSizeMb: youngMb },
  })
  return new Promise((resolve, reject) => {
    let unit: Unit | undefined
    let counted = 0
    const next = (): void => {
      unit = state.units.shift()
      counted = 0
      worker.postMessage(unit)
    }
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'failed') {
        reject(
          problem('unavailable', `The import stopped: ${message.message}. Run it again: it goes on with the rest.`),
        )
        void worker.terminate()
        return
      }
      state.account.add(message.account)
      const bytes = message.kind === 'progress' ? message.bytes : unitBytes(unit) - counted
      counted += bytes
      state.bytes += bytes
      tell(state)
      if (message.kind === 'done') next()
    })
    worker.on('error', reject)
    worker.on('exit', () => resolve())
    next()
  })
}

const unitBytes = (unit: Unit | undefined): number => (unit === undefined ? 0 : unit.end - unit.start)

/** How many resources there are is not known before the end: it is told from the share of the bytes. */
function tell({ account, bytes, totalBytes, report }: State): void {
  report(
    account.found,
    bytes > 0 ? Math.max(account.found, Math.round((account.found * totalBytes) / bytes)) : undefined,
  )
}

/** After a bulk load statistics, visibility and the token index are put right at once, not in the hour after. */
export async function settle(database: Database): Promise<void> {
  for (const table of ['res', ...sideTables, 'shared', 'match_key', 'outbox', 'feed'] as const)
    await database.settle(table)
}
