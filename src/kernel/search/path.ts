import { isObject } from '../../base/json.ts'
import { choiceName, definitions, elementsOf, plainType } from '../fhir/definitions.ts'
import { primitives } from '../fhir/primitives.ts'
import { type Path, parsePath } from './path-syntax.ts'
import { targetType } from './reference.ts'

/** A resource before anything is known about it but that it is one. */
export type Resource = Readonly<Record<string, unknown>>

/** One JSON name on the way to a value, with what must hold of the values found under it. */
interface Step {
  readonly key: string
  readonly index?: number
  readonly accepts?: (value: unknown) => boolean
}

/** A way through a resource's JSON to values of one known type. An expression becomes one or more of them. */
export interface Route {
  /** FHIR type of the values: `CodeableConcept`, `dateTime`, `Patient.contact`. */
  readonly type: string
  readonly steps: readonly Step[]
  /** Value set that the codes of a plain code are bound to: it gives them their system. */
  readonly valueSet?: string
  /** Set for a yes-or-no expression, which has a value for every resource. */
  readonly truth?: (resource: Resource) => boolean
}

/** Compiles an expression for one resource type. What it says of other types is left out. */
export const compilePath = (expression: string, type: string): readonly Route[] => routesOf(parsePath(expression), type)

/** All values at the end of a route, in the order of the resource. */
export function valuesAt(route: Route, resource: Resource): readonly unknown[] {
  if (route.truth !== undefined) return [route.truth(resource)]
  const found: unknown[] = []
  follow(route.steps, 0, resource, found)
  return found
}

/** Adds to `found` the values that a route's steps from `at` on reach from a value. */
export function follow(steps: readonly Step[], at: number, from: unknown, found: unknown[]): void {
  const step = steps[at]
  if (step === undefined) {
    found.push(from)
    return
  }
  const value = isObject(from) ? from[step.key] : undefined
  if (value === undefined || value === null) return
  if (!Array.isArray(value)) {
    if ((step.index ?? 0) === 0 && (step.accepts === undefined || step.accepts(value)))
      follow(steps, at + 1, value, found)
    return
  }
  const values: readonly unknown[] = step.index === undefined ? value : value.slice(step.index, step.index + 1)
  for (const each of values)
    if (each !== null && (step.accepts === undefined || step.accepts(each))) follow(steps, at + 1, each, found)
}

/**
 * A route as an SQL/JSON path. What it says beyond names and indexes is left out, so it finds as much or more: enough
 * to check again what an index has found.
 */
export const jsonPathOf = ({ steps }: Route): string =>
  `$${steps.map(({ key, index }) => `."${key}"${index === undefined ? '' : `[${index}]`}`).join('')}`

function routesOf(path: Path, type: string): readonly Route[] {
  switch (path.kind) {
    case 'root':
      // One R4 parameter (InsurancePlan-name) leaves the type out.
      if (/^[a-z]/.test(path.name)) return member({ type, steps: [] }, path.name)
      return isA(type, path.name) ? [{ type, steps: [] }] : []
    case 'union':
      return path.of.flatMap((each) => routesOf(each, type))
    case 'member':
      return routesOf(path.of, type).flatMap((route) => member(route, path.name))
    case 'type':
      return routesOf(path.of, type).filter((route) => route.type === path.type)
    case 'index':
      return routesOf(path.of, type).map((route) => refined(route, { index: path.at }))
    case 'where':
      return routesOf(path.of, type).map((route) =>
        refined(route, { accepts: (value) => isObject(value) && value[path.name] === path.equals }),
      )
    case 'resolves':
      return routesOf(path.of, type).map((route) =>
        refined(route, { accepts: (value) => targetType(value) === path.type }),
      )
    case 'extension':
      return routesOf(path.of, type).map((route) => extension(route, path.url))
    case 'exists':
    case 'differs':
    case 'all':
      return truthRoutes(path, type)
  }
}

function truthRoutes(path: Path, type: string): readonly Route[] {
  const truth = truthOf(path, type)
  return truth === undefined ? [] : [{ type: 'boolean', steps: [], truth }]
}

/** What a yes-or-no expression says of a resource; undefined when it is about another type. */
function truthOf(path: Path, type: string): ((resource: Resource) => boolean) | undefined {
  if (path.kind === 'all') {
    const parts = path.of.map((each) => truthOf(each, type)).filter((each) => each !== undefined)
    return parts.length < path.of.length ? undefined : (resource) => parts.every((part) => part(resource))
  }
  if (path.kind !== 'exists' && path.kind !== 'differs') throw new Error(`Not a yes-or-no expression: ${path.kind}`)
  const routes = routesOf(path.of, type)
  if (routes.length === 0) return undefined
  const accepts = path.kind === 'exists' ? () => true : (value: unknown) => value !== path.from
  return (resource) => routes.some((route) => valuesAt(route, resource).some(accepts))
}

const isA = (type: string, name: string): boolean => {
  if (type === name) return true
  const base = definitions().types[type]?.base
  return base !== undefined && isA(base, name)
}

function member(route: Route, name: string): readonly Route[] {
  const element = elementsOf(route.type).find((each) => each.name === name)
  if (element === undefined) throw new Error(`${route.type} has no element ${name}`)
  return element.types.map((each) => {
    const type = plainType(each)
    const key = element.choice === true ? choiceName(name, type) : name
    const bound = element.valueSet === undefined ? {} : { valueSet: element.valueSet }
    return { type, steps: [...route.steps, { key }], ...bound }
  })
}

function refined(route: Route, more: Pick<Step, 'index' | 'accepts'>): Route {
  const last = route.steps.at(-1)
  if (last === undefined) throw new Error('A condition must follow an element')
  return { ...route, steps: [...route.steps.slice(0, -1), { ...last, ...more }] }
}

/** Extensions of a primitive lie beside it, under its name with an underscore. */
function extension(route: Route, url: string): Route {
  const last = route.steps.at(-1)
  const beside = last !== undefined && primitives[route.type] !== undefined
  const steps = beside ? [...route.steps.slice(0, -1), { ...last, key: `_${last.key}` }] : route.steps
  const accepts = (value: unknown): boolean => isObject(value) && value['url'] === url
  return { type: 'Extension', steps: [...steps, { key: 'extension', accepts }] }
}
