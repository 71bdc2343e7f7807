import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { packageRoot } from '../../src/base/root.ts'
import type { Yardsticks } from './yardsticks.ts'

/** One figure: what, how much, against what, its bar, and whether it reaches the bar. */
export type Row = readonly [what: string, figure: string, ratio: string, bar: string, reached: boolean]

/** Writes BENCHMARKS.md from one run. */
export function writeReport(rows: readonly Row[], yard: Yardsticks): void {
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  const lines = rows.map(([what, figure, ratio, bar, reached]) => {
    const verdict = bar === '' ? '' : reached ? 'reached' : '**missed**'
    return `| ${what} | ${figure} | ${ratio} | ${bar} | ${verdict} |`
  })
  const text = `# Benchmarks

Made by \`npm run bench\` on ${systemClock.now().toString({ smallestUnit: 'minute' })}: ${machine}. The server and its embedded
PostgreSQL 18 run in processes of their own; the load comes from another process over HTTP, authenticated, with structure
checks, audit and feed on, on the same cores. CPU is Linchpin's process and PostgreSQL together, as the kernel counts it;
single requests are measured once PostgreSQL's own vacuum of what was loaded before has ended.
Absolute figures move with the machine; ratios to the yardsticks of the same run move less.

## Yardsticks of this run

| yardstick | figure |
|---|---|
| Bare Node HTTP echo of one Observation | ${Math.round(yard.echoPerSecond)} /s, ${yard.echoCpuMs.toFixed(3)} ms CPU |
| \`select\` by key, one pipelined connection | ${Math.round(yard.selectPerSecond)} /s, ${yard.selectCpuMs.toFixed(3)} ms CPU |
| COPY of the same bodies, no index, one connection | ${Math.round(yard.copyPerSecond)} rows/s |

## Linchpin

| what | figure | against the yardsticks | bar | |
|---|---|---|---|---|
${lines.join('\n')}
`
  writeFileSync(join(packageRoot, 'BENCHMARKS.md'), text)
  process.stdout.write(text)
}
