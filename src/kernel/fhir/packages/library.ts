import type { CodeSystem, FhirResource, Measure, Questionnaire, StructureDefinition, ValueSet } from 'fhir/r4.js'
import { coreTerminology } from '../codes/core-codes.ts'
import { withSnapshot } from '../profiles/snapshot.ts'
import { coreProfile } from './core-profiles.ts'

/** A resource that has a canonical URL. */
export type Canonical = FhirResource & { readonly url?: string | undefined; readonly version?: string | undefined }

const conformanceTypes = new Set([
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'Questionnaire',
  'Measure',
  'OperationDefinition',
  'SearchParameter',
])

/** Whether resources of a type are looked up by canonical URL when others are validated. */
export const isConformance = (type: string): boolean => conformanceTypes.has(type)

/**
 * Every conformance resource that counts: those of R4, of loaded packages, and those stored here. The last one added
 * under a URL wins; with a version asked for, that version. Snapshots are made when first needed, and kept.
 */
export class Library {
  /** Grows with every change: whoever keeps what was compiled from here compares it. */
  changes = 0
  readonly #byUrl = new Map<string, Canonical[]>()
  readonly #snapshots = new Map<StructureDefinition, StructureDefinition>()
  readonly #making = new Set<string>()
  readonly #base: Library | undefined

  /** A library on top of another: what is not here is looked for there. */
  constructor(base?: Library) {
    this.#base = base
  }

  /** All changes, those below included. */
  get version(): string {
    return this.#base === undefined ? String(this.changes) : `${this.#base.version}.${this.changes}`
  }

  /** Takes a resource in; what has no canonical URL or is no conformance resource counts for nothing and is left out. */
  add(resource: Canonical): void {
    if (!conformanceTypes.has(resource.resourceType) || resource.url === undefined) return
    const key = `${resource.resourceType} ${resource.url}`
    const others = (this.#byUrl.get(key) ?? []).filter((each) => each.version !== resource.version)
    this.#byUrl.set(key, [...others, resource])
    this.changes += 1
    this.#snapshots.clear()
  }

  /** Takes in a parsed JSON resource, if it is a conformance resource. */
  addParsed(value: Readonly<Record<string, unknown>>): void {
    const { resourceType, url } = value
    // Its shape is checked where it is stored or validated; here it only has to be found.
    if (typeof resourceType === 'string' && conformanceTypes.has(resourceType) && typeof url === 'string')
      this.add(value as unknown as Canonical)
  }

  /** Every resource that was added here, not below. */
  all(): readonly Canonical[] {
    return [...this.#byUrl.values()].flat()
  }

  /** The StructureDefinition behind a canonical, with its snapshot. */
  structure(canonical: string): StructureDefinition | undefined {
    const found = this.#find('StructureDefinition', canonical)
    if (found?.resourceType !== 'StructureDefinition') return coreProfile(unversioned(canonical))
    const known = this.#snapshots.get(found)
    if (known !== undefined) return known
    const key = `${found.url}|${found.version}`
    // A definition that is its own base, directly or by way of others, has no snapshot.
    if (this.#making.has(key)) return undefined
    this.#making.add(key)
    try {
      const made = withSnapshot(found, (url) => this.structure(url))
      this.#snapshots.set(found, made)
      return made
    } finally {
      this.#making.delete(key)
    }
  }

  valueSet(canonical: string): ValueSet | undefined {
    const found = this.#find('ValueSet', canonical)
    return found?.resourceType === 'ValueSet' ? found : coreTerminology().sets.get(unversioned(canonical))
  }

  codeSystem(canonical: string): CodeSystem | undefined {
    const found = this.#find('CodeSystem', canonical)
    return found?.resourceType === 'CodeSystem' ? found : coreTerminology().systems.get(unversioned(canonical))
  }

  questionnaire(canonical: string): Questionnaire | undefined {
    const found = this.#find('Questionnaire', canonical)
    return found?.resourceType === 'Questionnaire' ? found : undefined
  }

  measure(canonical: string): Measure | undefined {
    const found = this.#find('Measure', canonical)
    return found?.resourceType === 'Measure' ? found : undefined
  }

  /** Any other conformance resource, by type. */
  find(type: string, canonical: string): Canonical | undefined {
    return this.#find(type, canonical)
  }

  #find(type: string, canonical: string): Canonical | undefined {
    const [url = '', version] = canonical.split('|')
    const here = this.#byUrl.get(`${type} ${url}`) ?? []
    const found = version === undefined ? here.at(-1) : here.find((each) => each.version === version)
    return found ?? this.#base?.find(type, canonical) ?? here.at(-1)
  }
}

/** A canonical without its version and fragment. */
export const unversioned = (canonical: string): string => canonical.replace(/[|#].*$/, '')
