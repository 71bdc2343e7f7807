import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { makeLog } from '../../src/base/log.ts'
import { isAlive, readPostmaster } from '../../src/kernel/store/embedded/postmaster.ts'
import { startEmbedded } from '../../src/kernel/store/embedded/server.ts'
import { migrate } from '../../src/kernel/store/migrate.ts'

/** A database of a test's own, migrated and empty. */
export interface TestDatabase {
  readonly url: string
  close(): Promise<void>
}

/**
 * Makes a database for one test. The first call starts a PostgreSQL for the whole test process, or uses the server of
 * TEST_DATABASE_URL, and migrates a template; every call copies it, in a few hundredths of a second.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const { administrator, template } = await running()
  return copyOf(administrator, template)
}

/** Makes a database with nothing in it, for tests of the migrations themselves. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const { administrator } = await running()
  return copyOf(administrator, 'template1')
}

interface Running {
  /** Connection string of the database that the others are made from. */
  readonly administrator: string
  readonly template: string
  stop(): Promise<void>
}

const log = makeLog('warn')
const holder: { running?: Promise<Running>; count: number; stopped: boolean } = { count: 0, stopped: false }

// Registered where this module is loaded, so it runs once, after the last test of the process.
after(async () => {
  // A file's own `after` may come later than this one, and closing its database is then done.
  holder.stopped = true
  await (await holder.running)?.stop()
})

function running(): Promise<Running> {
  holder.running ??= start()
  return holder.running
}

async function start(): Promise<Running> {
  const given = process.env['TEST_DATABASE_URL']
  const { administrator, stop } =
    given === undefined ? await startOwn() : { administrator: given, stop: async () => {} }
  const template = `linchpin_template_${process.pid}`
  await administer(administrator, `drop database if exists ${template}`)
  await administer(administrator, `create database ${template}`)
  await migrate(withDatabase(administrator, template), log)
  return {
    administrator,
    template,
    stop: async () => {
      await administer(administrator, `drop database if exists ${template} with (force)`)
      await stop()
    },
  }
}

async function startOwn(): Promise<{ administrator: string; stop: () => Promise<void> }> {
  sweep()
  const home = mkdtempSync(join(tmpdir(), `linchpin-test-${process.pid}-`))
  process.once('exit', () => removeNow(home))
  // A test database need not survive a power cut, only the death of processes.
  mkdirSync(join(home, 'postgres'), { mode: 0o711 })
  writeFileSync(join(home, 'postgres', 'local.conf'), 'fsync = off\nfull_page_writes = off\nmax_connections = 400\n')
  const server = await startEmbedded(home, log)
  return {
    administrator: server.url,
    stop: async () => {
      await server.stop()
      removeNow(home)
    },
  }
}

/** Removes what test processes left that were killed. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^linchpin-test-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) removeNow(join(tmpdir(), name))
  }
}

function removeNow(home: string): void {
  const data = join(home, 'postgres', 'data')
  const left = readPostmaster(data)
  try {
    if (left !== undefined) process.kill(left.pid, 'SIGQUIT')
  } catch {
    // Already gone.
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

async function copyOf(administrator: string, template: string): Promise<TestDatabase> {
  holder.count += 1
  const name = `linchpin_test_${process.pid}_${holder.count}`
  await administer(administrator, `create database ${name} template ${template} strategy file_copy`)
  return {
    url: withDatabase(administrator, name),
    async close() {
      if (!holder.stopped) await drop(administrator, name)
    },
  }
}

/** PostgreSQL's own cleaning of a table may be under way and is not ours to end: it is waited for. */
async function drop(administrator: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await administer(administrator, `drop database if exists ${name} with (force)`)
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== '42501' || attempt === 100) throw error
      await sleep(50)
    }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** The same server, another database. */
const withDatabase = (url: string, database: string): string =>
  url.replace(/^(\w+:\/\/[^/]*\/)[^?]*/, (_, server: string) => `${server}${database}`)
