import cluster from 'node:cluster'
import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { claimHome } from '../../kernel/store/embedded/claim.ts'
import { migrate } from '../../kernel/store/migrate.ts'
import { openStore } from '../../kernel/store/store.ts'
import type { Persona } from '../../platform/page.ts'
import { startBackground } from '../background.ts'
import { type Command, type ExitStatus, exitStatus } from '../command.ts'
import type { Config } from '../config.ts'
import { openDatabase } from '../database.ts'
import { personas, seedDemo } from '../demo.ts'
import { drainOf } from '../drain.ts'
import { fillDemo } from '../fill-demo.ts'
import { makeMetrics } from '../metrics.ts'
import { packagesOf } from '../packages.ts'
import { makeServer } from '../server.ts'
import { supervise } from '../supervisor.ts'
import { WorkerChannel } from '../worker-channel.ts'

/** `linchpin serve`: the server, until it is told to stop. */
export const serve: Command = {
  name: 'serve',
  summary: 'Start the server',
  parameters: '',
  atLeast: 0,
  options: {},
  help: `Starts the embedded database unless DATABASE_URL names your own, brings its schema up to date, puts the demo people into
an empty demo database, and listens on HOST and PORT with LINCHPIN_WORKERS processes. Ctrl+C or SIGTERM ends it: requests
under way are answered first. SIGHUP replaces the processes one after another, without losing a request.`,
  async run({ config, log, print }) {
    if (cluster.isWorker) return serveHere(config, log, print)
    const claim = config.databaseUrl === undefined ? claimHome(config.home, systemClock.now()) : undefined
    const announce = (address: string): void => claim?.announce(address)
    try {
      if (config.workers === 1) return await serveHere(config, log, print, announce)
      return (await supervise(config.workers, log, announce)) ? exitStatus.done : exitStatus.unable
    } finally {
      claim?.release()
    }
  },
}

/** Serves in this process until it is told to stop. */
async function serveHere(
  config: Config,
  log: Log,
  print: (line: string) => void,
  announce?: (address: string) => void,
): Promise<ExitStatus> {
  const database = await openDatabase(config, log)
  try {
    await migrate(database.url, log)
    await listenUntilStopped(config, log, database.url, print, announce)
    return exitStatus.done
  } finally {
    await database.close()
  }
}

/** A process that shares its port gives callers this long to come back on a new connection. */
const graceMs = 1_000

async function listenUntilStopped(
  config: Config,
  log: Log,
  url: string,
  print: (line: string) => void,
  announce: ((address: string) => void) | undefined,
): Promise<void> {
  const speaks = cluster.worker === undefined || cluster.worker.id === 1
  const store = openStore(url, log, systemClock, {
    relay: true,
    home: config.home,
    references: config.references,
    packages: packagesOf(config, log),
  })
  try {
    await store.feed.start()
    if (config.demo) {
      const seeded = await seedDemo(store, config.seedPeople)
      if (seeded > 0) print(`Filled the empty database with made-up people: ${seeded} resources`)
    }
    const people = config.demo ? await personas(store) : []
    const metrics = makeMetrics()
    const channel = cluster.isWorker ? new WorkerChannel(metrics) : undefined
    const allFigures = () => channel?.allFigures() ?? metrics.text()
    const web = { store, clock: systemClock, log, demo: config.demo, metrics: { ...metrics, text: allFigures } }
    const server = await makeServer(web, people)
    const drain = drainOf(server)
    const stopped = stopSignal()
    const address = await server.listen({ host: config.host, port: config.port })
    announce?.(address)
    channel?.listening(address)
    if (speaks) welcome(config.demo ? people : undefined, address, print)
    const background = await startBackground({ store, log, config, url }, server, address)
    const filling = speaks && config.demo ? fillDemo(store, log, config, url, print) : undefined
    await stopped
    if (speaks) print('Stopping: requests under way are answered first')
    await Promise.all([drain(cluster.isWorker ? graceMs : 0), background.stop(), filling?.stop()])
  } finally {
    await store.close()
  }
}

function welcome(people: readonly Persona[] | undefined, address: string, print: (line: string) => void): void {
  print(`Linchpin is at ${address}`)
  if (people === undefined) return
  print(`Sign in as one of the made-up people at ${address}/auth/demo:`)
  for (const { actor, place } of people) print(`  ${actor.name}, ${place}`)
  print(`API: ${address}/fhir/R4, client "demo", secret "demo", token from ${address}/auth/token`)
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}
