import { isExactNumber } from '../../../base/exact-json.ts'
import { isObject } from '../../../base/json.ts'
import { type CompiledElement, choiceName, definitions, elementsOf, plainType } from '../../fhir/definitions.ts'
import type { Condition, Step } from './path.ts'

/** An element as JSON holds it: a value, and for a primitive what lies beside it under `_name`. */
export interface Part {
  readonly value: unknown
  readonly extra?: unknown
}

/** An element of a resource that can be changed where it stands. */
export interface Place {
  readonly type: string
  /** Undefined for the resource itself. */
  readonly slot: Slot | undefined
  readonly value: unknown
}

/** Where all values of one element lie. */
export interface Slot {
  readonly holder: Record<string, unknown>
  readonly key: string
  readonly many: boolean
  /** Which of the values; 0 for an element that does not repeat. */
  readonly index: number
}

/** The elements that a path leads to. */
export function placesAt(root: Place, steps: readonly Step[]): readonly Place[] {
  return steps.reduce<readonly Place[]>((places, step) => next(places, step), [root])
}

function next(places: readonly Place[], step: Step): readonly Place[] {
  switch (step.kind) {
    case 'member':
      return places.flatMap((place) => membersOf(place, step.name))
    case 'index':
      return places.slice(step.at, step.at + 1)
    case 'last':
      return places.slice(-1)
    case 'single':
      return places.length === 1 ? places : []
    case 'type':
      return places.filter(({ type }) => type === step.type)
    case 'extension':
      return places
        .flatMap((place) => membersOf(place, 'extension'))
        .filter(({ value }) => isObject(value) && value['url'] === step.url)
    case 'where':
      return places.filter((place) => step.all.every((condition) => holds(place, condition)))
    default:
      return []
  }
}

function holds(place: Place, { steps, test, literal }: Condition): boolean {
  const found = placesAt(place, steps)
  if (test === 'there') return found.length > 0
  if (test === 'absent') return found.length === 0
  const [only] = found
  if (found.length !== 1 || only === undefined) return false
  const { value } = only
  const text = isExactNumber(value) ? value.rawJSON : String(value)
  const equal = text === literal || (isExactNumber(value) && Number(text) === Number(literal))
  return (test === 'equal') === equal
}

function membersOf(place: Place, name: string): readonly Place[] {
  const { value } = place
  if (!isObject(value) || isExactNumber(value)) return []
  const type = typeof value['resourceType'] === 'string' ? value['resourceType'] : place.type
  const named = namedElement(type, name)
  return named === undefined ? [] : named.keys.flatMap((each) => placesIn(value, named.element, each))
}

function placesIn(
  holder: Record<string, unknown>,
  element: CompiledElement,
  { key, type }: { readonly key: string; readonly type: string },
): readonly Place[] {
  const many = element.many === true
  const slot = { holder, key, many, index: 0 }
  return partsOf(slot).map((part, index) => ({ type, slot: { ...slot, index }, value: part.value ?? part.extra }))
}

/** The element of a type that a name of FHIRPath means, with the JSON names it may have. */
export function namedElement(
  type: string,
  name: string,
): { readonly element: CompiledElement; readonly keys: readonly { key: string; type: string }[] } | undefined {
  for (const element of elementsOf(type)) {
    const types = element.types.map(plainType)
    if (element.name === name)
      return {
        element,
        keys: types.map((each) => ({ key: element.choice === true ? choiceName(name, each) : name, type: each })),
      }
    // `valueQuantity` is no FHIRPath, and everybody writes it.
    const chosen = element.choice === true ? types.find((each) => choiceName(element.name, each) === name) : undefined
    if (chosen !== undefined) return { element, keys: [{ key: name, type: chosen }] }
  }
  return undefined
}

export const isPrimitive = (type: string): boolean => definitions().types[type]?.kind === 'primitive'

/** All values of an element, each with what lies beside it. */
export function partsOf({ holder, key, many }: Omit<Slot, 'index'>): Part[] {
  const [value, extra] = [holder[key], holder[`_${key}`]]
  if (!many)
    return value === undefined && extra === undefined ? [] : [{ value, ...(extra === undefined ? {} : { extra }) }]
  const values: readonly unknown[] = Array.isArray(value) ? value : []
  const extras: readonly unknown[] = Array.isArray(extra) ? extra : []
  return Array.from({ length: Math.max(values.length, extras.length) }, (_, index) => ({
    value: values[index] ?? undefined,
    ...((extras[index] ?? undefined) === undefined ? {} : { extra: extras[index] }),
  }))
}

/** Puts values where those of an element lay. An element without values is left out. */
export function putParts({ holder, key, many }: Omit<Slot, 'index'>, parts: readonly Part[]): void {
  const put = (name: string, of: (part: Part) => unknown): void => {
    const values = parts.map((part) => of(part) ?? null)
    if (values.every((value) => value === null)) delete holder[name]
    else holder[name] = many ? values : values[0]
  }
  put(key, ({ value }) => value)
  put(`_${key}`, ({ extra }) => extra)
}

/** Leaves out elements that nothing is left of: in FHIR an element has content, or it is not there. */
export function dropEmpty(holder: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(holder)) {
    const kept = Array.isArray(value) ? value.filter((each: unknown) => !isEmptied(each)) : value
    if (isEmptied(value) || (Array.isArray(kept) && kept.length === 0)) delete holder[key]
    else holder[key] = kept
  }
}

function isEmptied(value: unknown): boolean {
  if (!isObject(value) || isExactNumber(value)) return false
  dropEmpty(value)
  return Object.keys(value).length === 0
}
