import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { programEnvironment } from './binaries.ts'
import { serverProblem } from './failure.ts'
import { giveTo, type Owner } from './owner.ts'
import type { Place } from './place.ts'
import { applicationRole, socketPort, superuserRole } from './settings.ts'

/** Makes an empty cluster in `folder`, safely on disk when this returns. */
export async function makeCluster(binaries: Binaries, place: Place, folder: string): Promise<void> {
  const initdb = (...options: readonly string[]): Promise<void> =>
    runProgram(join(binaries.folder, 'bin', 'initdb'), [`--pgdata=${folder}`, ...options], place)
  // C locale: the order of text must not depend on the machine. Files are synced once at the end, which is quicker.
  await initdb(
    '--encoding=UTF8',
    '--no-locale',
    `--username=${superuserRole}`,
    '--auth=peer',
    '--no-instructions',
    '--no-sync',
    '--set=max_connections=60',
    '--set=shared_buffers=128MB',
  )
  await initdb('--sync-only', `--sync-method=${process.platform === 'linux' ? 'syncfs' : 'fsync'}`)
}

/** Starts the server. It lives on when we die: whoever starts next on the same folder finds it and joins it. */
export function startServer(binaries: Binaries, place: Place, socketFolder: string): ChildProcess {
  const log = openLog(place)
  try {
    const settings = ['-D', place.data, '-k', socketFolder, '-p', String(socketPort)]
    const child = spawn(join(binaries.folder, 'bin', 'postgres'), settings, {
      ...asOwner(place.owner),
      cwd: '/',
      env: programEnvironment(place.libraries),
      stdio: ['ignore', log, log],
      detached: true,
    })
    // Without a listener a failed spawn would end the process; the exit code tells the rest.
    child.on('error', () => undefined)
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** What gives Linchpin its role and database in a fresh cluster. The role is no superuser, so row security binds it. */
export const firstStatements = {
  role: `create role ${applicationRole} login createdb in role pg_monitor, pg_checkpoint`,
  database: `create database ${applicationRole} owner ${applicationRole}`,
} as const

const maximumLogBytes = 10 * 2 ** 20

function openLog(place: Place): number {
  const log = openSync(place.log, 'a', 0o600)
  if (statSync(place.log).size > maximumLogBytes) truncateSync(place.log)
  giveTo(place.owner, place.log)
  return log
}

const asOwner = (owner: Owner): { uid?: number; gid?: number } =>
  owner.dropped ? { uid: owner.uid, gid: owner.gid } : {}

function runProgram(program: string, options: readonly string[], place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, {
      ...asOwner(place.owner),
      cwd: '/',
      env: programEnvironment(place.libraries),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const hear = (chunk: Buffer): void => {
      said += chunk.toString('utf8')
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', (cause) => reject(serverProblem(place.folder, '', cause)))
    child.once('close', (code) => (code === 0 ? resolve() : reject(serverProblem(place.folder, said))))
  })
}
