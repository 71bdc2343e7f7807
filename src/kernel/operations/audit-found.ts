import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import type { AuditAction } from '../audit/audit.ts'
import type { Found } from '../search/search.ts'

/** Audits what an operation is about to return, a row for each person with every id. `asked` stands for an empty answer. */
export async function auditReturned(
  ctx: Context,
  action: AuditAction,
  found: readonly Pick<Found, 'person' | 'type' | 'id'>[],
  asked: string,
): Promise<void> {
  const byPerson = new Map<bigint, string[]>()
  for (const { person, type, id } of found) {
    const ids = byPerson.get(person)
    if (ids === undefined) byPerson.set(person, [`${type}/${id}`])
    else ids.push(`${type}/${id}`)
  }
  if (byPerson.size === 0) byPerson.set(0n, [asked])
  const outcome = found.length === 0 ? ('not-found' as const) : ('success' as const)
  const submission = submissionOf(ctx)
  const rows = [...byPerson].map(([person, ids]) => ({ person, action, outcome, ids, submission }))
  await ctx.store.readAudit.write(rows, ctx.clock.now().epochMilliseconds)
}
