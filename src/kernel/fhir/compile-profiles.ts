import { writeFileSync } from 'node:fs'
import type { ElementDefinition, FhirResource, StructureDefinition } from 'fhir/r4.js'
import { profilesFile, profilesIndexFile } from './packages/core-profiles.ts'

/** What a check or a snapshot needs of an element; descriptions and mappings are nine tenths of the rest. */
const kept = new Set([
  'id',
  'path',
  'sliceName',
  'slicing',
  'min',
  'max',
  'base',
  'contentReference',
  'type',
  'maxLength',
  'mustSupport',
  'isModifier',
])
const keptPrefixes = ['fixed', 'pattern', 'minValue', 'maxValue', 'defaultValue']

/** Writes the R4 StructureDefinitions, one a line, with an index by URL: read one by one, when one is asked for. */
export function compileProfiles(resources: readonly FhirResource[]): void {
  const lines: string[] = []
  const index: Record<string, readonly [start: number, length: number, type: string]> = {}
  let at = 0
  for (const each of resources) {
    if (each.resourceType !== 'StructureDefinition' || each.fhirVersion !== '4.0.1') continue
    const line = `${JSON.stringify(slim(each))}\n`
    const length = Buffer.byteLength(line)
    lines.push(line)
    index[each.url] = [at, length, each.type]
    at += length
  }
  writeFileSync(profilesFile, lines.join(''))
  writeFileSync(profilesIndexFile, JSON.stringify(index))
}

function slim(profile: StructureDefinition): unknown {
  const { url, version, name, title, type, kind, abstract, derivation, baseDefinition, context } = profile
  return {
    resourceType: 'StructureDefinition',
    url,
    version,
    name,
    title,
    status: profile.status,
    type,
    kind,
    abstract,
    derivation,
    baseDefinition,
    context,
    contextInvariant: profile.contextInvariant,
    snapshot: { element: (profile.snapshot?.element ?? []).map(slimElement) },
  }
}

function slimElement(element: ElementDefinition): unknown {
  const own = Object.entries(element).filter(
    ([key]) => kept.has(key) || keptPrefixes.some((prefix) => key.startsWith(prefix)),
  )
  const constraint = (element.constraint ?? [])
    // Checked by structure for every element (R4 Element, Extension).
    .filter((each) => each.key !== 'ele-1' && each.key !== 'ext-1')
    .map(({ key, severity, human, expression, source }) => ({ key, severity, human, expression, source }))
  const { binding } = element
  return {
    ...Object.fromEntries(own),
    ...(constraint.length === 0 ? {} : { constraint }),
    ...(binding === undefined ? {} : { binding: { strength: binding.strength, valueSet: binding.valueSet } }),
  }
}
