import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js'

/** The kinds of resource that terminology is made of. */
export const terminologyTypes = ['CodeSystem', 'ValueSet', 'ConceptMap'] as const
export type TerminologyType = (typeof terminologyTypes)[number]
export type TerminologyResource = CodeSystem | ValueSet | ConceptMap

const folder = join(import.meta.dirname, '../../../data')

/** The terminology of R4, v2 and v3 without narrative, one resource a line. Written by the build. */
export const terminologyFile = join(folder, 'terminology.ndjson')
/** Where in `terminologyFile` each resource lies, and the value sets that R4 binds its elements to. */
export const terminologyIndexFile = join(folder, 'terminology-index.json')

/** What the build writes to `terminologyIndexFile`. */
export interface CoreIndex {
  readonly resources: readonly CorePlace[]
  /** Element path (`Patient.gender`) → canonical of its value set. */
  readonly bindings: Readonly<Record<string, string>>
}

/** One resource of the file: where it starts and how long it is, in bytes. */
export type CorePlace = readonly [type: TerminologyType, url: string, version: string, start: number, length: number]

let index: CoreIndex | undefined
let file: Buffer | undefined

/** What R4 itself defines; read from disk when first asked for. */
export function coreIndex(): CoreIndex {
  index ??= JSON.parse(readFileSync(terminologyIndexFile, 'utf8')) as CoreIndex
  return index
}

/** One resource of R4's own terminology. */
export function coreResource([, , , start, length]: CorePlace): TerminologyResource {
  file ??= readFileSync(terminologyFile)
  return JSON.parse(file.toString('utf8', start, start + length)) as TerminologyResource
}
