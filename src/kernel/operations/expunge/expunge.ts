import { newId } from '../../../base/id.ts'
import { problem } from '../../../base/problem.ts'
import type { Context } from '../../access/context.ts'
import { submissionOf } from '../../access/submission.ts'
import type { FhirAnswer } from '../../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../../rest/operation.ts'
import { givenParameters, parametersAnswer } from '../../rest/parameters.ts'
import { address, typeInUrl } from '../../rest/target.ts'
import { commit } from '../../store/commit.ts'
import type { Connection } from '../../store/database.ts'
import { draftOf } from '../../store/draft.ts'
import { LockSet, rehomingLock } from '../../store/locks.ts'
import type { Operation } from '../../store/operation.ts'
import { derivedUuid } from '../derived-uuid.ts'
import { certificateOf, countByType, type Erasure, returnedCounts, safeReason } from './certificate.ts'
import { countPlaces, eraseRemains, type PlaceCount } from './places.ts'
import { type Scope, type Target, targetsOf } from './targets.ts'

const parameters = {
  reason: { type: 'string', required: true },
  /** What the plan answered: without it, a plan is made and nothing is changed. */
  plan: { type: 'string' },
  query: { type: 'string' },
  everything: { type: 'boolean' },
} as const

/**
 * `$expunge`: erases resources for good, every version and every trace in search. First called, it answers a plan; called
 * again with that plan it erases what was planned, all or nothing, and answers a certificate that is stored with it.
 */
export const expunge: FhirOperation = {
  name: 'expunge',
  definition: 'https://linchpin.example/fhir/OperationDefinition/expunge',
  levels: ['type', 'instance'],
  affectsState: true,
  run: answer,
}

async function answer(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  requireAdministrator(ctx)
  const given = givenParameters(invocation, parameters)
  const reason = safeReason(given.reason)
  const scope = scopeOf(invocation, given)
  if (given.plan === undefined) return planAnswer(ctx, scope, reason)
  return run(ctx, invocation, scope, { reason, plan: given.plan })
}

/** Erasing is for whoever runs the whole store, not for one organisation's system and not for people. */
function requireAdministrator({ actor }: Context): void {
  if (actor.kind !== 'system' || actor.organisation !== undefined)
    throw problem('forbidden', 'Only an administrator’s system may erase')
}

function scopeOf(
  { type = '', id }: Invocation,
  { query, everything }: { readonly query: string | undefined; readonly everything: boolean | undefined },
): Scope {
  typeInUrl(type)
  const unused = id === undefined ? everything !== undefined && 'everything' : query !== undefined && 'query'
  if (unused !== false) throw problem('invalid', `"${unused}" has no use here`, { expression: unused })
  if (id === undefined) {
    if (query === undefined) throw problem('invalid', '"query" says which resources: a search', { expression: 'query' })
    if (type === 'Patient' || type === 'Person')
      throw problem('rule', 'Erase a person one at a time, with everything about them', { expression: 'query' })
    return { kind: 'search', type, query }
  }
  const at = address(type, id)
  const ofPerson = type === 'Patient' || type === 'Person'
  if (ofPerson !== (everything === true))
    throw problem(
      'rule',
      ofPerson
        ? 'What is about a person goes with them: "everything" must be true'
        : '"everything" is of a Patient or Person',
      {
        expression: 'everything',
      },
    )
  return ofPerson ? { kind: 'everything', at } : { kind: 'resource', at }
}

async function planAnswer(ctx: Context, scope: Scope, reason: string): Promise<FhirAnswer> {
  const { targets, before } = await ctx.store.database.transaction(async (connection) => {
    const targets = await targetsOf(connection, scope)
    return { targets, before: await countPlaces(connection, targets) }
  })
  refuseNothing(targets)
  const counts = returnedCounts({ reason, byType: countByType(targets), before })
  return parametersAnswer([{ name: 'plan', valueString: planName(targets) }, ...counts])
}

const refuseNothing = (targets: readonly Target[]): void => {
  if (targets.length === 0) throw problem('not-found', 'There is nothing here to erase')
}

/** Names what would be erased to the last version: another write makes another plan. */
const planName = (targets: readonly Target[]): string =>
  derivedUuid(
    targets.map(({ type, id, version, isCurrent }) => `${type}/${id}/${version}/${String(isCurrent)}`).join(' '),
  )

interface Asked {
  readonly reason: string
  readonly plan: string
}

async function run(ctx: Context, { request }: Invocation, scope: Scope, { reason, plan }: Asked): Promise<FhirAnswer> {
  const id = newId(0n)
  const { targets, erasure } = await ctx.store.database.transaction(async (connection) => {
    const targets = await lockedTargets(connection, scope)
    if (planName(targets) !== plan)
      throw problem('conflict', 'What is here is not what was planned. Ask for a plan again.', { expression: 'plan' })
    const before = await countPlaces(connection, targets)
    const after = before.map((each) => ({ ...each, rows: 0 }))
    const erasure: Erasure = { reason, byType: countByType(targets), before, after }
    const operations = [...deletes(ctx, targets), certificateWrite(ctx, id, erasure)]
    // What must be erased is erased although others refer to it: the certificate says that they keep their reference.
    await commit(connection, operations, { atomic: true, copy: false, nowMs: ctx.clock.now().epochMilliseconds })
    await eraseRemains(connection, targets)
    refuseLeft(await countPlaces(connection, targets))
    return { targets, erasure }
  })
  ctx.store.feed.nudge()
  // Looked at once more from outside the transaction that erased it.
  const after = await ctx.store.database.transaction((connection) => countPlaces(connection, targets))
  refuseLeft(after)
  return parametersAnswer([
    { name: 'certificate', valueReference: { reference: `${request.base}/Basic/${id}` } },
    ...returnedCounts(erasure, after),
  ])
}

/** Locks everything named, and whoever might add to a person meanwhile, then looks again. */
async function lockedTargets(connection: Connection, scope: Scope): Promise<readonly Target[]> {
  const locks = new LockSet()
  const seen = await targetsOf(connection, scope)
  refuseNothing(seen)
  if (scope.kind === 'everything') locks.change(rehomingLock)
  for (const { type, id } of seen) locks.change(`${type}/${id}`)
  await locks.take(connection)
  return targetsOf(connection, scope)
}

const deletes = (ctx: Context, targets: readonly Target[]): readonly Operation[] =>
  targets
    .filter((each) => each.isCurrent && !each.isOwn)
    .map(({ type, rtype, id }) => ({ action: 'delete', type, rtype, id, newId: false, submission: submissionOf(ctx) }))

function certificateWrite(ctx: Context, id: string, erasure: Erasure): Operation {
  const draft = draftOf(JSON.stringify(certificateOf(ctx, id, erasure)), 'The certificate')
  return { action: 'create', type: 'Basic', rtype: draft.rtype, id, draft, newId: true, submission: submissionOf(ctx) }
}

function refuseLeft(after: readonly PlaceCount[]): void {
  const left = after.filter(({ rows }) => rows > 0)
  if (left.length > 0)
    throw problem('fault', `Something is left after erasing: ${left.map(({ place }) => place).join(', ')}`)
}
