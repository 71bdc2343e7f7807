import { isObject } from '../../base/json.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { systems } from '../fhir/systems.ts'

const relativeShape = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/
const absoluteShape = /\/([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/

/** `Type/id` of a relative literal reference, without its version; undefined for any other text. */
export function relativeTarget(reference: string): string | undefined {
  const parts = relativeShape.exec(reference)
  const type = parts?.[1]
  if (type === undefined || typeNumber(type) === undefined) return undefined
  return `${type}/${parts?.[2]}`
}

/** Type of the resource that a Reference points to, as far as its own text says. */
export function targetType(reference: unknown): string | undefined {
  if (!isObject(reference)) return undefined
  const { reference: text, type, identifier } = reference
  if (typeof text === 'string') {
    const parts = relativeShape.exec(text) ?? absoluteShape.exec(text)
    if (parts?.[1] !== undefined) return parts[1]
  }
  if (typeof type === 'string') return type
  // A reference by NHS number alone can only mean a person.
  return isObject(identifier) && identifier['system'] === systems.nhsNumber ? 'Patient' : undefined
}
