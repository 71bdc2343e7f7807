import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

/** A lock on a file that the operating system lets go of when its holder dies, however it dies. */
export interface FileLock {
  release(): void
}

/**
 * Takes the lock if nobody has it. Node has no file locks of its own; SQLite, which is built in, takes the same
 * record locks on every platform, and writes nothing: the transaction that holds the lock changes nothing.
 */
export function tryLock(path: string): FileLock | undefined {
  const database = new DatabaseSync(path)
  try {
    // No journal: it would be a file to write, and the lock must work on a full disk.
    database.exec('pragma journal_mode = off; begin exclusive')
  } catch (cause) {
    database.close()
    if (cause instanceof Error && /locked/.test(cause.message)) return undefined
    throw cause
  }
  held.add(database)
  return {
    release: () => {
      held.delete(database)
      database.close()
    },
  }
}

// A lock must last even if its holder forgets it: collected as garbage, a database is closed and its lock gone.
const held = new Set<DatabaseSync>()

/** Takes the lock, waiting for whoever has it; undefined when the time is up. */
export async function waitForLock(path: string, timeoutMs: number): Promise<FileLock | undefined> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const lock = tryLock(path)
    if (lock !== undefined || performance.now() > end) return lock
    await sleep(20)
  }
}
