import { writeFileSync } from 'node:fs'
import type { CodeSystem, CodeSystemConcept, FhirResource, ValueSet } from 'fhir/r4.js'
import { codesFile } from './codes/core-codes.ts'

/** Writes the code systems and value sets of R4 without narrative: what codes there are, and which a set holds. */
export function compileCodes(resources: readonly FhirResource[]): void {
  const byUrl = new Map<string, unknown>()
  for (const each of resources) {
    if (each.resourceType !== 'CodeSystem' && each.resourceType !== 'ValueSet') continue
    const url = `${each.resourceType} ${each.url}`
    if (each.url === undefined || byUrl.has(url)) continue
    byUrl.set(url, each.resourceType === 'CodeSystem' ? slimSystem(each) : slimSet(each))
  }
  writeFileSync(codesFile, JSON.stringify([...byUrl.values()]))
}

const slimSystem = (system: CodeSystem): unknown => ({
  resourceType: 'CodeSystem',
  url: system.url,
  version: system.version,
  name: system.name,
  status: system.status,
  content: system.content,
  ...(system.caseSensitive === undefined ? {} : { caseSensitive: system.caseSensitive }),
  ...(system.property === undefined ? {} : { property: system.property }),
  concept: (system.concept ?? []).map(slimConcept),
})

function slimConcept(concept: CodeSystemConcept): unknown {
  const { code, display, property } = concept
  return {
    code,
    display,
    ...(property === undefined ? {} : { property }),
    ...(concept.concept === undefined ? {} : { concept: concept.concept.map(slimConcept) }),
  }
}

const slimSet = (set: ValueSet): unknown => ({
  resourceType: 'ValueSet',
  url: set.url,
  version: set.version,
  name: set.name,
  status: set.status,
  compose: {
    include: (set.compose?.include ?? []).map(slimInclude),
    ...(set.compose?.exclude === undefined ? {} : { exclude: set.compose.exclude.map(slimInclude) }),
  },
})

const slimInclude = (include: NonNullable<ValueSet['compose']>['include'][number]): unknown => ({
  ...include,
  ...(include.concept === undefined
    ? {}
    : {
        concept: include.concept.map(({ code, display }) => ({ code, ...(display === undefined ? {} : { display }) })),
      }),
})
