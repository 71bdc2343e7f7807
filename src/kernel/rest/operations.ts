import { exportOperations } from '../bulk/export-operation.ts'
import { everything } from '../operations/everything/everything.ts'
import { metaOperations } from '../operations/meta.ts'
import type { FhirOperation } from './operation.ts'

/** Every operation there is, in the order of the CapabilityStatement. */
export const operations: readonly FhirOperation[] = [...everything, ...metaOperations, ...exportOperations]
