import { problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { accepted } from '../jobs/status.ts'
import type { FhirAnswer } from '../rest/exchange.ts'
import type { FhirOperation, Invocation, OperationLevel } from '../rest/operation.ts'
import { exportRequestOf } from './export-request.ts'
import { mustBeGroup } from './listing.ts'

const exportOf = (definition: string, level: OperationLevel, types?: readonly string[]): FhirOperation => ({
  name: 'export',
  definition: `http://hl7.org/fhir/uv/bulkdata/OperationDefinition/${definition}`,
  levels: [level],
  ...(types === undefined ? {} : { types }),
  affectsState: false,
  run: kickOff,
})

/** `$export` of the system, of all Patients, and of the members of a Group (Bulk Data Access 2.0). */
export const exportOperations: readonly FhirOperation[] = [
  exportOf('export', 'system'),
  exportOf('patient-export', 'type', ['Patient']),
  exportOf('group-export', 'instance', ['Group']),
]

async function kickOff(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  const { request } = invocation
  if (!/respond-async/.test(request.prefer ?? ''))
    throw problem('invalid', 'An export takes its time: send the header Prefer: respond-async')
  if (ctx.actor.kind !== 'system') throw problem('forbidden', 'Only systems may export')
  const asked = exportRequestOf(invocation)
  if (asked.group !== undefined) await mustBeGroup(ctx.store.database.reading, asked.group)
  return accepted(request.base, await ctx.store.jobs.enqueue(ctx, { kind: 'export', request: asked }))
}
