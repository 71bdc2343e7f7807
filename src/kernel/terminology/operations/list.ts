import type { FhirOperation } from '../../rest/operation.ts'
import { closureOperation } from './closure.ts'
import { expandOperation } from './expand.ts'
import { findMatchesOperation } from './find-matches.ts'
import { lookupOperation, subsumesOperation } from './lookup.ts'
import { translateOperation } from './translate.ts'
import { validateCodeOperation } from './validate-code.ts'

/** The operations on code systems, value sets and concept maps. */
export const terminologyOperations: readonly FhirOperation[] = [
  expandOperation,
  validateCodeOperation,
  lookupOperation,
  subsumesOperation,
  translateOperation,
  findMatchesOperation,
  closureOperation,
]
