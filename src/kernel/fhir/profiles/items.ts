import { isObject } from '../../../base/json.ts'
import { tableOf } from '../structure-table.ts'
import type { Item } from './place.ts'

/** How the values of one element are found under an object of one type. */
export interface Access {
  readonly key: string
  readonly extras?: string
  readonly type: string
  readonly step: string
}

/** Where the values of an element lie: one member, or one for each type of a choice. `name` may end in `[x]`. */
export function accessesOf(parentType: string, name: string): readonly Access[] {
  const stem = name.endsWith('[x]') ? name.slice(0, -3) : name
  const found: Access[] = []
  for (const [key, property] of tableOf(parentType).properties) {
    if (property.kind === 'extras') continue
    const own = property.step.replace(/\.ofType\(.*$/, '')
    if (own !== stem) continue
    const extras = property.kind === 'primitive' ? { extras: `_${key}` } : {}
    const type = property.kind === 'resource' ? 'Resource' : (property.type ?? 'Element')
    found.push({ key, type, step: property.step, ...extras })
  }
  return found
}

const nothing: readonly Item[] = []

/** The values of an element under a parent. A primitive that has extensions only is a value as well. */
export function itemsOf(parent: Item, accesses: readonly Access[]): readonly Item[] {
  const holder = isObject(parent.value) ? parent.value : isObject(parent.extras) ? parent.extras : undefined
  if (holder === undefined) return nothing
  let found: Item[] | undefined
  for (const { key, extras, type, step } of accesses) {
    const value = holder[key]
    const other = extras === undefined ? undefined : holder[extras]
    if (value === undefined && other === undefined) continue
    found ??= []
    const length = Array.isArray(value) ? value.length : Array.isArray(other) ? other.length : undefined
    if (length === undefined) {
      found.push({ value, extras: other, type: typeOf(value, type), place: { up: parent.place, step } })
      continue
    }
    for (let index = 0; index < length; index++) {
      const each: unknown = Array.isArray(value) ? value[index] : undefined
      const half: unknown = Array.isArray(other) ? other[index] : undefined
      const place = { up: parent.place, step, index }
      found.push({ value: each === null ? undefined : each, extras: half, type: typeOf(each, type), place })
    }
  }
  return found ?? nothing
}

const typeOf = (value: unknown, type: string): string =>
  type === 'Resource' && isObject(value) && typeof value['resourceType'] === 'string' ? value['resourceType'] : type
