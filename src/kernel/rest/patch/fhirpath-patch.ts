import { isObject } from '../../../base/json.ts'
import { problem } from '../../../base/problem.ts'
import { mostPatchOperations } from './json-patch.ts'
import { parsePatchPath, type Step } from './path.ts'
import {
  dropEmpty,
  isPrimitive,
  namedElement,
  type Part,
  type Place,
  partsOf,
  placesAt,
  putParts,
  type Slot,
} from './place.ts'

type Given = Readonly<Record<string, unknown>>

/** Applies a FHIRPath Patch (FHIR R4, fhirpatch) to a resource parsed by `parseExact`, in place. */
export function applyFhirPathPatch(resource: Record<string, unknown>, parameters: unknown): void {
  const list = isObject(parameters) ? (parameters['parameter'] ?? []) : undefined
  if (!Array.isArray(list)) throw problem('invalid', 'A FHIRPath Patch is a Parameters resource')
  if (list.length > mostPatchOperations)
    throw problem('invalid', `A patch has at most ${mostPatchOperations} operations`, { status: 413 })
  list.forEach((each: unknown, index) => {
    const expression = `Parameters.parameter[${index}]`
    if (!isObject(each) || each['name'] !== 'operation')
      throw problem('invalid', 'Every parameter of a patch is named "operation"', { expression })
    const parts = new Map(partsIn(each).map((part) => [part['name'], part]))
    const type = parts.get('type')?.['valueCode']
    const run = typeof type === 'string' && Object.hasOwn(operations, type) ? operations[type] : undefined
    if (run === undefined)
      throw problem('invalid', `type must be one of ${Object.keys(operations).join(', ')}`, { expression })
    const path = textOf(parts.get('path'), 'path', expression)
    const type0 = typeof resource['resourceType'] === 'string' ? resource['resourceType'] : ''
    const root: Place = { type: type0, slot: undefined, value: resource }
    run({ root, steps: parsePatchPath(path, `${expression}.part('path')`), parts, expression })
  })
}

interface Call {
  readonly root: Place
  readonly steps: readonly Step[]
  readonly parts: ReadonlyMap<unknown, Given>
  /** The operation's place in the patch. */
  readonly expression: string
}

const operations: Readonly<Record<string, (call: Call) => void>> = { add, insert, delete: remove, replace, move }

const cannot = (call: Call, message: string): Error => problem('rule', message, { expression: call.expression })

const partsIn = (given: Given): readonly Given[] => {
  const parts = given['part'] ?? []
  return Array.isArray(parts) ? parts.filter(isObject) : []
}

function textOf(part: Given | undefined, name: string, expression: string): string {
  const text = part?.['valueString'] ?? part?.['valueCode'] ?? part?.['valueId']
  if (typeof text !== 'string') throw problem('invalid', `The operation needs a ${name}`, { expression })
  return text
}

function wholeOf(call: Call, name: string, most: number): number {
  const value = call.parts.get(name)?.['valueInteger']
  const number = isObject(value) ? Number(value['rawJSON']) : Number.NaN
  if (!Number.isInteger(number))
    throw problem('invalid', `The operation needs a ${name}`, { expression: call.expression })
  if (number < 0 || number > most) throw cannot(call, `${name} must be from 0 to ${most} here`)
  return number
}

function one(call: Call): Place {
  const places = placesAt(call.root, call.steps)
  const [place] = places
  if (place === undefined || places.length > 1)
    throw cannot(call, places.length === 0 ? 'The path leads to nothing' : 'The path leads to more than one element')
  return place
}

function add(call: Call): void {
  const place = one(call)
  const name = textOf(call.parts.get('name'), 'name', call.expression)
  const { value } = place
  if (!isObject(value)) throw cannot(call, 'Nothing can be added to this element')
  const given = valueIn(call, call.parts.get('value'))
  const slot = slotFor(call, value, typeOf(place), name, given.type)
  const before = partsOf(slot)
  if (!slot.many && before.length > 0)
    throw cannot(call, `There is a ${name} already, and it may not repeat: replace it`)
  putParts(slot, [...before, partOf(call, given, slot.type)])
}

const typeOf = ({ type, value }: Place): string =>
  isObject(value) && typeof value['resourceType'] === 'string' ? value['resourceType'] : type

function slotFor(
  call: Call,
  holder: Record<string, unknown>,
  type: string,
  name: string,
  given: string | undefined,
): Omit<Slot, 'index'> & { readonly type: string } {
  const named = namedElement(type, name.replace(/\[x\]$/, ''))
  const key = named?.keys.find((each) => given === undefined || each.type === given) ?? named?.keys[0]
  if (named === undefined || key === undefined) throw cannot(call, `${type} has no element "${name.slice(0, 60)}"`)
  return { holder, key: key.key, many: named.element.many === true, type: key.type }
}

