import type { FieldNode, SelectionSetNode } from 'graphql'
import { isObject } from '../../../base/json.ts'
import { typeNumber } from '../../fhir/resource-types.ts'
import { searchParameter } from '../../search/parameters.ts'
import { relativeTarget } from '../../search/reference.ts'
import { isA, selectedOf } from './collect.ts'
import { type ArgumentValue, refused, textOf } from './document.ts'
import { answerOf, type Node, nodeOf, type Run } from './execute.ts'

/** What a field leads to: simple values, or nodes to select from. */
export interface Reached {
  readonly many: boolean
  readonly values: readonly (Node | { readonly leaf: unknown })[]
}

const one = (values: Reached['values']): Reached => ({ many: false, values })

/** The type that stands for the base of the server, from which resources are asked for by type. */
export const systemType = 'Query'

/** Fields that are no elements: references followed, forward and back, and searches. Undefined for any other. */
export async function specialField(
  run: Run,
  node: Node,
  field: FieldNode,
  inner: readonly SelectionSetNode[],
): Promise<Reached | undefined> {
  const name = field.name.value
  if (name === '__typename') return one([{ leaf: node.type }])
  const isResource = node.value === node.around || typeof node.value['resourceType'] === 'string'
  if (name === 'resourceType' && isResource && node.type !== systemType) return one([{ leaf: node.type }])
  if (node.type === 'Reference' && name === 'resource')
    return one(await referenced(run, node, run.query.argumentsOf(field)))
  if (node.type !== systemType && !isResource) return undefined
  const parts = /^([A-Z][A-Za-z]+?)(List|Connection)?$/.exec(name)
  const type = typeNumber(name) === undefined ? parts?.[1] : name
  if (type === undefined || typeNumber(type) === undefined) {
    if (node.type === systemType) throw refused(`There is no query for "${name.slice(0, 60)}"`)
    return undefined
  }
  if (inner.length === 0) throw refused(`Say which fields of "${name}" are wanted`)
  const given = run.query.argumentsOf(field)
  const kind = type === name ? undefined : parts?.[2]
  if (kind === undefined) return node.type === systemType ? one(await byId(run, type, given)) : undefined
  const query = searchText(node, type, given)
  return kind === 'List' ? list(run, type, query) : one([{ leaf: await connection(run, type, query, inner) }])
}

async function byId(run: Run, type: string, given: ReadonlyMap<string, ArgumentValue>): Promise<Reached['values']> {
  const id = given.get('id') ?? given.get('_id')
  if (given.size !== 1 || typeof id !== 'string')
    throw refused(`${type} is asked for by "id"; use ${type}List to search`)
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw refused('An id has 1 to 64 letters, digits, "-" or "."')
  const found = await run.resources.read(`${type}/${id}`)
  if (found === undefined) throw refused(`${type}/${id} is not known`)
  return [nodeOf(found)]
}

/** FHIR GraphQL, Resource References: `optional` passes over what is not there, `type` over what is of another type. */
async function referenced(run: Run, node: Node, given: ReadonlyMap<string, ArgumentValue>): Promise<Reached['values']> {
  for (const name of given.keys())
    if (name !== 'optional' && name !== 'type') throw refused(`"resource" has no argument "${name.slice(0, 60)}"`)
  const type = given.get('type')
  if (type !== undefined && (typeof type !== 'string' || typeNumber(type) === undefined))
    throw refused('"type" is a type of resource')
  const literal = node.value['reference']
  if (typeof literal !== 'string') {
    if (given.get('optional') === true || literal === undefined) return []
    throw refused('A reference leads nowhere')
  }
  const found = await targetOf(run, node, literal)
  if (found !== undefined) return type === undefined || isA(found.type, type) ? [found] : []
  const local = literal.startsWith(`${run.base}/`) ? literal.slice(run.base.length + 1) : literal
  if (type !== undefined && relativeTarget(local)?.startsWith(`${type}/`) === false) return []
  if (given.get('optional') === true) return []
  throw refused(`The resource ${literal.slice(0, 80)} is not known; resource(optional: true) passes over it`)
}

