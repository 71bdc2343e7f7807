import { newId } from '../../base/id.ts'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { insertAudit } from '../audit/audit.ts'
import type { Draft } from '../store/draft.ts'
import { readVersions } from '../store/history.ts'
import type { Operation, Outcome } from '../store/operation.ts'
import { refuseBrokenClaims } from './claims.ts'
import { type Criteria, criteriaName, resolveCriteria } from './criteria.ts'
import { type FhirAnswer, type FhirRequest, resourceAnswer } from './exchange.ts'
import { homeHint } from './home-hint.ts'
import { typeInUrl } from './target.ts'
import { draftOfType, updateOperation, writeAnswer } from './write.ts'

/** FHIR conditional create (`If-None-Exist`): writes only when nothing matches; 200 with what matches otherwise. */
export async function conditionalCreate(ctx: Context, request: FhirRequest, type: string): Promise<FhirAnswer> {
  const draft = draftOfType(request.body, type, typeInUrl(type))
  await refuseBrokenClaims(ctx, draft)
  const criteria = { type, query: (request.ifNoneExist ?? '').replace(/^[^?]*\?/, '') }
  const hint = await homeHint(ctx, draft)
  return decided(ctx, request, criteria, draft, (existing) =>
    existing === undefined
      ? {
          ...newOperation(ctx, draft, newId(hint.key)),
          ...(hint.person === undefined ? {} : { personHint: hint.person }),
        }
      : undefined,
  )
}

/** FHIR conditional update (`PUT Type?criteria`): none: create; one: update it; more: 412. */
export async function conditionalUpdate(ctx: Context, request: FhirRequest, type: string): Promise<FhirAnswer> {
  const draft = draftOfType(request.body, type, typeInUrl(type))
  await refuseBrokenClaims(ctx, draft)
  const hint = await homeHint(ctx, draft)
  return decided(ctx, request, { type, query: request.query }, draft, (existing) => {
    if (existing !== undefined) {
      if (draft.id !== undefined && draft.id !== existing)
        throw problem('invalid', 'The id in the body is not that of the resource that matches', {
          expression: `${type}.id`,
        })
      return updateOperation(ctx, request, draft, existing)
    }
    if (draft.id !== undefined) return updateOperation(ctx, request, draft, draft.id)
    return {
      ...newOperation(ctx, draft, newId(hint.key)),
      ...(hint.person === undefined ? {} : { personHint: hint.person }),
    }
  })
}

const newOperation = (ctx: Context, draft: Draft, id: string): Operation => ({
  action: 'create',
  type: draft.type,
  rtype: draft.rtype,
  id,
  draft,
  newId: true,
  submission: submissionOf(ctx),
})

async function decided(
  ctx: Context,
  request: FhirRequest,
  criteria: Criteria,
  draft: Draft,
  choose: (existing: string | undefined) => Operation | undefined,
): Promise<FhirAnswer> {
  return ctx.store.writer.transaction(async (connection) => {
    const existing = (await resolveCriteria(connection, [criteria])).get(criteriaName(criteria))
    const operation = choose(existing)
    return {
      operations: operation === undefined ? [] : [operation],
      async finish(_, outcomes: readonly Outcome[]) {
        const outcome = outcomes[0]
        if (outcome !== undefined) return () => writeAnswer(outcome, request)
        const at = { type: draft.type, rtype: draft.rtype, id: existing ?? '' }
        const [found] = await readVersions(connection, at, sql`true`, { limit: 1 })
        if (found === undefined) throw problem('conflict', 'What matched was deleted meanwhile. Try again.')
        // What matched is shown to the caller, which is a read like any other.
        const read = { person: found.person, action: 'read' as const, outcome: 'success' as const }
        const row = { ...read, ids: [`${at.type}/${at.id}`], submission: submissionOf(ctx) }
        await insertAudit(connection, [row], ctx.clock.now().epochMilliseconds)
        const location = `${request.base}/${at.type}/${at.id}/_history/${found.version}`
        return () => resourceAnswer(200, found, { location })
      },
    }
  })
}
