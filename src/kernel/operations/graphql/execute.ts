import type { FieldNode, SelectionSetNode } from 'graphql'
import { isObject } from '../../../base/json.ts'
import { type Property, tableOf } from '../../fhir/structure-table.ts'
import type { Found } from '../../search/search.ts'
import { resourceIn } from '../../search/targets.ts'
import type { TouchedResources } from '../touched-resources.ts'
import { selectedOf } from './collect.ts'
import { type Query, refused } from './document.ts'
import { type Emission, emitted, type Mode, objectOf } from './emission.ts'
import { narrowed, sliceName } from './lists.ts'
import { type Reached, specialField } from './references.ts'

/** Something whose fields are selected: a resource or an element, with the resource it is part of. */
export interface Node {
  readonly type: string
  readonly value: Readonly<Record<string, unknown>>
  /** The resource around it, for contained ones. */
  readonly around: Readonly<Record<string, unknown>>
}

/** One run of a query. */
export interface Run {
  readonly query: Query
  readonly resources: TouchedResources
  /** Where the API is mounted: a reference that begins with it is a local one. */
  readonly base: string
  /** How many values the answer may still get. */
  budget: number
}

/** What an answer may hold at most. */
export const mostValues = 200_000

/** A stored resource as a node. */
export function nodeOf({ body }: Pick<Found, 'body'>): Node {
  const value = resourceIn(body)
  return { type: String(value['resourceType']), value, around: value }
}

/** What was selected of a node. */
export const answerOf = async (
  run: Run,
  node: Node,
  sets: readonly SelectionSetNode[],
): Promise<Record<string, unknown>> => objectOf(await select(run, node, sets, undefined))

/** Inside `@flatten`, what is appended to names; undefined elsewhere. */
type Flat = string | undefined

async function select(
  run: Run,
  node: Node,
  sets: readonly SelectionSetNode[],
  flat: Flat,
): Promise<readonly Emission[]> {
  const selected = selectedOf(run.query, sets, node.type)
  const all = await Promise.all(
    selected.map(async ({ key, field, sets: inner }) => {
      const reached = await fieldOf(run, node, field, inner)
      return emissions(run, { key, field, inner, reached, flat })
    }),
  )
  return all.flat()
}

interface Answering {
  readonly key: string
  readonly field: FieldNode
  readonly inner: readonly SelectionSetNode[]
  readonly reached: Reached
  readonly flat: Flat
}

/** FHIR GraphQL, directives: @first, @flatten, @singleton and @slice shape what a field reached. */
async function emissions(run: Run, { key, field, inner, reached, flat }: Answering): Promise<readonly Emission[]> {
  const directives = directivesOf(run.query, field)
  const values = directives.first ? reached.values.slice(0, 1) : reached.values
  run.budget -= values.length
  if (run.budget < 0) throw refused(`An answer has at most ${mostValues} values`)
  if (directives.flatten) {
    const parts = await Promise.all(
      values.map((value, index) =>
        select(run, asNode(value, field), inner, `${flat ?? ''}${suffixOf(directives.slice, value, index)}`),
      ),
    )
    return parts.flat()
  }
  const answers = await Promise.all(values.map((value) => ('leaf' in value ? value.leaf : answerOf(run, value, inner))))
  const mode: Mode = directives.singleton ? 'single' : flat !== undefined || reached.many ? 'list' : 'plain'
  return [emitted(`${key}${flat ?? ''}`, answers, mode)]
}

function asNode(value: Reached['values'][number], field: FieldNode): Node {
  if ('leaf' in value) throw refused(`"${field.name.value}" has nothing in it to flatten`)
  return value
}

const suffixOf = (path: string | undefined, value: Reached['values'][number], index: number): string => {
  if (path === undefined) return ''
  const name = 'leaf' in value ? String(index) : sliceName(path, value.value, index, value.type)
  return name === '' ? '' : `.${name}`
}

const known: ReadonlySet<string> = new Set(['include', 'skip', 'first', 'flatten', 'singleton', 'slice'])

function directivesOf(query: Query, field: FieldNode) {
  const names = new Map((field.directives ?? []).map((each) => [each.name.value, each]))
  for (const name of names.keys()) if (!known.has(name)) throw refused(`There is no directive @${name.slice(0, 60)}`)
  const slice = names.get('slice')
  const path = slice === undefined ? undefined : query.argumentsOf(slice).get('path')
  if (slice !== undefined && typeof path !== 'string') throw refused('@slice needs "path", an expression')
  return {
    first: names.has('first'),
    flatten: names.has('flatten'),
    singleton: names.has('singleton'),
    slice: typeof path === 'string' ? path : undefined,
  }
}

/** What a field of a node leads to. */
async function fieldOf(run: Run, node: Node, field: FieldNode, inner: readonly SelectionSetNode[]): Promise<Reached> {
  const name = field.name.value
  const special = await specialField(run, node, field, inner)
  if (special !== undefined) return special
  const property = tableOf(node.type).properties.get(name)
  if (property === undefined) throw refused(`${node.type} has no element "${name.slice(0, 60)}"`)
  checkShape(property, field, inner)
  const given = run.query.argumentsOf(field)
  const value = node.value[name]
  const type = property.table?.type ?? property.type ?? ''
  const all: readonly unknown[] = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]
  if (!property.many && given.size > 0) throw refused(`"${name}" does not repeat: it takes no arguments`)
  // Read also when nothing is there, so that a wrong query is wrong whatever it is asked of.
  const kept = narrowed(all, given, type, (each) => type !== '' && tableOf(type).properties.has(each))
  if (property.kind !== 'primitive' && property.kind !== 'resource') check(run, type, inner)
  const nodes = kept.flatMap((each): Reached['values'] => {
    if (property.kind === 'primitive') return each === null ? [] : [{ leaf: each }]
    if (!isObject(each)) return []
    if (property.kind === 'resource') return [{ type: String(each['resourceType']), value: each, around: node.around }]
    return [{ type, value: each, around: node.around }]
  })
  return { many: property.many, values: nodes }
}

function checkShape(property: Property, field: FieldNode, inner: readonly SelectionSetNode[]): void {
  const name = field.name.value
  if (property.kind === 'primitive' && inner.length > 0) throw refused(`"${name}" has no fields`)
  if (property.kind !== 'primitive' && inner.length === 0) throw refused(`Say which fields of "${name}" are wanted`)
}

/** Refuses fields that a type of element does not have, although there may be no value to look at. */
function check(run: Run, type: string, sets: readonly SelectionSetNode[]): void {
  for (const { field, sets: inner } of selectedOf(run.query, sets, type)) {
    const name = field.name.value
    if (name === '__typename' || (type === 'Reference' && name === 'resource')) continue
    const property = tableOf(type).properties.get(name)
    if (property === undefined) throw refused(`${type} has no element "${name.slice(0, 60)}"`)
    checkShape(property, field, inner)
    if (property.kind === 'complex' || property.kind === 'extras') check(run, property.type ?? '', inner)
  }
}
