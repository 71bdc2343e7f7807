import { isObject } from '../../base/json.ts'

/** SQL on FHIR `getResourceKey()`: the id, which is unique in its type's view. */
export const resourceKey = (resource: unknown): string | undefined =>
  isObject(resource) && typeof resource['id'] === 'string' ? resource['id'] : undefined

const literal = /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/

/** SQL on FHIR `getReferenceKey(type)`: what `getResourceKey()` gives for the resource that is referred to. */
export function referenceKey(reference: unknown, type?: string): string | undefined {
  const text = isObject(reference) ? reference['reference'] : undefined
  const found = typeof text === 'string' ? literal.exec(text) : null
  return found === null || (type !== undefined && type !== found[1]) ? undefined : found[2]
}
