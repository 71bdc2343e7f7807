import { elementsOf } from '../fhir/definitions.ts'
import type { SearchParameterDefinition, TypeParameter } from './parameters.ts'
import { compilePath, type Resource, type Route, valuesAt } from './path.ts'

/**
 * How `:missing` is answered for a parameter. What nearly every resource has would make tokens that select nothing, so a
 * parameter whose element R4 makes mandatory has a token where it is absent, and the others where they are present.
 * What has a side table needs neither. On disk: changing a parameter's way means rebuilding every search column.
 */
export type Presence = 'side' | 'always' | 'absent-token' | 'present-token'

const sides: ReadonlySet<SearchParameterDefinition['type']> = new Set([
  'string',
  'date',
  'number',
  'quantity',
  'special',
])

/** How presence of a parameter is kept for a type. */
export function presenceOf(type: string, { definition, routes }: TypeParameter): Presence {
  if (sides.has(definition.type) && definition.code !== 'phonetic') return 'side'
  if (routes.some((route) => route.truth !== undefined)) return 'always'
  return routes.some((route) => mandatoryKey(type, route) !== undefined) ? 'absent-token' : 'present-token'
}

/** The same for a parameter by its definition. */
export const presenceOfDefinition = (type: string, definition: SearchParameterDefinition): Presence =>
  presenceOf(type, { definition, routes: compilePath(definition.expression ?? '', type) })

/** Says of a resource whether a parameter has no value at all; quick for what has the mandatory element. */
export function absenceTest(type: string, { routes }: TypeParameter): (resource: Resource) => boolean {
  const keys = routes.flatMap((route) => mandatoryKey(type, route) ?? [])
  return (resource) =>
    !keys.some((key) => key in resource) && routes.every((route) => valuesAt(route, resource).length === 0)
}

/** The JSON name of the mandatory element of the resource itself that a route leads to. */
function mandatoryKey(type: string, { steps }: Route): string | undefined {
  const [step, ...more] = steps
  if (step === undefined || more.length > 0 || step.accepts !== undefined || step.index !== undefined) return undefined
  const element = elementsOf(type).find((each) => each.name === step.key && each.choice !== true)
  return (element?.min ?? 0) > 0 ? step.key : undefined
}
