import { problem } from '../../base/problem.ts'
import { typeNumber } from '../fhir/resource-types.ts'

/** A resource addressed by URL. */
export interface Address {
  readonly type: string
  readonly rtype: number
  readonly id: string
}

/** The number of a resource type named in a URL. */
export function typeInUrl(type: string): number {
  const rtype = typeNumber(type)
  if (rtype === undefined) throw problem('not-found', 'There is no resource type of this name in FHIR R4')
  return rtype
}

/** Type and id as named in a URL. */
export function address(type: string, id: string): Address {
  const rtype = typeInUrl(type)
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw problem('invalid', 'An id has 1 to 64 letters, digits, "-" or "."')
  return { type, rtype, id }
}
