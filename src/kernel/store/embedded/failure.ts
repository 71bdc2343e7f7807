import { closeSync, fstatSync, openSync, readSync, statfsSync } from 'node:fs'
import { Problem, problem } from '../../../base/problem.ts'

/** What a PostgreSQL program said, and the one sentence that tells a person what it means and what to do. */
const explanations: readonly (readonly [RegExp, (folder: string, match: RegExpExecArray) => string])[] = [
  [
    /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT|disk is full/i,
    (folder) => `The disk that holds ${folder} is full. Free some space and start again; nothing stored is lost.`,
  ],
  [
    /error while loading shared libraries: ([^\s:]+)|Library not loaded: (\S+)/,
    (_, match) => `PostgreSQL needs the system library ${match[1] ?? match[2]}. Install it, or set DATABASE_URL.`,
  ],
  [
    /Cannot allocate memory|could not (?:map anonymous|create) shared memory|not enough memory/i,
    () => 'There is not enough memory to start PostgreSQL. Free some memory and start again.',
  ],
  [
    /could not locate a valid checkpoint|invalid checkpoint|invalid primary checkpoint|could not (?:read|open) file "[^"]*pg_control"|could not find the database system/i,
    (folder) => `The database in ${folder} is damaged and cannot be read. Restore it from a backup.`,
  ],
  [
    /unrecognized configuration parameter|contains errors|invalid value for parameter/i,
    (folder) =>
      `A setting in ${folder}/local.conf is not one PostgreSQL accepts. Correct it; postgres.log names the line.`,
  ],
  [
    /Read-only file system|EROFS/i,
    (folder) => `The disk that holds ${folder} is read-only. Set LINCHPIN_HOME to a folder that can be written.`,
  ],
  [
    /Permission denied|EACCES|EPERM|unable to open database file/i,
    (folder) =>
      `${folder} may not be written by this user. Give it to this user or set LINCHPIN_HOME to another folder.`,
  ],
]

/** Turns whatever went wrong with the embedded server into a problem with one clear sentence. */
export function serverProblem(folder: string, said: string, cause?: unknown): Problem {
  if (cause instanceof Problem) return cause
  // A full disk may not take the message that says so.
  const words = said.trim() || (cause instanceof Error ? cause.message : '')
  const text = isFull(folder) ? `${words}\nENOSPC` : words
  for (const [pattern, sentence] of explanations) {
    const match = pattern.exec(text)
    if (match !== null) return problem('unavailable', sentence(folder, match), { cause })
  }
  const lines = words.split('\n')
  const last = lines.findLast((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1)
  const reason = last?.replace(/^.*?(FATAL|PANIC|error): */, '').trim() ?? ''
  return problem('unavailable', `PostgreSQL did not start in ${folder}: ${reason || 'it gave no reason'}`, { cause })
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize < 2 ** 20
  } catch {
    return false
  }
}

/** How long a log is now, to read later only what was added. */
export function logLength(path: string): number {
  const file = openSync(path, 'a', 0o600)
  try {
    return fstatSync(file).size
  } finally {
    closeSync(file)
  }
}

/** What was added to a log since it had a length; at most its last 64 kB. */
export function logSince(path: string, length: number): string {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const start = Math.max(length, size - 65_536)
    const bytes = Buffer.alloc(Math.max(0, size - start))
    readSync(file, bytes, 0, bytes.length, start)
    return bytes.toString('utf8')
  } finally {
    closeSync(file)
  }
}
