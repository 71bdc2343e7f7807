import type { FhirOperation } from '../../rest/operation.ts'
import { expandOperation } from './expand.ts'

/** The operations on code systems, value sets and concept maps. */
export const terminologyOperations: readonly FhirOperation[] = [expandOperation]
