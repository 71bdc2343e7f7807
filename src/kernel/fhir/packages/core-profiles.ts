import { openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { StructureDefinition } from 'fhir/r4.js'

const dataFolder = join(import.meta.dirname, '../../../../data')

/** The R4 StructureDefinitions with their snapshots, one a line. Written by the build. */
export const profilesFile = join(dataFolder, 'profiles.ndjson')
/** Where in `profilesFile` each lies, by URL. */
export const profilesIndexFile = join(dataFolder, 'profiles-index.json')

let index: Readonly<Record<string, readonly [start: number, length: number, type: string]>> | undefined
let file: number | undefined
const read = new Map<string, StructureDefinition>()

/** A StructureDefinition of R4 itself, with its snapshot; undefined for any other URL. Read from disk when first asked for. */
export function coreProfile(url: string): StructureDefinition | undefined {
  const known = read.get(url)
  if (known !== undefined) return known
  index ??= JSON.parse(readFileSync(profilesIndexFile, 'utf8')) as NonNullable<typeof index>
  const place = Object.hasOwn(index, url) ? index[url] : undefined
  if (place === undefined) return undefined
  file ??= openSync(profilesFile, 'r')
  const bytes = Buffer.alloc(place[1])
  readSync(file, bytes, 0, place[1], place[0])
  const found = JSON.parse(bytes.toString('utf8')) as StructureDefinition
  read.set(url, found)
  return found
}

/** The URLs of all StructureDefinitions of R4 itself. */
export function coreProfileUrls(): readonly string[] {
  index ??= JSON.parse(readFileSync(profilesIndexFile, 'utf8')) as NonNullable<typeof index>
  return Object.keys(index)
}
