import { isObject } from '../../../base/json.ts'
import { definitions } from '../definitions.ts'
import { type Property, tableOf } from '../structure-table.ts'
import type { Item } from './place.ts'

/** Calls back for a value and everything below it, with what it is in, outermost first. */
export function visitItems(root: Item, visit: (item: Item, ancestors: readonly Item[]) => void): void {
  const ancestors: Item[] = []
  const enter = (item: Item): void => {
    visit(item, ancestors)
    ancestors.push(item)
    const holder = isObject(item.value) ? item.value : isObject(item.extras) ? item.extras : undefined
    if (holder !== undefined && ancestors.length < 64) {
      const isPrimitive = definitions().types[item.type]?.kind === 'primitive'
      const { properties } = tableOf(isPrimitive ? 'Element' : item.type)
      for (const key in holder) {
        const property = properties.get(key)
        if (property !== undefined) enterProperty(item, key, property, holder)
      }
    }
    ancestors.pop()
  }
  const enterProperty = (
    item: Item,
    key: string,
    property: Property,
    holder: Readonly<Record<string, unknown>>,
  ): void => {
    const extras = property.kind === 'extras'
    // A primitive with nothing beside it has nothing below it.
    if (property.kind === 'primitive') return
    const value = holder[key]
    const type = extras ? (properties(item, property)?.type ?? 'string') : (property.type ?? 'Resource')
    const list: readonly unknown[] = Array.isArray(value) ? value : [value]
    list.forEach((each, index) => {
      if (!isObject(each)) return
      const own = typeof each['resourceType'] === 'string' && property.kind === 'resource' ? each['resourceType'] : type
      const place = { up: item.place, step: property.step, ...(Array.isArray(value) ? { index } : {}) }
      enter(extras ? { value: undefined, extras: each, type: own, place } : { value: each, type: own, place })
    })
  }
  enter(root)
}

const properties = (item: Item, property: Property): Property | undefined =>
  tableOf(definitions().types[item.type]?.kind === 'primitive' ? 'Element' : item.type).properties.get(
    property.counterpart ?? '',
  )
