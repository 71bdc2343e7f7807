import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { problem } from '../../../base/problem.ts'
import type { Binaries } from './binaries.ts'
import { serverProblem } from './failure.ts'
import { giveTo } from './owner.ts'
import type { Place } from './place.ts'
import { makeCluster } from './program.ts'
import { writeSettings } from './settings.ts'

/** Makes the data folder if there is none, and otherwise checks that this PostgreSQL can open it. */
export async function prepareData(place: Place, binaries: Binaries): Promise<void> {
  const versionFile = join(place.data, 'PG_VERSION')
  if (existsSync(versionFile)) {
    checkMajor(place.data, readFileSync(versionFile, 'utf8').trim(), binaries.major)
    // Restored from a copy by root, say.
    if (place.owner.dropped && statSync(place.data).uid !== place.owner.uid) giveTo(place.owner, place.data)
  } else {
    await makeData(place, binaries)
  }
  writeSettings(place)
}

/** A new cluster takes 39 MB, and its first write-ahead log segments 32 MB more. */
const neededBytes = 72 * 2 ** 20

/** Made beside and renamed when whole, so that a first start that was cut off leaves nothing half made. */
async function makeData(place: Place, binaries: Binaries): Promise<void> {
  if (existsSync(place.data) && readdirSync(place.data).length > 0) {
    throw problem('unavailable', `${place.data} has files in it but no PostgreSQL database. Move them elsewhere.`)
  }
  const { bavail, bsize } = statfsSync(place.folder)
  // Said beforehand, because a cluster that runs out of room half-way says something else each time.
  if (bavail * bsize < neededBytes) throw serverProblem(place.folder, 'No space left on device')
  const unfinished = `${place.data}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  giveTo(place.owner, unfinished)
  try {
    await makeCluster(binaries, place, unfinished)
  } catch (cause) {
    rmSync(unfinished, { recursive: true, force: true })
    throw cause
  }
  renameSync(unfinished, place.data)
}

function checkMajor(data: string, found: string, ours: number): void {
  if (found === String(ours)) return
  const versions = `was made by PostgreSQL ${found} and this version of Linchpin brings PostgreSQL ${ours}`
  throw problem(
    'unavailable',
    `The database in ${data} ${versions}. Use the version of Linchpin that made it to back it up.`,
  )
}
