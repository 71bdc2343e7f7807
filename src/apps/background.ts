import type { Log } from '../base/log.ts'
import { runExport } from '../kernel/bulk/export-job.ts'
import { JobRunner } from '../kernel/jobs/runner.ts'
import type { Store } from '../kernel/store/store.ts'
import { ViewKeeper } from '../kernel/views/keeper.ts'
import type { Config } from './config.ts'
import { declaredViews } from './server.ts'

/** What a server process does beside answering: until `stop`. */
export interface Background {
  stop(): Promise<void>
}

const jobsAtOnce = 2
const hourMs = 3_600_000

/** Starts the work of a server process that nobody waits for. Every process of a server does its share. */
export function startBackground(store: Store, log: Log, config: Config, url: string): Background {
  const handlers = { export: runExport, import: runExport, request: runExport }
  const runner = new JobRunner(store, log, handlers, { atOnce: jobsAtOnce, keepMs: config.jobHours * hourMs })
  runner.start()
  const views = new ViewKeeper(
    { database: store.database, url, log, workers: config.workers },
    declaredViews,
    store.feed,
  )
  views.start()
  return {
    async stop() {
      await Promise.all([runner.stop(), views.stop()])
    },
  }
}
