import { isObject, parseJson } from '../../base/json.ts'
import { indexedParametersOf } from './parameters.ts'
import { type Resource, type Route, valuesAt } from './path.ts'
import { relativeTarget } from './reference.ts'

/** A stored body as the resource it is. */
export function resourceIn(body: string): Resource {
  const parsed = parseJson(body, 'A stored resource')
  return isObject(parsed) ? parsed : {}
}

/** `Type/id` of every relative reference that a reference parameter of a type reaches in a resource. */
export function targetsOf(type: string, code: string, resource: Resource): readonly string[] {
  return routesOf(type, code).flatMap((route) =>
    valuesAt(route, resource).flatMap((value) => {
      const literal = isObject(value) ? value['reference'] : undefined
      const target = typeof literal === 'string' ? relativeTarget(literal) : undefined
      return target === undefined ? [] : [target]
    }),
  )
}

/** `Type/id` of what is on a List and was not taken off it. */
export function entriesOf(list: Resource): readonly string[] {
  const entries = Array.isArray(list['entry']) ? list['entry'] : []
  return entries.flatMap((entry) => {
    if (!isObject(entry) || entry['deleted'] === true || !isObject(entry['item'])) return []
    const { reference } = entry['item']
    const target = typeof reference === 'string' ? relativeTarget(reference) : undefined
    return target === undefined ? [] : [target]
  })
}

const routesByType = new Map<string, ReadonlyMap<string, readonly Route[]>>()

function routesOf(type: string, code: string): readonly Route[] {
  const known = routesByType.get(type)
  if (known !== undefined) return known.get(code) ?? []
  const made = new Map(
    indexedParametersOf(type)
      .filter(({ definition }) => definition.type === 'reference')
      .map(({ definition, routes }) => [definition.code, routes.filter((route) => route.type === 'Reference')]),
  )
  routesByType.set(type, made)
  return made.get(code) ?? []
}
