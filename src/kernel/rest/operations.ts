import { exportOperations } from '../bulk/export-operation.ts'
import { importOperation } from '../bulk/import-request.ts'
import { convert } from '../operations/convert.ts'
import { document } from '../operations/document.ts'
import { everything } from '../operations/everything/everything.ts'
import { expunge } from '../operations/expunge/expunge.ts'
import { graphql } from '../operations/graphql/graphql.ts'
import { lastn } from '../operations/lastn.ts'
import { matchOperation } from '../operations/match.ts'
import { mergeOperation } from '../operations/merge.ts'
import { processMessage } from '../operations/message/process-message.ts'
import { metaOperations } from '../operations/meta.ts'
import { stats } from '../operations/stats/stats.ts'
import { summary } from '../operations/summary/summary.ts'
import { subscriptionOperations } from '../subscriptions/operations.ts'
import { terminologyOperations } from '../terminology/operations/list.ts'
import { runViewDefinition } from '../views/run-operation.ts'
import type { FhirOperation } from './operation.ts'
import { validate } from './validate.ts'

/** Every operation there is, in the order of the CapabilityStatement. */
export const operations: readonly FhirOperation[] = [
  ...everything,
  ...metaOperations,
  lastn,
  matchOperation,
  mergeOperation,
  summary,
  expunge,
  document,
  convert,
  stats,
  processMessage,
  validate,
  graphql,
  ...exportOperations,
  importOperation,
  ...subscriptionOperations,
  runViewDefinition,
  ...terminologyOperations,
]
