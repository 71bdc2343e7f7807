import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isObject } from '../../../base/json.ts'
import { problem } from '../../../base/problem.ts'
import { coreProfile } from './core-profiles.ts'
import { type Canonical, isConformance, type Library, unversioned } from './library.ts'

/** What was found when packages were loaded. */
export interface LoadedPackages {
  readonly resources: number
  /** What a person should know: files that could not be read, two definitions of one URL, bases that are missing. */
  readonly warnings: readonly string[]
}

/** Loads FHIR packages into a library: folders (unpacked packages, or any folder of resources) and .tgz files. */
export function loadPackages(library: Library, paths: readonly string[]): LoadedPackages {
  const warnings: string[] = []
  const loaded: Canonical[] = []
  const owners = new Map<string, string>()
  for (const path of paths)
    for (const { name, text } of filesIn(path)) {
      const resource = resourceIn(text, name, warnings)
      if (resource === undefined) continue
      const key = `${resource.resourceType} ${resource.url}|${resource.version ?? ''}`
      const owner = owners.get(key)
      if (owner !== undefined) warnings.push(`${name}: ${key} was defined by ${owner} already; this one counts`)
      owners.set(key, name)
      library.add(resource)
      loaded.push(resource)
    }
  for (const each of loaded) warnings.push(...missingBases(each, library))
  return { resources: loaded.length, warnings }
}

interface PackageFile {
  readonly name: string
  readonly text: string
}

/** Every JSON file of a package: of a folder, of the `package` folder in it, or of a tarball. */
function* filesIn(path: string): Generator<PackageFile> {
  if (!existsSync(path)) throw problem('invalid', `There is no package at ${path}`)
  if (!statSync(path).isDirectory()) {
    if (/\.t(?:ar\.)?gz$/.test(path)) yield* tarFiles(gunzipSync(readFileSync(path)))
    else yield { name: basename(path), text: readFileSync(path, 'utf8') }
    return
  }
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(path, name)
    if (/(?:^|[\\/])examples?[\\/]|node_modules/.test(name) || !statSync(file).isFile()) continue
    if (/\.t(?:ar\.)?gz$/.test(name)) yield* tarFiles(gunzipSync(readFileSync(file)))
    else if (name.endsWith('.json') && !/(?:^|[\\/])(?:package|\.index)\.json$/.test(name))
      yield { name, text: readFileSync(file, 'utf8') }
  }
}

const block = 512

/** The JSON files of a tar archive (POSIX ustar: a header block, then the file's blocks). */
function* tarFiles(archive: Buffer): Generator<PackageFile> {
  for (let at = 0; at + block <= archive.length; ) {
    const field = (start: number, length: number): string =>
      archive.toString('utf8', at + start, at + start + length).replace(/\0.*$/s, '')
    const name = [field(345, 155), field(0, 100)].filter(Boolean).join('/')
    const size = Number.parseInt(field(124, 12).trim() || '0', 8)
    if (name === '' || Number.isNaN(size)) return
    const start = at + block
    if (name.endsWith('.json') && !/(?:^|\/)(?:package|\.index)\.json$|\/examples?\//.test(name))
      yield { name, text: archive.toString('utf8', start, start + size) }
    at = start + Math.ceil(size / block) * block
  }
}

function resourceIn(text: string, name: string, warnings: string[]): Canonical | undefined {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\u{feff}/u, ''))
  } catch {
    warnings.push(`${name} is not JSON`)
    return undefined
  }
  if (!isObject(value) || typeof value['resourceType'] !== 'string' || !isConformance(value['resourceType']))
    return undefined
  if (typeof value['url'] !== 'string') {
    warnings.push(`${name} has no url, so nothing can refer to it`)
    return undefined
  }
  return value as unknown as Canonical
}

/** Says which definitions a StructureDefinition stands on that are not here. */
function missingBases(resource: Canonical, library: Library): readonly string[] {
  if (resource.resourceType !== 'StructureDefinition' || resource.baseDefinition === undefined) return []
  const base = unversioned(resource.baseDefinition)
  const here = library.find('StructureDefinition', base) !== undefined || coreProfile(base) !== undefined
  return here ? [] : [`${resource.url} stands on ${base}, which is not here: load its package as well`]
}