async function targetOf(run: Run, node: Node, literal: string): Promise<Node | undefined> {
  if (literal.startsWith('#')) {
    const contained = node.around['contained']
    const found: unknown = Array.isArray(contained)
      ? contained.find((each: unknown) => isObject(each) && each['id'] === literal.slice(1))
      : undefined
    return isObject(found) ? { type: String(found['resourceType']), value: found, around: node.around } : undefined
  }
  const local = literal.startsWith(`${run.base}/`) ? literal.slice(run.base.length + 1) : literal
  const target = relativeTarget(local)
  const found = target === undefined ? undefined : await run.resources.read(target)
  return found === undefined ? undefined : nodeOf(found)
}

/** Arguments as search parameters: `_` stands for `-` in names, and `_reference` for what refers to this resource. */
function searchText(node: Node, type: string, given: ReadonlyMap<string, ArgumentValue>): string {
  const query = new URLSearchParams()
  const by = given.get('_reference')
  if (node.type === systemType && by !== undefined) throw refused('"_reference" is used on a resource')
  if (node.type !== systemType) {
    if (typeof by !== 'string')
      throw refused(`${type}List on a resource needs "_reference": the parameter that refers to it`)
    if (searchParameter(type, dashed(type, by))?.type !== 'reference')
      throw refused(`"${by.slice(0, 60)}" of ${type} is no reference`)
    query.append(dashed(type, by), `${node.type}/${String(node.value['id'])}`)
  }
  for (const [name, value] of given) {
    if (name === '_reference' || value === null) continue
    query.append(
      dashed(type, name),
      Array.isArray(value) ? value.map((each) => textOf(name, each)).join(',') : textOf(name, value),
    )
  }
  return query.toString()
}

const dashed = (type: string, name: string): string =>
  name.startsWith('_') || searchParameter(type, name) !== undefined ? name : name.replaceAll('_', '-')

const mostListed = 1000

async function list(run: Run, type: string, query: string): Promise<Reached> {
  const limited = /(^|&)_count=/.test(query)
  const page = await run.resources.search(
    type,
    limited ? query : `${query}${query === '' ? '' : '&'}_count=${mostListed}`,
  )
  if (!limited && page.next !== undefined)
    throw refused(`More than ${mostListed} resources match. Ask for pages with ${type}Connection.`)
  return { many: true, values: page.found.map(nodeOf) }
}

/** FHIR GraphQL, paged search: the fields of a connection, of which only those asked for are made. */
async function connection(
  run: Run,
  type: string,
  query: string,
  inner: readonly SelectionSetNode[],
): Promise<Record<string, unknown>> {
  const selected = selectedOf(run.query, inner, `${type}Connection`)
  const wantsCount = selected.some(({ field }) => field.name.value === 'count')
  const counted = wantsCount && !query.includes('_total=') ? `${query}${query === '' ? '' : '&'}_total=accurate` : query
  const page = await run.resources.search(type, counted)
  const first = new URLSearchParams(query).get('_cursor') === null
  const made: Readonly<Record<string, unknown>> = {
    __typename: `${type}Connection`,
    count: page.total,
    // Pages go by position, not by number: only of the first is it known how many come before.
    offset: first ? 0 : undefined,
    pagesize: Number(new URLSearchParams(query).get('_count') ?? '50'),
    first: undefined,
    previous: page.previousCursor,
    next: page.nextCursor,
    last: undefined,
  }
  const answer: Record<string, unknown> = {}
  for (const { key, field, sets } of selected) {
    const name = field.name.value
    if (name === 'edges') answer[key] = await Promise.all(page.found.map((each) => edge(run, nodeOf(each), sets)))
    else if (Object.hasOwn(made, name)) answer[key] = made[name]
    else throw refused(`${type}Connection has no "${name.slice(0, 60)}"`)
  }
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== undefined))
}

async function edge(run: Run, node: Node, sets: readonly SelectionSetNode[]): Promise<Record<string, unknown>> {
  const answer: Record<string, unknown> = {}
  for (const { key, field, sets: inner } of selectedOf(run.query, sets, 'Edge')) {
    const name = field.name.value
    if (name === 'resource') answer[key] = await answerOf(run, node, inner)
    else if (name === 'mode') answer[key] = 'match'
    // A search here either matches or does not: there is no score to tell.
    else if (name !== 'score' && name !== '__typename') throw refused(`An edge has no "${name.slice(0, 60)}"`)
  }
  return answer
}
