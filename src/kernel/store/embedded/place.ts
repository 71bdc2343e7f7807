import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { hash64 } from '../../../base/hash.ts'
import type { Log } from '../../../base/log.ts'
import { problem } from '../../../base/problem.ts'
import { blockedAt, chooseOwner, giveTo, type Owner } from './owner.ts'

/** Where the embedded PostgreSQL keeps its things, and whose they are. */
export interface Place {
  /** LINCHPIN_HOME, absolute. */
  readonly home: string
  /** Folder of everything PostgreSQL: `home/postgres`, or elsewhere when its user cannot get there. */
  readonly folder: string
  readonly data: string
  readonly libraries: string
  readonly log: string
  /** Held while anyone starts or stops the server. */
  readonly lock: string
  readonly owner: Owner
}

/** Folder for the files of homes that lie where only root may go, such as `/root`. */
const sharedFolder = '/var/lib/linchpin'

/** Finds or makes the place for a home. */
export function findPlace(wantedHome: string, log: Log): Place {
  const home = makeHome(wantedHome)
  const kept = keptElsewhere(home)
  const beside = join(home, 'postgres')
  const dataBeside = join(kept ?? beside, 'data')
  const owner = chooseOwner(existsSync(dataBeside) ? dataBeside : undefined)
  if (owner.dropped && blockedAt(home, owner) === home) chmodSync(home, 0o711)
  const folder =
    kept ?? (owner.dropped && blockedAt(home, owner) !== undefined ? moveElsewhere(home, owner, log) : beside)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  return {
    home,
    folder,
    data: join(folder, 'data'),
    libraries: join(folder, 'libraries'),
    log: join(folder, 'postgres.log'),
    lock: join(folder, 'start.lock'),
    owner,
  }
}

/** A folder for the server's socket: in its place, or in the temporary folder when the path would be too long. */
export function makeSocketFolder(place: Place): string {
  const beside = join(place.folder, 'socket')
  // A socket's path may have 107 bytes on Linux and 103 on macOS; its file name is `.s.PGSQL.5432`.
  const fits = Buffer.byteLength(join(beside, '.s.PGSQL.5432')) <= 103
  const folder = fits ? beside : join(tmpdir(), `linchpin-${shortName(place.folder)}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid } = lstatSync(folder)
  if (uid !== place.owner.uid && uid !== process.getuid?.()) {
    throw problem(
      'unavailable',
      `The folder ${folder} belongs to somebody else. Delete it or choose a shorter LINCHPIN_HOME.`,
    )
  }
  chmodSync(folder, 0o700)
  giveTo(place.owner, folder)
  return folder
}

/** Removes a socket's folder that is not in its place, once nothing uses it. */
export function removeSocketFolder(place: Place, folder: string): void {
  if (folder !== '' && dirname(folder) !== place.folder) rmSync(folder, { recursive: true, force: true })
}

const shortName = (path: string): string => BigInt.asUintN(64, hash64(path)).toString(16)

function makeHome(wanted: string): string {
  try {
    mkdirSync(wanted, { recursive: true, mode: 0o711 })
    return realpathSync(wanted)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw problem('unavailable', `LINCHPIN_HOME ${wanted} cannot be used: ${reason}`, { cause })
  }
}

const pointerFile = (home: string): string => join(home, 'postgres-folder')

function keptElsewhere(home: string): string | undefined {
  if (!existsSync(pointerFile(home))) return undefined
  const folder = readFileSync(pointerFile(home), 'utf8').trim()
  if (existsSync(folder)) return folder
  const where = `${pointerFile(home)} says the database is in ${folder}, and that folder is not there`
  throw problem('unavailable', `${where}. Put it back, or delete the file to begin with an empty database.`)
}

function moveElsewhere(home: string, owner: Owner, log: Log): string {
  const folder = join(sharedFolder, `${basename(home).replace(/^\./, '')}-${shortName(home)}`)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  writeFileSync(pointerFile(home), `${folder}\n`)
  log.warn(`The database is kept in ${folder}: PostgreSQL runs as ${owner.name}, who may not enter ${home}`)
  return folder
}
