import { isObject } from '../../base/json.ts'
import { type Issue, problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { isRefusedOnWrite } from '../fhir/validate/write-policy.ts'
import type { Draft } from '../store/draft.ts'

/**
 * Refuses a resource that does not meet a profile it claims in `meta.profile`. A profile that is not here is not
 * checked, and stops nothing. A resource without claims costs nothing.
 */
export async function refuseBrokenClaims(ctx: Context, draft: Draft): Promise<void> {
  const { meta } = draft.resource
  const claims: unknown = isObject(meta) ? meta['profile'] : undefined
  if (!Array.isArray(claims)) return
  const validator = await ctx.store.conformance.validator()
  const known = claims.filter(
    (each): each is string => typeof each === 'string' && validator.profile(each) !== undefined,
  )
  if (known.length === 0) return
  const issues: readonly Issue[] = validator.meets(draft.resource, known).filter(isRefusedOnWrite)
  if (issues.length > 0) throw problem('rule', issues[0]?.message ?? 'A profile is not met', { issues })
}
