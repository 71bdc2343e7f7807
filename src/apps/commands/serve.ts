import type { FastifyInstance } from 'fastify'
import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { claimHome } from '../../kernel/store/embedded/claim.ts'
import { migrate } from '../../kernel/store/migrate.ts'
import { openStore } from '../../kernel/store/store.ts'
import type { Persona } from '../../platform/page.ts'
import { startBackground } from '../background.ts'
import { type Command, exitStatus } from '../command.ts'
import type { Config } from '../config.ts'
import { openDatabase } from '../database.ts'
import { personas, seedDemo } from '../demo.ts'
import { makeServer } from '../server.ts'

/** `linchpin serve`: the server, until it is told to stop. */
export const serve: Command = {
  name: 'serve',
  summary: 'Start the server',
  parameters: '',
  atLeast: 0,
  options: {},
  help: `Starts the embedded database unless DATABASE_URL names your own, brings its schema up to date, fills an empty demo
database with made-up people, and listens on HOST and PORT. Ctrl+C or SIGTERM ends it: requests under way are answered first.`,
  async run({ config, log, print }) {
    const claim = config.databaseUrl === undefined ? claimHome(config.home, systemClock.now()) : undefined
    try {
      const database = await openDatabase(config, log)
      try {
        await migrate(database.url, log)
        await listenUntilStopped(config, log, database.url, print, (address) => claim?.announce(address))
        return exitStatus.done
      } finally {
        await database.close()
      }
    } finally {
      claim?.release()
    }
  },
}

async function listenUntilStopped(
  config: Config,
  log: Log,
  url: string,
  print: (line: string) => void,
  announce: (address: string) => void,
): Promise<void> {
  const store = openStore(url, log, systemClock, { relay: true, home: config.home })
  try {
    await store.feed.start()
    if (config.demo) {
      const seeded = await seedDemo(store, config.seedPeople)
      if (seeded > 0) print(`Filled the empty database with made-up people: ${seeded} resources`)
    }
    const people = config.demo ? await personas(store) : []
    const server = await makeServer({ store, clock: systemClock, log, demo: config.demo }, people)
    const stopped = stopSignal()
    const address = await server.listen({ host: config.host, port: config.port })
    announce(address)
    print(`Linchpin is at ${address}`)
    if (config.demo) welcome(people, address, print)
    const background = startBackground(store, log, config)
    await stopped
    print('Stopping: requests under way are answered first')
    await close(server)
    await background.stop()
  } finally {
    await store.close()
  }
}

function welcome(people: readonly Persona[], address: string, print: (line: string) => void): void {
  print(`Sign in as one of the made-up people at ${address}/auth/demo:`)
  for (const { actor, place } of people) print(`  ${actor.name}, ${place}`)
  print(`API: ${address}/fhir/R4, client "demo", secret "demo", token from ${address}/auth/token`)
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

const drainMs = 10_000

/** Open live streams would keep the server up for ever: after a while they are cut, and pages connect again. */
async function close(server: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), drainMs)
  await server.close()
  clearTimeout(cut)
}
