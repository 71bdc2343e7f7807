import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import type { AuditAction } from '../audit/audit.ts'

/** Audits what a page was given of one person, before the page gets it. */
export async function auditRecord(
  ctx: Context,
  person: bigint,
  action: AuditAction,
  ids: readonly string[],
): Promise<void> {
  const outcome = ids.length === 0 ? ('not-found' as const) : ('success' as const)
  const row = { person, action, outcome, ids, submission: submissionOf(ctx) }
  await ctx.store.readAudit.write([row], ctx.clock.now().epochMilliseconds)
}
