import { problem } from '../../base/problem.ts'
import { type Concept, type ListedSystem, propertyText, reachable } from './concept.ts'
import { codePattern } from './pattern.ts'

/** A filter of a value set's include (FHIR R4 ValueSet.compose.include.filter). */
export interface Filter {
  readonly property: string
  readonly op: string
  readonly value: string
}

const place = 'ValueSet.compose.include.filter'

/** The concepts of a system in memory that meet a filter. */
export function filtered(system: ListedSystem, filter: Filter): ReadonlySet<Concept> {
  const hierarchical = hierarchicalOps[filter.op]
  if (hierarchical !== undefined) return hierarchical(system, filter)
  const test = tests[filter.op]
  if (test === undefined) throw unknownFilter(system.url, filter)
  if (
    !knownProperties.has(filter.property) &&
    !system.properties.has(filter.property) &&
    !hasProperty(system, filter.property)
  )
    throw unknownFilter(system.url, filter)
  const accepts = test(filter)
  return new Set([...system.concepts.values()].filter((concept) => accepts(valuesOf(concept, filter.property))))
}

/** A filter that a code system does not have: nobody can say what it selects. */
export const unknownFilter = (system: string, { property, op }: Filter): Error =>
  problem('rule', `${system} has no filter "${property.slice(0, 60)} ${op.slice(0, 30)}"`, { expression: place })

const knownProperties: ReadonlySet<string> = new Set([
  'code',
  'concept',
  'display',
  'definition',
  'parent',
  'child',
  'inactive',
  'abstract',
  'notSelectable',
])

const hasProperty = (system: ListedSystem, property: string): boolean =>
  system.concepts.values().some((concept) => concept.properties.some((each) => each.code === property))

function root(system: ListedSystem, { value }: Filter): Concept {
  const found = system.find(value)
  if (found === undefined)
    throw problem('rule', `${system.url} has no code "${value.slice(0, 60)}"`, { expression: `${place}.value` })
  return found
}

const not = (system: ListedSystem, left: ReadonlySet<Concept>): ReadonlySet<Concept> =>
  new Set([...system.concepts.values()].filter((concept) => !left.has(concept)))

type Operation = (system: ListedSystem, filter: Filter) => ReadonlySet<Concept>

const below = (system: ListedSystem, filter: Filter): ReadonlySet<Concept> =>
  reachable(root(system, filter), 'children')

const hierarchicalOps: Readonly<Record<string, Operation>> = {
  'is-a': below,
  'descendent-of': (system, filter) => {
    const top = root(system, filter)
    return new Set([...below(system, filter)].filter((concept) => concept !== top))
  },
  'descendent-leaf': (system, filter) =>
    new Set([...below(system, filter)].filter(({ children }) => children.length === 0)),
  'child-of': (system, filter) => new Set(root(system, filter).children),
  'is-not-a': (system, filter) => not(system, below(system, filter)),
  generalizes: (system, filter) => reachable(root(system, filter), 'parents'),
}

/** What a concept has under the name of a property, as text. */
function valuesOf(concept: Concept, property: string): readonly string[] {
  const own = ownValues[property]
  const declared = concept.properties.filter((each) => each.code === property).map(propertyText)
  return own === undefined ? declared : [...new Set([...own(concept), ...declared])]
}

const ownValues: Readonly<Record<string, (concept: Concept) => readonly string[]>> = {
  code: ({ code }) => [code],
  concept: ({ code }) => [code],
  display: ({ display }) => (display === undefined ? [] : [display]),
  definition: ({ definition }) => (definition === undefined ? [] : [definition]),
  parent: ({ parents }) => parents.map((each) => each.code),
  child: ({ children }) => children.map((each) => each.code),
  inactive: ({ inactive }) => [String(inactive)],
  abstract: ({ abstract }) => [String(abstract)],
  notSelectable: ({ abstract }) => [String(abstract)],
}

const listOf = (value: string): ReadonlySet<string> => new Set(value.split(',').map((each) => each.trim()))

const tests: Readonly<Record<string, (filter: Filter) => (values: readonly string[]) => boolean>> = {
  '=':
    ({ value }) =>
    (values) =>
      values.includes(value),
  in: ({ value }) => {
    const wanted = listOf(value)
    return (values) => values.some((each) => wanted.has(each))
  },
  'not-in': ({ value }) => {
    const wanted = listOf(value)
    return (values) => !values.some((each) => wanted.has(each))
  },
  exists:
    ({ value }) =>
    (values) =>
      values.length > 0 === (value === 'true'),
  regex: ({ value }) => {
    const accepts = codePattern(value)
    return (values) => values.some(accepts)
  },
}
