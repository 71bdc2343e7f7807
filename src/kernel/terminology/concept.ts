import type { CodeSystem, CodeSystemConcept, CodeSystemConceptDesignation, CodeSystemConceptProperty } from 'fhir/r4.js'

/** A concept of a code system that is held in memory. */
export interface Concept {
  readonly code: string
  readonly display: string | undefined
  readonly definition: string | undefined
  readonly designations: readonly CodeSystemConceptDesignation[]
  readonly properties: readonly CodeSystemConceptProperty[]
  /** Cannot be chosen: only groups others. */
  readonly abstract: boolean
  readonly inactive: boolean
  readonly parents: Concept[]
  readonly children: Concept[]
}

/** A code system that is held in memory, whole, with its hierarchy. */
export interface ListedSystem {
  readonly kind: 'listed'
  readonly url: string
  readonly version: string
  readonly name: string
  /** What is not here does not exist. */
  readonly complete: boolean
  /** Whether being below means being a kind of (and not, say, a part of). */
  readonly subsumes: boolean
  readonly concepts: ReadonlyMap<string, Concept>
  readonly properties: ReadonlySet<string>
  find(code: string): Concept | undefined
}

/** Makes a code system of its resource. */
export function listedSystem(resource: CodeSystem): ListedSystem {
  const concepts = new Map<string, Concept>()
  const parents = new Map<string, Set<string>>()
  const take = (list: readonly CodeSystemConcept[], parent: string | undefined): void => {
    for (const each of list) {
      if (!concepts.has(each.code)) concepts.set(each.code, conceptOf(each))
      for (const above of [parent, ...namedParents(each)]) if (above !== undefined) note(parents, each.code, above)
      for (const below of namedChildren(each)) note(parents, below, each.code)
      take(each.concept ?? [], each.code)
    }
  }
  take(resource.concept ?? [], undefined)
  link(concepts, parents)
  const folded = resource.caseSensitive === false ? foldedCodes(concepts) : undefined
  const { hierarchyMeaning } = resource
  return {
    kind: 'listed',
    url: resource.url ?? '',
    version: resource.version ?? '',
    name: resource.name ?? resource.title ?? resource.url ?? '',
    complete: resource.content === 'complete',
    subsumes: hierarchyMeaning === undefined || hierarchyMeaning === 'is-a',
    concepts,
    properties: new Set((resource.property ?? []).map((each) => each.code)),
    find: (code) => concepts.get(code) ?? folded?.get(code.toLowerCase()),
  }
}

/** The concept and all above or below it, nearest first; a hierarchy that goes in circles ends all the same. */
export function reachable(concept: Concept, direction: 'parents' | 'children'): ReadonlySet<Concept> {
  const found = new Set([concept])
  for (const each of found) for (const next of each[direction]) found.add(next)
  return found
}

/** What a property of a concept says, as text. */
export function propertyText(property: CodeSystemConceptProperty): string {
  const value =
    property.valueCode ??
    property.valueString ??
    property.valueCoding?.code ??
    property.valueBoolean ??
    property.valueInteger ??
    property.valueDecimal ??
    property.valueDateTime
  return value === undefined ? '' : String(value)
}

const isTrue = (list: readonly CodeSystemConceptProperty[], code: string): boolean =>
  list.some((each) => each.code === code && (each.valueBoolean === true || propertyText(each) === 'true'))

/** Words of the `status` property (http://hl7.org/fhir/concept-properties#status) for what is no longer used. */
const retired: ReadonlySet<string> = new Set(['retired', 'inactive'])

function conceptOf(from: CodeSystemConcept): Concept {
  const properties = from.property ?? []
  return {
    code: from.code,
    display: from.display,
    definition: from.definition,
    designations: from.designation ?? [],
    properties,
    abstract: isTrue(properties, 'notSelectable') || isTrue(properties, 'abstract'),
    inactive:
      isTrue(properties, 'inactive') ||
      properties.some((each) => each.code === 'status' && retired.has(propertyText(each))),
    parents: [],
    children: [],
  }
}

const parentProperties: ReadonlySet<string> = new Set(['parent', 'subsumedBy'])

const namedParents = (concept: CodeSystemConcept): string[] =>
  (concept.property ?? []).filter((each) => parentProperties.has(each.code)).map(propertyText)

const namedChildren = (concept: CodeSystemConcept): string[] =>
  (concept.property ?? []).filter((each) => each.code === 'child').map(propertyText)

function note(parents: Map<string, Set<string>>, child: string, parent: string): void {
  const known = parents.get(child)
  if (known === undefined) parents.set(child, new Set([parent]))
  else known.add(parent)
}

/** Joins concepts to those above; names of concepts that are not there lead nowhere. */
function link(concepts: ReadonlyMap<string, Concept>, parents: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const child of concepts.values())
    for (const code of parents.get(child.code) ?? []) {
      const parent = concepts.get(code)
      if (parent === undefined || parent === child) continue
      child.parents.push(parent)
      parent.children.push(child)
    }
}

const foldedCodes = (concepts: ReadonlyMap<string, Concept>): ReadonlyMap<string, Concept> =>
  new Map([...concepts.values()].map((concept) => [concept.code.toLowerCase(), concept]))
