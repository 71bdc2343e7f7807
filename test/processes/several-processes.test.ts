import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { newHome } from '../support/embedded.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

// `LINCHPIN_WORKERS=2`: two processes behind one port, one of them killed, both replaced, both ended, while people write.

async function twoProcesses(t: TestContext): Promise<ServerProcess> {
  const server = await startServer(newHome(), { LINCHPIN_WORKERS: '2' })
  t.after(() => server.stop())
  await until(() => workersOf(server).length === 2)
  await until(async () => (await processesAnswering(server)) === 2)
  return server
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50)
}

/** Process ids of the workers: the children of the process that was started. */
const workersOf = (server: ServerProcess): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === server.pid)
    .map(Number)

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}

/** How many processes listen and give figures. */
async function processesAnswering(server: ServerProcess): Promise<number> {
  const figures = await (await fetch(`${server.origin}/metrics`)).text()
  return Number(/^linchpin_processes (\d+)/m.exec(figures)?.[1])
}

async function token(server: ServerProcess): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'demo', client_secret: 'demo' })
  const answer = await fetch(`${server.origin}/auth/token`, { method: 'POST', body })
  return /"access_token":"([^"]+)"/.exec(await answer.text())?.[1] ?? ''
}

/** `fetch` says only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined }
  return cause instanceof Error ? cause.message : String(error)
}

/** Creates one resource after another until told to stop; keeps the ids that were acknowledged, and what went wrong. */
function writing(server: ServerProcess, authorization: string) {
  const acknowledged: string[] = []
  const failures: string[] = []
  const state = { stopping: false }
  const work = async (): Promise<void> => {
    while (!state.stopping) {
      try {
        const answer = await fetch(`${server.origin}/fhir/R4/Basic`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/fhir+json' },
          // What is handed to a process in the moment it is killed is never answered.
          signal: AbortSignal.timeout(10_000),
          body: '{"resourceType":"Basic","code":{"text":"Written while processes come and go"}}',
        })
        const id = /"id":"([^"]+)"/.exec(await answer.text())?.[1]
        if (answer.status === 201 && id !== undefined) acknowledged.push(id)
        else failures.push(String(answer.status))
      } catch (error) {
        failures.push(reasonOf(error))
      }
    }
  }
  const done = Promise.all([work(), work(), work(), work()])
  return {
    acknowledged,
    failures,
    async stop() {
      state.stopping = true
      await done
    },
  }
}

async function countStored(server: ServerProcess, ids: readonly string[]): Promise<number> {
  const client = new Client({ connectionString: server.databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ n: string }>('select count(*) as n from res where id = any($1)', [ids])
  await client.end()
  return Number(rows[0]?.n)
}

const linux = { skip: process.platform === 'linux' ? false : 'SKIPPED: it reads /proc' }

test('a process that is killed is replaced, and nothing acknowledged is lost', linux, async (t) => {
  const server = await twoProcesses(t)
  const writer = writing(server, `Bearer ${await token(server)}`)
  await until(() => writer.acknowledged.length > 50)
  const [victim = 0] = workersOf(server)
  process.kill(victim, 'SIGKILL')
  await until(() => !workersOf(server).includes(victim) && workersOf(server).length === 2)
  const before = writer.acknowledged.length
  await until(() => writer.acknowledged.length > before + 50)
  await writer.stop()
  assert.ok(writer.failures.length <= 4, 'only requests under way in the killed process failed')
  assert.equal(await countStored(server, writer.acknowledged), writer.acknowledged.length)
})

test('SIGHUP replaces every process without one failed request', linux, async (t) => {
  const server = await twoProcesses(t)
  const old = workersOf(server)
  const writer = writing(server, `Bearer ${await token(server)}`)
  await until(() => writer.acknowledged.length > 50)
  process.kill(server.pid, 'SIGHUP')
  await until(() => workersOf(server).length === 2 && workersOf(server).every((pid) => !old.includes(pid)))
  const before = writer.acknowledged.length
  await until(() => writer.acknowledged.length > before + 50)
  await writer.stop()
  assert.deepEqual(writer.failures, [])
  assert.equal(await countStored(server, writer.acknowledged), writer.acknowledged.length)
})

test('what one process writes, the other reads at once, and the figures are those of both', linux, async (t) => {
  const server = await twoProcesses(t)
  const authorization = `Bearer ${await token(server)}`
  const writer = writing(server, authorization)
  await until(() => writer.acknowledged.length > 50)
  await writer.stop()
  for (const id of writer.acknowledged.slice(0, 30)) {
    const headers = { authorization, connection: 'close' }
    const read = await fetch(`${server.origin}/fhir/R4/Basic/${id}`, { headers })
    assert.equal(read.status, 200)
    await read.arrayBuffer()
  }
  const metrics = await (await fetch(`${server.origin}/metrics`)).text()
  const created = Number(/requests_total\{method="POST",status="201"\} (\d+)/.exec(metrics)?.[1])
  assert.equal(created, writer.acknowledged.length)
})

test('told to stop while people write, it answers what is under way and ends', linux, async (t) => {
  const server = await twoProcesses(t)
  const writer = writing(server, `Bearer ${await token(server)}`)
  await until(() => writer.acknowledged.length > 50)
  const ended = server.stop()
  assert.equal(await ended, 0)
  await writer.stop()
  // The port is closed in the end: whoever comes later is turned away, but nobody gets a wrong answer.
  assert.deepEqual(
    writer.failures.filter((each) => !/ECONNREFUSED|ECONNRESET|other side closed|fetch failed/.test(each)),
    [],
  )
})
