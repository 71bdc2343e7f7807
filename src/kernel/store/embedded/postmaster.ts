import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { socketPort } from './settings.ts'

/** What a data folder's `postmaster.pid` says of the server that has, or had, it open. */
export interface Postmaster {
  readonly pid: number
  readonly socketFolder: string
}

const fileName = 'postmaster.pid'

/** Reads `postmaster.pid`: line 1 is the process, line 5 the socket's folder (PostgreSQL's pidfile.h). */
export function readPostmaster(data: string): Postmaster | undefined {
  const path = join(data, fileName)
  if (!existsSync(path)) return undefined
  const lines = readFileSync(path, 'utf8').split('\n')
  return { pid: Number(lines[0]), socketFolder: lines[4] ?? '' }
}

/** Whether a server accepts connections on the folder's socket: true even while it still starts up. */
export function answers(socketFolder: string): Promise<boolean> {
  if (socketFolder === '') return Promise.resolve(false)
  return new Promise((resolve) => {
    const socket = createConnection(join(socketFolder, `.s.PGSQL.${socketPort}`))
    const done = (result: boolean): void => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => done(true)).once('error', () => done(false))
  })
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM'
  }
}

/**
 * Makes sure that nothing of a dead server is left in a data folder: back-ends that outlived it, and lock files whose
 * process number now belongs to someone else. Call it only when the socket does not answer, holding the start lock.
 */
export async function clearRemains(data: string): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 5_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    const remaining = processesIn(data)
    if (remaining.length === 0) break
    for (const pid of remaining) send(pid, signal)
    await until(() => processesIn(data).length === 0, patienceMs)
  }
  const left = readPostmaster(data)
  // PostgreSQL clears a dead process's file by itself, and then also looks for shared memory still in use. It does not
  // clear one whose number was given to another process since, after a restart of the machine for instance.
  if (left !== undefined && existsSync('/proc/self/cwd') && isAlive(left.pid))
    rmSync(join(data, fileName), { force: true })
  if (left !== undefined && left.socketFolder !== '') {
    for (const end of ['', '.lock']) rmSync(join(left.socketFolder, `.s.PGSQL.${socketPort}${end}`), { force: true })
  }
}

/** Asks a server to stop and waits until it has; answers whether it did in time. */
export async function shutDown(data: string, timeoutMs: number): Promise<boolean> {
  const running = readPostmaster(data)
  if (running === undefined) return true
  // SIGINT is PostgreSQL's fast shutdown: sessions end, a checkpoint is written, the file is removed last.
  send(running.pid, 'SIGINT')
  return until(() => readPostmaster(data)?.pid !== running.pid || !isAlive(running.pid), timeoutMs)
}

/** Waits until something is so; answers false when the time is up first. */
async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > end) return false
    await sleep(10)
  }
  return true
}

/** Every PostgreSQL process works in its data folder, so that is how to find them. Needs /proc: none elsewhere. */
function processesIn(data: string): readonly number[] {
  if (!existsSync('/proc/self/cwd')) return []
  const folder = realpathSync(data)
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    try {
      const isPostgres = readFileSync(`/proc/${name}/comm`, 'utf8').startsWith('postgres')
      return isPostgres && readlinkSync(`/proc/${name}/cwd`) === folder ? [Number(name)] : []
    } catch {
      // It ended meanwhile, or belongs to someone else.
      return []
    }
  })
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended meanwhile.
  }
}
