import type { GraphDefinition, GraphDefinitionLink, GraphDefinitionLinkTarget } from 'fhir/r4.js'
import { isObject } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import { compilePath, valuesAt } from '../search/path.ts'
import { relativeTarget } from '../search/reference.ts'
import type { Found } from '../search/search.ts'
import { resourceIn } from '../search/targets.ts'
import type { TouchedResources } from './touched-resources.ts'

/** The GraphDefinition that a caller names by its canonical URL or as `GraphDefinition/id`. */
export async function graphNamed(resources: TouchedResources, name: string): Promise<GraphDefinition> {
  const target = relativeTarget(name)
  const found =
    target?.startsWith('GraphDefinition/') === true
      ? await resources.read(target)
      : (await resources.search('GraphDefinition', new URLSearchParams({ url: name }).toString())).found[0]
  if (found === undefined) throw problem('rule', 'This GraphDefinition is not known', { expression: 'graph' })
  const graph = resourceIn(found.body) as unknown as GraphDefinition
  if (graph.start !== 'Composition') throw wrong('The graph of a document starts at a Composition')
  return graph
}

const wrong = (message: string): Error => problem('rule', message, { expression: 'graph' })

/** All that a graph leads to from a resource, which comes first; each resource once. */
export async function followGraph(
  resources: TouchedResources,
  start: Found,
  graph: GraphDefinition,
): Promise<readonly Found[]> {
  const found = new Map([[nameOf(start), start]])
  await followLinks(resources, start, graph.link ?? [], found, 0)
  return [...found.values()]
}

const nameOf = ({ type, id }: Found): string => `${type}/${id}`

const deepest = 10

async function followLinks(
  resources: TouchedResources,
  from: Found,
  links: readonly GraphDefinitionLink[],
  found: Map<string, Found>,
  depth: number,
): Promise<void> {
  if (depth > deepest && links.length > 0) throw wrong(`A graph here is at most ${deepest} links deep`)
  for (const link of links) {
    const reached = await reachedBy(resources, from, link)
    const { path = link.description ?? '' } = link
    if (reached.length < (link.min ?? 0))
      throw wrong(`${nameOf(from)} has too few of "${path.slice(0, 60)}" for this graph`)
    if (link.max !== undefined && link.max !== '*' && reached.length > Number(link.max))
      throw wrong(`${nameOf(from)} has too many of "${path.slice(0, 60)}" for this graph`)
    for (const { resource, target } of reached) {
      found.set(nameOf(resource), resource)
      await followLinks(resources, resource, target.link ?? [], found, depth + 1)
    }
  }
}

interface Reached {
  readonly resource: Found
  readonly target: GraphDefinitionLinkTarget
}

/** R4 GraphDefinition.link: a path to references, or for each target a search with `{ref}` for where it starts. */
async function reachedBy(
  resources: TouchedResources,
  from: Found,
  { path, sliceName, target = [] }: GraphDefinitionLink,
): Promise<readonly Reached[]> {
  if (sliceName !== undefined) throw wrong('Slices cannot be followed here')
  if (target.some((each) => each.compartment !== undefined)) throw wrong('Rules on compartments cannot be kept here')
  if (path === undefined) return searched(resources, from, target)
  const names = referencesAt(path, from)
  const read = await Promise.all(names.map((name) => resources.read(name)))
  return read.flatMap((resource) => {
    const of =
      resource === undefined
        ? undefined
        : target.find((each) => each.type === resource.type || each.type === 'Resource')
    return resource === undefined || of === undefined ? [] : [{ resource, target: of }]
  })
}

async function searched(
  resources: TouchedResources,
  from: Found,
  targets: readonly GraphDefinitionLinkTarget[],
): Promise<readonly Reached[]> {
  const all: Reached[] = []
  for (const target of targets) {
    if (target.params?.includes('{ref}') !== true) throw wrong('A link without a path searches with {ref}')
    const query = target.params.replace(/^[A-Za-z]*\?/, '').replaceAll('{ref}', nameOf(from))
    const page = await resources.search(target.type, `${query}&_count=${mostSearched}`)
    if (page.next !== undefined) throw wrong(`A link leads to more than ${mostSearched} resources`)
    all.push(...page.found.map((resource) => ({ resource, target })))
  }
  return all
}

const mostSearched = 1000

function referencesAt(path: string, from: Found): readonly string[] {
  const resource = resourceIn(from.body)
  return routesOf(path, from.type)
    .flatMap((route) => valuesAt(route, resource))
    .flatMap((value) => {
      const literal = isObject(value) ? value['reference'] : undefined
      const target = typeof literal === 'string' ? relativeTarget(literal) : undefined
      return target === undefined ? [] : [target]
    })
}

function routesOf(path: string, type: string): ReturnType<typeof compilePath> {
  try {
    return compilePath(`${type}.${path.replace(new RegExp(`^${type}\\.`), '')}`, type)
  } catch (cause) {
    throw problem('rule', `The path "${path.slice(0, 60)}" of ${type} cannot be followed`, {
      expression: 'graph',
      cause,
    })
  }
}
