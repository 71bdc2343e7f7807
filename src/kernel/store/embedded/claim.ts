import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { problem } from '../../../base/problem.ts'
import { serverProblem } from './failure.ts'
import { type FileLock, tryLock } from './file-lock.ts'

/** The right to be the one server of a home. The operating system takes it back when the process dies. */
export interface Claim {
  /** Tells others where the server listens, once it does. */
  announce(address: string): void
  release(): void
}

/** Becomes the server of a home, or says in one sentence which process is that already. */
export function claimHome(home: string, since: Temporal.Instant): Claim {
  const lock = lockOf(home)
  if (lock === undefined) {
    throw problem('unavailable', `Linchpin already runs on ${home}: ${runningServer(home) ?? 'it is just starting'}`)
  }
  const write = (rest: string): void =>
    writeFileSync(
      join(home, noteName),
      `process ${process.pid} since ${since.toString({ smallestUnit: 'second' })}${rest}\n`,
    )
  write('')
  return {
    announce: (address) => write(`, at ${address}`),
    release: () => lock.release(),
  }
}

/** The server that runs on a home, in words such as `process 123 since …, at http://127.0.0.1:8080`; else undefined. */
export function runningServer(home: string): string | undefined {
  try {
    const lock = tryLock(join(home, lockName))
    lock?.release()
    return lock === undefined ? readFileSync(join(home, noteName), 'utf8').trim() : undefined
  } catch {
    // No home yet, so nobody runs on it.
    return undefined
  }
}

function lockOf(home: string): FileLock | undefined {
  try {
    mkdirSync(home, { recursive: true, mode: 0o711 })
    return tryLock(join(home, lockName))
  } catch (cause) {
    throw serverProblem(home, '', cause)
  }
}

const lockName = 'server.lock'
const noteName = 'server.txt'
