import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { cpuMs } from './cpu.ts'
import { Client, load } from './load.ts'

/** What the machine can do without Linchpin, measured in the same run. */
export interface Yardsticks {
  /** CPU milliseconds of a bare HTTP echo of one small resource. */
  readonly echoCpuMs: number
  readonly echoPerSecond: number
  /** Rows a second of COPY of the same bodies into a table without index, one connection. */
  readonly copyPerSecond: number
  /** Reads a second by key, pipelined on one connection. */
  readonly selectPerSecond: number
  /** CPU milliseconds (PostgreSQL and driver) of one such read. */
  readonly selectCpuMs: number
}

const copyRows = 100_000
const selects = 40_000
const echoes = 20_000

export async function measureYardsticks(
  url: string,
  postgresPid: number,
  bodies: readonly string[],
  small: string,
): Promise<Yardsticks> {
  const client = new pg.Client({ connectionString: url, pipeline: true })
  await client.connect()
  await client.query('create unlogged table if not exists bench_key (id text primary key, body text not null)')
  const copyPerSecond = await measureCopy(url, bodies)
  await client.query(
    "insert into bench_key select 'k' || n, $1 from generate_series(1, 10000) n on conflict do nothing",
    [small],
  )
  const before = cpuMs(postgresPid) + ownCpuMs()
  const began = performance.now()
  const read = (n: number) =>
    client.query({ name: 'k', text: 'select body from bench_key where id = $1', values: [`k${(n % 10_000) + 1}`] })
  for (let done = 0; done < selects; done += 32) await Promise.all(Array.from({ length: 32 }, (_, n) => read(done + n)))
  const seconds = (performance.now() - began) / 1000
  const selectCpuMs = (cpuMs(postgresPid) + ownCpuMs() - before) / selects
  await client.query('drop table bench_key')
  await client.end()
  return { copyPerSecond, selectPerSecond: selects / seconds, selectCpuMs, ...(await measureEcho(small)) }
}

const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function measureCopy(url: string, bodies: readonly string[]): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('drop table if exists bench_copy')
  await client.query('create table bench_copy (body text not null)')
  const lines = bodies.map((body) => `${body.replaceAll('\\', '\\\\')}\n`)
  const chunks: string[] = []
  for (let n = 0; n < copyRows; n += 500)
    chunks.push(Array.from({ length: 500 }, (_, k) => lines[(n + k) % lines.length] ?? '').join(''))
  const began = performance.now()
  await pipeline(chunks, client.query(copyFrom('copy bench_copy from stdin')))
  const seconds = (performance.now() - began) / 1000
  await client.query('drop table bench_copy')
  await client.end()
  return copyRows / seconds
}

async function measureEcho(small: string): Promise<{ echoCpuMs: number; echoPerSecond: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'echo.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const client = new Client(await firstLine(child), 32)
  const one = () => client.send({ method: 'POST', path: '/', body: small })
  await load(2000, 32, one)
  const before = cpuMs(child.pid ?? 0)
  const { seconds } = await load(echoes, 32, one)
  const echoCpuMs = (cpuMs(child.pid ?? 0) - before) / echoes
  client.close()
  child.kill()
  return { echoCpuMs, echoPerSecond: echoes / seconds }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(/at (\S+)/.exec(chunk.toString('utf8'))?.[1] ?? ''))
  })
}
