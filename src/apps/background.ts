import type { FastifyInstance } from 'fastify'
import type { Log } from '../base/log.ts'
import { tokenSecret } from '../kernel/access/token-secret.ts'
import { runExport } from '../kernel/bulk/export-job.ts'
import { importer } from '../kernel/bulk/import-job.ts'
import { Trimmer } from '../kernel/feed/trimmer.ts'
import { runRequest } from '../kernel/jobs/request-job.ts'
import { JobRunner } from '../kernel/jobs/runner.ts'
import { SearchUpkeep } from '../kernel/search/upkeep.ts'
import type { Store } from '../kernel/store/store.ts'
import { Deliverer, type DeliverySettings } from '../kernel/subscriptions/deliverer.ts'
import { Matcher } from '../kernel/subscriptions/matcher.ts'
import { topicsOf } from '../kernel/subscriptions/topic-catalogue.ts'
import { ViewKeeper } from '../kernel/views/keeper.ts'
import type { Config } from './config.ts'
import { fhirBase } from './fhir-routes.ts'
import { declaredViews } from './server.ts'
import { demoClient, Tokens } from './tokens.ts'
import { websockets } from './websocket.ts'

/** What a server process does beside answering: until `stop`. */
export interface Background {
  stop(): Promise<void>
}

const jobsAtOnce = 2
const hourMs = 3_600_000
/** Largest file that an import fetches. */
const largestFetchedBytes = 64 * 2 ** 30

/** Starts the work of a server process that nobody waits for. Every process of a server does its share. */
export async function startBackground(
  {
    store,
    log,
    config,
    url,
  }: { readonly store: Store; readonly log: Log; readonly config: Config; readonly url: string },
  server: FastifyInstance,
  address: string,
): Promise<Background> {
  const tokens = new Tokens(await tokenSecret(store.database), config.demo ? [demoClient] : [])
  const importing = { url, workers: config.workers, allowed: config.outbound, mostBytes: largestFetchedBytes }
  const handlers = { export: runExport, import: importer(importing), request: runRequest }
  const runner = new JobRunner(store, log, handlers, { atOnce: jobsAtOnce, keepMs: config.jobHours * hourMs })
  const settings: DeliverySettings = {
    base: `${config.url ?? address}${fhirBase}`,
    allowed: config.outbound,
    patienceMs: config.notifyHours * hourMs,
    actorNow: (actor) => Promise.resolve(actor.kind === 'system' && tokens.knows(actor.id) ? actor : undefined),
  }
  const matcher = new Matcher(store, log, () => topicsOf(store.database))
  const deliverer = new Deliverer(store, log, settings)
  const actorOf = (authorization: string | undefined) =>
    tokens.actorOf(authorization, store.clock.now().epochMilliseconds).catch(() => undefined)
  const closeSockets = websockets(server, fhirBase, { store, log, settings, deliverer, actorOf })
  const keeping = { database: store.database, url, log, workers: config.workers }
  const views = new ViewKeeper(keeping, declaredViews, store.feed)
  const upkeep = new SearchUpkeep(store.database, store.feed, log)
  const trimmer = new Trimmer(store, log, { feedDays: config.feedDays, eventDays: config.eventDays })
  const parts = [runner, matcher, deliverer, views, trimmer]
  for (const part of parts) part.start()
  return {
    async stop() {
      closeSockets()
      await Promise.all([upkeep.close(), ...parts.map((part) => part.stop())])
    },
  }
}