/** The values of the element that a path to all of them names. */
function all(call: Call): { readonly slot: Omit<Slot, 'index'>; readonly type: string } {
  const last = call.steps.at(-1)
  const [parent, ...more] = placesAt(call.root, call.steps.slice(0, -1))
  if (last?.kind !== 'member' || parent === undefined || more.length > 0 || !isObject(parent.value))
    throw cannot(call, 'The path must name an element that repeats, without saying which')
  const slot = slotFor(call, parent.value, typeOf(parent), last.name, undefined)
  if (!slot.many) throw cannot(call, 'This element does not repeat')
  return { slot, type: slot.type }
}

function insert(call: Call): void {
  const { slot, type } = all(call)
  const parts = partsOf(slot)
  const at = wholeOf(call, 'index', parts.length)
  putParts(slot, parts.toSpliced(at, 0, partOf(call, valueIn(call, call.parts.get('value')), type)))
}

function move(call: Call): void {
  const { slot } = all(call)
  const parts = partsOf(slot)
  const [source, destination] = [
    wholeOf(call, 'source', parts.length - 1),
    wholeOf(call, 'destination', parts.length - 1),
  ]
  const moved = parts.splice(source, 1)
  putParts(slot, parts.toSpliced(destination, 0, ...moved))
}

function remove(call: Call): void {
  // FHIR R4, fhirpatch: what is not there need not be deleted.
  if (placesAt(call.root, call.steps).length === 0) return
  const { slot } = one(call)
  if (slot === undefined) throw cannot(call, 'A resource is not deleted by a patch')
  putParts(slot, partsOf(slot).toSpliced(slot.index, 1))
  if (isObject(call.root.value)) dropEmpty(call.root.value)
}

function replace(call: Call): void {
  const { slot, type } = one(call)
  if (slot === undefined) throw cannot(call, 'A resource is not replaced by a patch: update it')
  const given = valueIn(call, call.parts.get('value'))
  const part = partOf(call, given, given.type ?? type)
  const chosen = given.type === undefined ? undefined : choiceKey(slot, type, given.type)
  if (chosen === undefined || chosen === slot.key) return putParts(slot, partsOf(slot).with(slot.index, part))
  putParts(slot, [])
  putParts({ ...slot, key: chosen }, [part])
}

/** `valueQuantity` becomes `valueString` when a string replaces a quantity. */
function choiceKey({ key }: Slot, from: string, to: string): string | undefined {
  const suffix = from.charAt(0).toUpperCase() + from.slice(1)
  if (!key.endsWith(suffix) || key === suffix) return undefined
  return `${key.slice(0, -suffix.length)}${to.charAt(0).toUpperCase()}${to.slice(1)}`
}

interface Value {
  /** FHIR type as the parameter says; undefined for parts, whose type is that of the element. */
  readonly type: string | undefined
  readonly part: Given
}

const valueKey = /^_?value([A-Z][A-Za-z0-9]*)$/

function valueIn(call: Call, part: Given | undefined): Value {
  if (part === undefined) throw problem('invalid', 'The operation needs a value', { expression: call.expression })
  if (isObject(part['resource'])) return { type: 'Resource', part }
  const name = Object.keys(part).find((key) => valueKey.test(key))
  if (name === undefined) return { type: undefined, part }
  const type = valueKey.exec(name)?.[1] ?? ''
  const lower = type.charAt(0).toLowerCase() + type.slice(1)
  return { type: isPrimitive(lower) ? lower : type, part }
}

/** The JSON of a value. An element that has no `value[x]` of its own, such as `Patient.contact`, comes as its parts. */
function partOf(call: Call, { type, part }: Value, elementType: string): Part {
  if (type === 'Resource') return { value: part['resource'] }
  if (type !== undefined) {
    const key =
      Object.keys(part)
        .find((each) => valueKey.test(each))
        ?.replace(/^_/, '') ?? ''
    const extra = part[`_${key}`]
    return { value: part[key], ...(extra === undefined ? {} : { extra }) }
  }
  const made: Record<string, unknown> = {}
  for (const inner of partsIn(part)) {
    const given = valueIn(call, inner)
    const slot = slotFor(call, made, elementType, String(inner['name']), given.type)
    putParts(slot, [...(slot.many ? partsOf(slot) : []), partOf(call, given, slot.type)])
  }
  return { value: made }
}
