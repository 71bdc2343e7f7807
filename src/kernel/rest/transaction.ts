import { randomUUID } from 'node:crypto'
import { personKey } from '../../base/id.ts'
import { type Problem, problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import type { Connection } from '../store/database.ts'
import { draftOf } from '../store/draft.ts'
import { nameOf, type Operation, type Outcome } from '../store/operation.ts'
import { byItself, type Interact } from './batch.ts'
import { readEntries, transactionAnswer } from './bundle-answer.ts'
import type { BundleEntry } from './bundle-entries.ts'
import { refuseBrokenClaims } from './claims.ts'
import { deletion, mostDeletedAtOnce } from './conditional-delete.ts'
import { criteriaName, matchingIds, resolveCriteria } from './criteria.ts'
import { type FhirAnswer, type FhirRequest, versionOf } from './exchange.ts'
import { bundleHint } from './home-hint.ts'
import { patchedText, patchInEntry } from './patch.ts'
import { conditionalReferences, danglingUrns, rewriteReferences } from './references.ts'
import { address, typeInUrl } from './target.ts'
import {
  addFound,
  deleteCriteria,
  inPlace,
  type PlannedEntry,
  placedIn,
  planEntries,
  referenceCriteria,
  refuseTwice,
  targetsOf,
  writeCriteria,
} from './transaction-plan.ts'
import { refuseGolden } from './write.ts'

/**
 * FHIR transaction: all entries or none, in one database transaction; the answer is built after the commit. The order is
 * that of the specification: deletes, creates, updates and patches, then what only looks; a conditional reference is
 * looked for last, so that it may mean what the same transaction stores.
 */
export async function transaction(
  ctx: Context,
  request: FhirRequest,
  sent: readonly BundleEntry[],
  interact: Interact = onlyWrites,
): Promise<FhirAnswer> {
  const entries = sent.map((entry) => ({ ...entry, url: relative(entry.url, request.base) }))
  const done = await ctx.store.writer.transaction(async (connection) => {
    const work = await prepare(ctx, connection, entries)
    const { planned, operations } = work
    const later: Operation[] = []
    return {
      operations,
      refusedAs: ({ type, id }: Operation, refusal: Problem) => {
        const at = planned.find((each) => each.type === type && (each.id === id || each.ids?.includes(id) === true))
        return at === undefined ? refusal : placedIn(at.entry, refusal)
      },
      promised: new Set(work.waiting.map(({ type, id }) => nameOf(type, id))),
      async later(after: Connection) {
        if (work.waiting.length === 0) return later
        const criteria = work.waiting.flatMap(({ entry }) => referenceCriteria(entry))
        addFound(work.targets, await resolveCriteria(after, criteria, work.deleted))
        for (const each of work.waiting) later.push(await operationOf(ctx, after, each, work))
        return later
      },
      async finish(after: Connection, outcomes: readonly Outcome[]) {
        const read = await readEntries(ctx, after, planned)
        return () => ({ planned, operations: [...operations, ...later], outcomes, read })
      },
    }
  })
  const looked = new Map<number, string>()
  for (const { entry, after } of done.planned)
    if (after === true) looked.set(entry.index, await byItself(ctx, request, interact, entry))
  return transactionAnswer(request, done, looked)
}

/** Our own code sends transactions that only write. */
const onlyWrites: Interact = () => Promise.reject(problem('fault', 'A transaction of our own looks at something'))

/** The url of an entry may repeat where the server is. */
const relative = (url: string, base: string): string => (url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url)

interface Work {
  readonly planned: readonly PlannedEntry[]
  readonly operations: readonly Operation[]
  /** Written last: their conditional references found nothing that was stored before. */
  readonly waiting: readonly PlannedEntry[]
  readonly targets: Map<string, string>
  readonly deleted: ReadonlySet<string>
  /** Id for the golden Person of the Patient that the Bundle brings. */
  readonly person: string
}

async function prepare(ctx: Context, connection: Connection, entries: readonly BundleEntry[]): Promise<Work> {
  const gone = new Map<string, readonly string[]>()
  for (const criteria of entries.flatMap(deleteCriteria))
    gone.set(criteriaName(criteria), await matchingIds(connection, criteria, mostDeletedAtOnce))
  const deleted = deletedNames(entries, gone)
  const criteria = entries.flatMap((entry) => [...writeCriteria(entry), ...referenceCriteria(entry)])
  const found = await resolveCriteria(connection, criteria, deleted)
  const person = randomUUID()
  const bringsPatient = entries.some((entry) => entry.method === 'POST' && entry.url === 'Patient')
  const texts = entries.map((entry) => entry.resource)
  const key = bringsPatient ? personKey(person) : await bundleHint(connection, texts)
  const planned = planEntries(entries, found, gone, key)
  refuseTwice(planned)
  const targets = targetsOf(planned, found)
  const work = { planned, targets, deleted, person }
  const isWaiting = ({ entry, action }: PlannedEntry): boolean =>
    action !== undefined && conditionalReferences(entry.resource).some((reference) => !targets.has(reference))
  const operations: Operation[] = []
  for (const each of planned.filter((each) => !isWaiting(each)))
    operations.push(...(await operationsOf(ctx, connection, each, work)))
  return { ...work, operations, waiting: planned.filter(isWaiting) }
}

function deletedNames(entries: readonly BundleEntry[], gone: ReadonlyMap<string, readonly string[]>): Set<string> {
  const names = new Set(entries.filter(({ method }) => method === 'DELETE').map(({ url }) => url))
  for (const [name, ids] of gone) for (const id of ids) names.add(`${name.split('?')[0]}/${id}`)
  return names
}

type Known = Pick<Work, 'targets' | 'person'>

async function operationsOf(
  ctx: Context,
  connection: Connection,
  planned: PlannedEntry,
  work: Known,
): Promise<readonly Operation[]> {
  const { entry, type, id, ids, action } = planned
  if (action === undefined) return []
  if (action !== 'delete') return [await operationOf(ctx, connection, planned, work)]
  const ifMatch = inPlace(entry, () => versionOf(entry.ifMatch, 'ifMatch'))
  const match = ifMatch === undefined ? {} : { ifMatch }
  return (ids ?? [id]).map((each) => ({ ...deletion(ctx, type, each), ...match }))
}

async function operationOf(
  ctx: Context,
  connection: Connection,
  planned: PlannedEntry,
  { targets, person }: Known,
): Promise<Operation> {
  const { entry, type, id, action, newId } = planned
  try {
    const text = await textOf(connection, planned)
    const draft = draftOf(rewritten(text, targets), 'The resource')
    if (draft.type !== type) throw problem('invalid', `The resource is a ${draft.type}, the url says ${type}`)
    if (entry.method === 'PUT' && !entry.url.includes('?') && draft.id !== undefined && draft.id !== id)
      throw problem('invalid', 'The id of the resource is not that of the url', { expression: `${type}.id` })
    refuseGolden(draft)
    await refuseBrokenClaims(ctx, draft)
    const ifMatch = versionOf(entry.ifMatch, 'ifMatch')
    return {
      action: action === 'create' ? 'create' : 'update',
      type,
      rtype: typeInUrl(type),
      id,
      draft,
      newId,
      submission: submissionOf(ctx),
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(entry.ifNoneMatch?.trim() === '*' ? { ifAbsent: true } : {}),
      ...(type === 'Patient' ? { personHint: person } : {}),
    }
  } catch (error) {
    throw placedIn(entry, error)
  }
}

const textOf = async (connection: Connection, { entry, type, id, action }: PlannedEntry): Promise<string> =>
  action === 'patch' ? patchedText(connection, address(type, id), patchInEntry(entry.resource)) : entry.resource

function rewritten(text: string, targets: ReadonlyMap<string, string>): string {
  const [dangling] = danglingUrns(text, targets)
  if (dangling !== undefined) throw problem('invalid', `Nothing in the Bundle has the fullUrl ${dangling.slice(0, 80)}`)
  const missing = conditionalReferences(text).find((reference) => !targets.has(reference))
  if (missing !== undefined)
    throw problem('conflict', `Nothing matches the conditional reference ${missing.slice(0, 120)}`, { status: 412 })
  return rewriteReferences(text, targets)
}
