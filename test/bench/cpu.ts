import { readdirSync, readFileSync } from 'node:fs'

const tickMs = 10

interface Stat {
  readonly parent: number
  /** Own time and that of children that ended, in milliseconds. */
  readonly ms: number
}

function statOf(pid: string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0)
    return { parent: Number(fields[1]), ms: ticks * tickMs }
  } catch {
    return undefined
  }
}

/** CPU time of a process and all below it, in milliseconds, as the kernel counts it (Linux). */
export function cpuMs(root: number): number {
  const stats = new Map<number, Stat>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(name) : undefined
    if (stat !== undefined) stats.set(Number(name), stat)
  }
  let sum = 0
  for (const [pid, stat] of stats) if (isBelow(stats, pid, root)) sum += stat.ms
  return sum
}

function isBelow(stats: ReadonlyMap<number, Stat>, pid: number, root: number): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = stats.get(at)?.parent)
    if (at === root) return true
  return false
}

/** Resident memory of one process in megabytes. */
export function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kb ?? 0) / 1024)
}

/** Waits until PostgreSQL has ended the cleaning up after what went before: it is no cost of what comes next. */
export async function untilSettled(postgresPid: number, mostMs = 60_000): Promise<void> {
  const until = performance.now() + mostMs
  while (performance.now() < until && isVacuuming(postgresPid)) await new Promise((resolve) => setTimeout(resolve, 250))
}

function isVacuuming(postgresPid: number): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(name)?.parent === postgresPid)
    .some((name) => commandOf(name).includes('autovacuum worker'))
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
