import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/base/root.ts'

/** A Linchpin in a process of its own, on a home of its own. */
export interface ServerProcess {
  readonly origin: string
  readonly home: string
  readonly pid: number
  /** Process id of its PostgreSQL. */
  readonly postgresPid: number
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
  ...more,
})

/** Starts a server and waits until it says where it is. */
export async function startServer(home: string, more: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const began = performance.now()
  const child = spawn(process.execPath, [join(packageRoot, 'bin/linchpin.mjs'), 'serve'], {
    env: childEnvironment(home, more),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const origin = await address(child)
  const postmaster = readFileSync(join(home, 'postgres/data/postmaster.pid'), 'utf8')
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return {
    origin,
    home,
    pid: child.pid ?? 0,
    postgresPid: Number(postmaster.split('\n')[0]),
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
