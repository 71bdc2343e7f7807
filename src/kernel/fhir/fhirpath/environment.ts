import type { Membership } from '../codes/membership.ts'

/** What an expression may ask for beyond its focus. */
export interface Environment {
  /** The resource the focus is in: a contained one, if it is there. */
  readonly resource: unknown
  /** The resource that holds the contained ones; the same as `resource` elsewhere. */
  readonly rootResource: unknown
  /** The resource behind a reference; undefined when it cannot be had. */
  readonly resolve?: (reference: string) => unknown
  /** Whether a code, Coding or CodeableConcept is in a value set. */
  readonly memberOf?: (value: unknown, valueSet: string) => Membership
  /** Whether a value meets a profile; undefined when the profile is not here. */
  readonly conformsTo?: (value: unknown, profile: string) => Membership
}
