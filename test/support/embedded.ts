import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { makeLog } from '../../src/base/log.ts'
import { Problem } from '../../src/base/problem.ts'
import { type EmbeddedServer, startEmbedded } from '../../src/kernel/store/embedded/server.ts'

/** A log that says nothing. */
export const silentLog = makeLog('silent')

const root = mkdtempSync(join(tmpdir(), 'linchpin-embedded-'))
// Otherwise only root could pass, and PostgreSQL does not run as root.
chmodSync(root, 0o711)
const made: { homes: number; prepared?: Promise<string> } = { homes: 0 }

after(() => {
  rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
})

/** A path for a LINCHPIN_HOME that does not exist yet. */
export function newHome(): string {
  made.homes += 1
  return join(root, `home-${made.homes}`)
}

/** A LINCHPIN_HOME that was used before: a copy of one that was made once, which is quicker than making it. */
export async function usedHome(): Promise<string> {
  made.prepared ??= prepare()
  const home = newHome()
  const copied = spawnSync('cp', ['-a', await made.prepared, home])
  assert.equal(copied.status, 0)
  return home
}

async function prepare(): Promise<string> {
  const home = newHome()
  const server = await startEmbedded(home, silentLog)
  await server.stop()
  return home
}

/** Where a home's database lies. */
export const dataOf = (home: string): string => join(home, 'postgres', 'data')

/** Runs one statement. */
export async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

/** Asks until the server answers again. */
export async function queryWhenBack(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await query(url, text)
    } catch (cause) {
      if (attempt === 100) throw cause
      await sleep(50)
    }
  }
}

/** Starts the server of a home in another process, which prints its connection string and waits. */
export async function startElsewhere(home: string, identity: { uid?: number; gid?: number } = {}): Promise<Elsewhere> {
  const script = `
    const { startEmbedded } = await import(${JSON.stringify(new URL('../../src/kernel/store/embedded/server.js', import.meta.url).href)})
    const quiet = { info() {}, warn() {}, error() {}, debug() {} }
    try {
      const server = await startEmbedded(${JSON.stringify(home)}, quiet)
      process.stdout.write(server.url + ' ' + server.startedHere + '\\n')
      process.stdin.once('data', async () => { await server.stop(); process.exit(0) })
    } catch (cause) { process.stdout.write('failed: ' + cause.message + '\\n'); process.exit(3) }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    ...identity,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const said: unknown[] = await once(child.stdout, 'data')
  return { child, said: String(said[0]).trim() }
}

/** A process that holds an embedded server. */
export interface Elsewhere {
  readonly child: ChildProcess
  readonly said: string
}

/** Lets that process let go and end. */
export async function stopElsewhere({ child }: Elsewhere): Promise<void> {
  child.stdin?.write('stop\n')
  await once(child, 'exit')
}

/** Checks that a start ends with a sentence for people. */
export async function isRefused(starting: Promise<EmbeddedServer>, sentence: RegExp): Promise<void> {
  await assert.rejects(starting, (error) => {
    assert.ok(error instanceof Problem, String(error))
    assert.equal(error.kind, 'unavailable')
    assert.match(error.message, sentence)
    return true
  })
}
