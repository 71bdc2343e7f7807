import type { ServerProcess } from '../support/server-process.ts'
import { cpuMs, untilSettled } from './cpu.ts'
import { type Answer, load } from './load.ts'
import type { Row } from './table.ts'
import type { Yardsticks } from './yardsticks.ts'

/** One kind of request, measured as CPU a request, Node and PostgreSQL together. */
export interface Single {
  readonly name: string
  readonly count: number
  /** Milliseconds of CPU a request: what must be reached, and what is wished for. */
  readonly bar: number
  readonly goal: number
  /** Requests under way at once; 32 unless given. */
  readonly atOnce?: number
  readonly one: (n: number) => Promise<Answer>
}

/** Where a measurement runs and against what. */
export interface Bench {
  readonly server: ServerProcess
  readonly yard: Yardsticks
}

/** CPU of the server's processes and of PostgreSQL so far, in milliseconds. */
const cpuOf = ({ server }: Pick<Bench, 'server'>) => ({
  node: cpuMs(server.pid),
  postgres: cpuMs(server.postgresPid),
})

/** Measures one kind of request: two rows, its CPU against the bar and its times. */
export async function measureSingle(
  bench: Bench,
  { name, count, bar, goal, atOnce = 32, one }: Single,
): Promise<Row[]> {
  await untilSettled(bench.server.postgresPid)
  const before = cpuOf(bench)
  const { seconds, medianMs, p99Ms, failed } = await load(count, atOnce, one)
  const after = cpuOf(bench)
  const node = (after.node - before.node) / count
  const postgres = (after.postgres - before.postgres) / count
  const ratio = (node + postgres) / (bench.yard.echoCpuMs + bench.yard.selectCpuMs)
  const cpu: Row = [
    `${name}, CPU a request`,
    `${(node + postgres).toFixed(3)} ms`,
    `${ratio.toFixed(1)} × (echo + select by key); Node ${node.toFixed(3)}, PostgreSQL ${postgres.toFixed(3)}`,
    `≤ ${bar} ms; goal ${goal}`,
    node + postgres <= bar && failed === 0,
  ]
  const times = `p50 ${medianMs.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms${failed > 0 ? `, ${failed} FAILED` : ''}`
  return [cpu, [`${name}, ${atOnce} at once`, `${Math.round(count / seconds)} /s`, times, '', failed === 0]]
}
