import { exportOperations } from '../bulk/export-operation.ts'
import { everything } from '../operations/everything/everything.ts'
import { graphql } from '../operations/graphql/graphql.ts'
import { lastn } from '../operations/lastn.ts'
import { metaOperations } from '../operations/meta.ts'
import { terminologyOperations } from '../terminology/operations/list.ts'
import type { FhirOperation } from './operation.ts'
import { validate } from './validate.ts'

/** Every operation there is, in the order of the CapabilityStatement. */
export const operations: readonly FhirOperation[] = [
  ...everything,
  ...metaOperations,
  lastn,
  validate,
  graphql,
  ...exportOperations,
  ...terminologyOperations,
]
