import { exportOperations } from '../bulk/export-operation.ts'
import { everything } from '../operations/everything/everything.ts'
import { graphql } from '../operations/graphql/graphql.ts'
import { lastn } from '../operations/lastn.ts'
import { metaOperations } from '../operations/meta.ts'
import { terminologyOperations } from '../terminology/operations/list.ts'
import { runViewDefinition } from '../views/run-operation.ts'
import type { FhirOperation } from './operation.ts'

/** Every operation there is, in the order of the CapabilityStatement. */
export const operations: readonly FhirOperation[] = [
  ...everything,
  ...metaOperations,
  lastn,
  graphql,
  ...exportOperations,
  runViewDefinition,
  ...terminologyOperations,
]
