import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CodeSystem, ValueSet } from 'fhir/r4.js'

/** The code systems and value sets of R4, v2 and v3, without narrative. Written by the build. */
export const codesFile = join(import.meta.dirname, '../../../../data/codes.json')

interface CoreCodes {
  readonly systems: ReadonlyMap<string, CodeSystem>
  readonly sets: ReadonlyMap<string, ValueSet>
}

let loaded: CoreCodes | undefined

/** The code systems and value sets that R4 itself defines, by URL; read from disk on first use. */
export function coreTerminology(): CoreCodes {
  if (loaded !== undefined) return loaded
  const systems = new Map<string, CodeSystem>()
  const sets = new Map<string, ValueSet>()
  for (const each of JSON.parse(readFileSync(codesFile, 'utf8')) as readonly (CodeSystem | ValueSet)[])
    if (each.url === undefined) continue
    else if (each.resourceType === 'CodeSystem') systems.set(each.url, each)
    else sets.set(each.url, each)
  loaded = { systems, sets }
  return loaded
}
