import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { newHome } from '../support/embedded.ts'
import { type CommandProcess, type ServerProcess, startCommand, startServer } from '../support/server-process.ts'
import { acknowledgedIsThere, feedAgrees, historyIsWhole, nothingIsHalfThere } from './checks.ts'
import { FeedReader } from './feed-reader.ts'
import { Ledger } from './ledger.ts'
import { keptPatients, observation, startWriters, writeOnce } from './writers.ts'

// Kills without warning, at random moments, while records are written: `LINCHPIN_LONG=1` for fifty rounds.

const long = process.env['LINCHPIN_LONG'] === '1'
const rounds = long ? 50 : 5
const victims = [
  'server',
  'postgres',
  'server during an import',
  'postgres during an import',
  'both server and postgres',
] as const
const importedEach = 1500

const home = newHome()
const ledger = new Ledger()
const held: { server?: ServerProcess; reader?: FeedReader } = {}

test(`after each of ${rounds} kills everything acknowledged is there, nothing is half there, and the feed agrees`, {
  timeout: rounds * 40_000,
}, async (t) => {
  t.after(async () => {
    await held.reader?.stop()
    await held.server?.stop()
  })
  let server = await startServer(home)
  held.server = server
  const reader = new FeedReader(server.databaseUrl)
  held.reader = reader
  reader.start()
  for (const [n, patient] of keptPatients.entries())
    await writeOnce(server.origin, ledger, `Patient/kept-${n}`, patient)
  for (let round = 0; round < rounds; round += 1) {
    const victim = victims[round % victims.length] ?? victims[0]
    const before = ledger.acknowledged.length
    const imported = victim.endsWith('import') ? importOf(round) : undefined
    server = await strike(server, victim, imported)
    held.server = server
    if (imported !== undefined) await finishes(imported)
    await agrees(server, before, reader)
    const acknowledged = ledger.acknowledged.length - before
    assert.ok(acknowledged > 0, 'something was written before the kill')
    if (long)
      t.diagnostic(
        `round ${round + 1}, ${victim}: ${acknowledged} acknowledged, back in ${Math.round(server.startedMs)} ms`,
      )
  }
  assert.deepEqual(ledger.surprises, [])
  const database = await connect(server)
  await acknowledgedIsThere(database, ledger.acknowledged)
  await checksFindFaults(database)
  await database.end()
})

/** A check that finds nothing proves something only if it would find a fault. */
async function checksFindFaults(database: Client): Promise<void> {
  const { acknowledged } = ledger
  const faults: readonly (readonly [statement: string, check: () => Promise<void>])[] = [
    ['delete from res_hist where ver = 1', () => historyIsWhole(database)],
    ['delete from res_hist where ver = 1', () => acknowledgedIsThere(database, acknowledged)],
    ['delete from audit', () => acknowledgedIsThere(database, acknowledged)],
    [`delete from res where body like '%"text":"2"%'`, () => nothingIsHalfThere(database, acknowledged)],
    ['delete from feed where pos = 7', () => feedAgrees(database)],
    ['update feed set pos = -pos', () => feedAgrees(database)],
    ['update feed set ver = 2 where pos = 7', () => feedAgrees(database)],
  ]
  for (const [statement, check] of faults) {
    await database.query('begin')
    await database.query(statement)
    await assert.rejects(check, assert.AssertionError, statement)
    await database.query('rollback')
  }
}

/** Kills while the writers are at work. Answers the server that goes on. */
async function strike(server: ServerProcess, victim: string, imported: Import | undefined): Promise<ServerProcess> {
  const writers = await startWriters(server.origin, ledger, 6)
  try {
    imported?.start()
    await sleep(150 + Math.random() * (imported === undefined ? 1200 : 2000))
    if (victim.includes('postgres')) process.kill(server.postgresPid, 'SIGKILL')
    if (victim.startsWith('postgres')) await writtenAgain(ledger.acknowledged.length)
    else await server.kill()
    if (victim === 'server during an import') imported?.kill()
  } finally {
    await writers.stop()
  }
  return victim.startsWith('postgres') ? server : startServer(home)
}

/** The server starts its database again by itself, and the writers' requests succeed again. */
async function writtenAgain(before: number): Promise<void> {
  const patienceMs = 30_000
  const until = performance.now() + patienceMs
  // One may have been under way to its answer when the blow fell.
  while (ledger.acknowledged.length < before + 20) {
    assert.ok(performance.now() < until, 'the server does not come back after its database was killed')
    await sleep(20)
  }
}

interface Import {
  start(): void
  kill(): void
  again(): Promise<{ readonly status: number | null; readonly out: string }>
}

/** Two files of their own for each round. */
function importOf(round: number): Import {
  const paths = [0, 1].map((part) => {
    const path = join(home, `round-${round}-${part}.ndjson`)
    const lines = Array.from({ length: importedEach }, (_, n) =>
      observation('Patient/kept-1', n, `"id":"in-${round}-${part}-${n}",`),
    )
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  })
  let running: CommandProcess | undefined
  return {
    start: () => {
      running = startCommand(home, ['import', ...paths])
    },
    kill: () => running?.kill(),
    again: async () => {
      await running?.ended
      return startCommand(home, ['import', ...paths]).ended
    },
  }
}

/** An import that was cut off finishes the rest, and accounts for all. */
async function finishes(imported: Import): Promise<void> {
  const { status, out } = await imported.again()
  assert.equal(status, 0, out)
  const count = (what: RegExp): number => Number(what.exec(out)?.[1])
  assert.equal(count(/Found (\d+) resources/), 2 * importedEach)
  assert.equal(count(/(\d+) stored/) + count(/(\d+) unchanged/), 2 * importedEach)
}

async function agrees(server: ServerProcess, from: number, reader: FeedReader): Promise<void> {
  const database = await connect(server)
  try {
    await acknowledgedIsThere(database, ledger.acknowledged.slice(from))
    await nothingIsHalfThere(database, ledger.acknowledged)
    await historyIsWhole(database)
    await feedAgrees(database)
    await reader.hasSeenAll(database)
  } finally {
    await database.end()
  }
}

async function connect({ databaseUrl }: ServerProcess): Promise<Client> {
  const client = new Client({ connectionString: databaseUrl })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
