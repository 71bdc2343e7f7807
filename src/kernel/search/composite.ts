import { hash64 } from '../../base/hash.ts'
import { isObject } from '../../base/json.ts'
import { emitterFor } from './emit.ts'
import type { Found } from './extract.ts'
import { type SearchParameterDefinition, searchParametersOf, whyNotIndexed } from './parameters.ts'
import { compilePath, type Route, valuesAt } from './path.ts'
import { parameterName } from './token.ts'

/** How a composite parameter is answered. */
export type CompositePlan =
  /** Its parts lie in the resource itself, so each may be looked for by its own parameter. */
  | { readonly kind: 'together'; readonly parts: readonly SearchParameterDefinition[] }
  /** A code, and a second part, of one element of several: pairs are indexed when a resource is written. */
  | { readonly kind: 'pair'; readonly name: string; readonly second: SearchParameterDefinition }
  | { readonly kind: 'either'; readonly of: readonly CompositePlan[] }

const ownWays: ReadonlySet<string> = new Set(['_id', '_lastUpdated', '_text', '_content'])

/** Why a type cannot be searched by a parameter; undefined when it can. */
export function whyNotSearchable(type: string, parameter: SearchParameterDefinition): string | undefined {
  if (ownWays.has(parameter.code)) return undefined
  if (parameter.type !== 'composite') return whyNotIndexed(parameter)
  return compositePlan(type, parameter) === undefined ? 'Its parts must lie in one element of several' : undefined
}

/** The plan for a composite of a type; undefined when it cannot be answered exactly. */
export function compositePlan(type: string, parameter: SearchParameterDefinition): CompositePlan | undefined {
  const places = placesOf(type, parameter)
  if (places.length < 2) return simplePlan(type, parameter, places[0])
  // Code and value of "Observation | Observation.component" have a composite of their own for each place.
  const of = places.map((place) => {
    const own = searchParametersOf(type).find((each) => isSame(each, parameter) && each.expression === place)
    return own === undefined ? undefined : simplePlan(type, own, place)
  })
  return of.every((each) => each !== undefined) ? { kind: 'either', of } : undefined
}

/** What a stored element adds to the pairs of a composite parameter. */
export interface PairExtraction {
  readonly route: Route
  readonly emit: (element: unknown, found: Found) => void
}

/** How pairs of the composites of a type are indexed. */
export const pairExtractionsOf = (type: string): readonly PairExtraction[] =>
  searchParametersOf(type)
    .filter((each) => each.type === 'composite')
    .flatMap((parameter) => {
      const places = placesOf(type, parameter)
      const plan = places.length === 1 ? simplePlan(type, parameter, places[0]) : undefined
      if (plan?.kind !== 'pair') return []
      const [first = '', second = ''] = (parameter.component ?? []).map((each) => each.expression)
      return compilePath(places[0] ?? '', type).map((route) => ({
        route,
        emit: pairEmitter(plan.name, plan.second.type, compilePath(first, route.type), compilePath(second, route.type)),
      }))
    })

/** Tokens of the first part of a pair are made under this name; they are keys of the second part's rows. */
export const firstName = (name: string): string => `${name}$`

/** Tokens of the second part, where it is a token. */
export const secondName = (name: string): string => `${name}$$`

/** A pair of tokens. */
export const pairToken = (first: bigint, second: bigint): bigint => hash64(`${first}$${second}`)

const placesOf = (type: string, { expression = '' }: SearchParameterDefinition): readonly string[] =>
  expression.split(' | ').filter((each) => each === type || each.startsWith(`${type}.`))

const isSame = (one: SearchParameterDefinition, other: SearchParameterDefinition): boolean =>
  one.type === 'composite' &&
  one.component?.map((each) => each.expression).join() === other.component?.map((each) => each.expression).join()

function simplePlan(type: string, parameter: SearchParameterDefinition, place?: string): CompositePlan | undefined {
  const components = parameter.component ?? []
  const all = searchParametersOf(type)
  const parts = components.flatMap(({ definition }) => all.filter((each) => definition.endsWith(`/${each.id}`)))
  if (place === undefined || parts.length !== components.length) return undefined
  if (place === type) return { kind: 'together', parts }
  const [first, second] = parts
  const isPair =
    parts.length === 2 && first?.type === 'token' && !components.some((each) => each.expression.startsWith('%'))
  if (!isPair || second === undefined || (second.type !== 'token' && second.type !== 'quantity')) return undefined
  return { kind: 'pair', name: parameterName(type, parameter.code), second }
}

function pairEmitter(
  name: string,
  type: SearchParameterDefinition['type'],
  first: readonly Route[],
  second: readonly Route[],
): PairExtraction['emit'] {
  return (element, found) => {
    if (!isObject(element)) return
    const keys = partOf('token', first, element, firstName(name)).tokens
    const values = partOf(type, second, element, secondName(name))
    for (const key of keys) {
      for (const token of values.tokens) found.tokens.add(pairToken(key, token))
      for (const row of values.numbers) found.numbers.push({ ...row, key })
    }
  }
}

function partOf(
  type: SearchParameterDefinition['type'],
  routes: readonly Route[],
  element: Readonly<Record<string, unknown>>,
  name: string,
): Found {
  const found: Found = { tokens: new Set(), strings: [], dates: [], numbers: [], references: new Set() }
  for (const route of routes) {
    const emit = emitterFor(type, route.type)
    for (const value of valuesAt(route, element)) emit?.(value, name, 0n, found)
  }
  return found
}
