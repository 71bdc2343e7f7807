import { isObject } from '../../base/json.ts'
import { typeNumber } from './resource-types.ts'

const relative =
  /^(?:https?:\/\/[^\s?#]*\/)?([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/

/** The resource type that a Reference leads to, as far as the reference itself and contained resources tell. */
export function targetType(reference: Readonly<Record<string, unknown>>, container: unknown): string | undefined {
  const { reference: text, type } = reference
  if (typeof text === 'string' && text.startsWith('#')) {
    const found = containedResource(container, text.slice(1))
    return typeof found?.['resourceType'] === 'string' ? found['resourceType'] : undefined
  }
  const named = typeof text === 'string' ? typeInReference(text) : undefined
  return named ?? (typeof type === 'string' && typeNumber(type) !== undefined ? type : undefined)
}

/** The resource type in a literal reference; undefined when it names none of R4. */
export function typeInReference(reference: string): string | undefined {
  const type = relative.exec(reference)?.[1]
  return type !== undefined && typeNumber(type) !== undefined ? type : undefined
}

/** The contained resource of an id; the container itself for an empty one. */
export function containedResource(container: unknown, id: string): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(container)) return undefined
  if (id === '') return container
  const { contained } = container
  return Array.isArray(contained) ? contained.find((each: unknown) => isObject(each) && each['id'] === id) : undefined
}
