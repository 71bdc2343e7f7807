import type { FhirOperation } from './operation.ts'

/** Every operation there is, in the order of the CapabilityStatement. */
export const operations: readonly FhirOperation[] = []
