import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { address as databaseAddress } from '../../src/kernel/store/embedded/session.ts'
import { applicationRole } from '../../src/kernel/store/embedded/settings.ts'

/** A Linchpin in a process of its own, on a home of its own. */
export interface ServerProcess {
  readonly origin: string
  readonly home: string
  readonly pid: number
  /** Process id of its PostgreSQL, at this moment. */
  readonly postgresPid: number
  /** Its database, for a look from outside: who comes this way does not count as a Linchpin process. */
  readonly databaseUrl: string
  readonly startedMs: number
  /** Kills without warning. */
  kill(): Promise<void>
  /** Asks it to end, and waits. */
  stop(): Promise<number | null>
}

/** Environment of a child: ours, with settings of its own. */
export const childEnvironment = (home: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_ENV: 'production',
  LINCHPIN_HOME: home,
  PORT: '0',
  LINCHPIN_SEED_PEOPLE: '0',
  LINCHPIN_WORKERS: '1',
  ...more,
})

const program = join(import.meta.dirname, 'linchpin.js')

/** A command of `linchpin` under way. */
export interface CommandProcess {
  readonly pid: number
  readonly ended: Promise<{ readonly status: number | null; readonly out: string; readonly err: string }>
  /** Kills without warning. */
  kill(): void
}

/** Runs a command, such as `import a.ndjson`, in a process of its own. */
export function startCommand(
  home: string,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): CommandProcess {
  const child = spawn(process.execPath, [program, ...words], {
    env: childEnvironment(home, more),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')))
  return {
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, out, err }))),
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Starts a server and waits until it says where it is. */
export async function startServer(home: string, more: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const began = performance.now()
  const child = spawn(process.execPath, [program, 'serve'], {
    env: childEnvironment(home, more),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const origin = await address(child)
  // The fifth line is the folder of the socket (PostgreSQL documentation, "Database File Layout").
  const door = { socketFolder: postmasterOf(home)[4] ?? '', applicationName: 'test' }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return {
    origin,
    home,
    pid: child.pid ?? 0,
    get postgresPid() {
      return Number(postmasterOf(home)[0])
    },
    databaseUrl: databaseAddress(door, applicationRole, applicationRole),
    startedMs: performance.now() - began,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

const postmasterOf = (home: string): readonly string[] =>
  readFileSync(join(home, 'postgres/data/postmaster.pid'), 'utf8').split('\n')

function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      const found = /Linchpin is at (\S+)/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${text}`)))
  })
}
