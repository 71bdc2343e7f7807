import { personKey } from '../../base/id.ts'
import { type Problem, problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import { authorReference } from '../search/author.ts'
import { extract } from '../search/extract.ts'
import { isPersonScoped } from '../search/home.ts'
import { liveViews } from '../views/live-views.ts'
import { type Home, readCurrent, readHomes, readLastVersions, type Target } from './current.ts'
import type { Connection } from './database.ts'
import { bodyOf, frameOf } from './draft.ts'
import { readVersions } from './history.ts'
import { type Candidates, candidatesOf, homeTargets, homeToken, type Placement, Placer, targetOf } from './homing.ts'
import {
  looseReferences,
  type ReferencePolicy,
  type ReferenceState,
  readReferrers,
  referencesOf,
  refuseDangling,
} from './integrity.ts'
import { LockSet, rehomingLock } from './locks.ts'
import { type CurrentRow, nameOf, type Operation, type Outcome } from './operation.ts'
import { indexPatients, matchLocks } from './person/index-patients.ts'
import { personType } from './person/people.ts'
import { localReferences, otherReferenceToken } from './references.ts'
import type { NewRow, RowKey, TableName } from './rows.ts'
import { adoptWaiting, type Plan, writePlan } from './write-plan.ts'

export interface CommitOptions {
  /** One refusal ends the whole commit (FHIR transaction). */
  readonly atomic: boolean
  /** Many new rows go by COPY; the connection must allow it. */
  readonly copy: boolean
  readonly nowMs: number
  /** Does not write a version that was current before and was replaced, but answers `deferred`. */
  readonly deferOld?: boolean
  /** What becomes of references to nothing; they are kept unless this says otherwise. */
  readonly references?: ReferencePolicy
  /** Says of what the caller knows an operation by, before its refusal ends the commit. */
  readonly refusedAs?: (operation: Operation, refusal: Problem) => unknown
  /** Names that the same transaction is going to store after this commit. */
  readonly promised?: ReadonlySet<string>
}

/**
 * Writes a set of operations in the caller's database transaction: locks, looks, decides, writes. A resource occurs once.
 * Answers in the order asked. Nothing is visible to others before the caller's commit, and everything is after it:
 * current row, history, search columns, person links, feed and audit.
 */
export async function commit(
  connection: Connection,
  operations: readonly Operation[],
  options: CommitOptions,
): Promise<Outcome[]> {
  const batch = new Map(operations.map((each) => [nameOf(each.type, each.id), each]))
  if (batch.size !== operations.length) throw problem('invalid', 'One resource occurs twice in the same transaction')
  const candidates = candidatesOf(operations)
  const state = await look(connection, operations, candidates, options)
  const standing = operations.map((operation) => standingProblem(operation, state))
  refuseDangling(operations, state, standing, options.atomic)
  const old = options.deferOld === true ? await oldVersions(connection, operations, state) : new Set<string>()
  const isOld = (operation: Operation): boolean => old.has(nameOf(operation.type, operation.id))
  const allowed = operations.filter((operation, index) => standing[index] === undefined && !isOld(operation))
  const refusedAt = options.atomic ? standing.findIndex((each) => each !== undefined) : -1
  const [first, why] = [operations[refusedAt], standing[refusedAt]]
  if (first !== undefined && why !== undefined) throw options.refusedAs?.(first, why) ?? why
  const index = await indexPatients(connection, allowed, state, options.nowMs)
  const placer = new Placer(state.homes, batch, index.placements, candidates)
  const plan: Plan = { rows: [], gone: [], audits: [], index }
  const outcomes = operations.map((operation, at) => {
    const refusal = standing[at]
    if (refusal !== undefined) return refused(operation, refusal)
    if (isOld(operation)) return { kind: 'deferred' as const, type: operation.type, id: operation.id }
    return decide(operation, state, placer, plan, options.nowMs)
  })
  for (const extra of index.extra) plan.rows.push(extra)
  await writePlan(connection, plan, options)
  await adoptWaiting(connection, plan)
  return outcomes
}

interface State extends ReferenceState {
  readonly lastVersions: ReadonlyMap<string, number>
  readonly homes: ReadonlyMap<string, Home>
}

const tableOf = (type: string): TableName => (isPersonScoped(type) ? 'res' : 'shared')

/** Locks what the operations change and lean on, then reads how it stands. One round trip. */
async function look(
  connection: Connection,
  operations: readonly Operation[],
  candidates: Candidates,
  { references: policy = looseReferences, promised }: CommitOptions,
): Promise<State> {
  const references = referencesOf(operations, policy)
  const locks = new LockSet()
  for (const operation of operations) {
    if (!operation.newId) locks.change(nameOf(operation.type, operation.id))
    for (const key of matchLocks(operation)) locks.change(key)
    for (const reference of candidates.get(operation) ?? []) {
      locks.leanOn(reference)
      if (!reference.startsWith('Patient/')) locks.leanOn(rehomingLock)
    }
    // Whoever deletes the target of a reference changes it, and waits until this is committed.
    for (const name of references.get(operation) ?? []) locks.leanOn(name)
  }
  const known = operations.filter((operation) => !operation.newId)
  const inTable = (table: TableName) => known.filter((operation) => tableOf(operation.type) === table)
  const targets = new Set([...references.values()].flatMap((names) => [...names]))
  const [, , current, sharedCurrent, last, sharedLast, homes, referrers] = await Promise.all([
    liveViews(connection),
    locks.take(connection),
    readCurrent(connection, 'res', inTable('res')),
    readCurrent(connection, 'shared', inTable('shared')),
    readLastVersions(connection, 'res', inTable('res')),
    readLastVersions(connection, 'shared', inTable('shared')),
    readHomes(connection, homeTargets(candidates), targetsOf(targets)),
    readReferrers(connection, operations, policy),
  ])
  return {
    references,
    referrers,
    exists: (name) => homes.has(name) || promised?.has(name) === true,
    current: new Map([...current, ...sharedCurrent]),
    lastVersions: new Map([...last, ...sharedLast]),
    homes,
  }
}

const targetsOf = (names: ReadonlySet<string>): Target[] =>
  [...names].map(targetOf).filter((target) => target !== undefined)

const isGoldenRow = (row: CurrentRow): boolean => row.rtype === personType && row.person === personKey(row.id)

const refused = (operation: Operation, reason: Problem): Outcome => ({
  kind: 'refused',
  type: operation.type,
  id: operation.id,
  problem: reason,
})

/** Why an operation cannot go ahead as things stand; undefined when it can. */
function standingProblem(operation: Operation, state: State): Problem | undefined {
  const name = nameOf(operation.type, operation.id)
  const current = state.current.get(name)
  const { source } = operation.submission
  if (current !== undefined && isGoldenRow(current))
    return problem('forbidden', 'A golden Person is made by the person index and cannot be written')
  if (operation.ifAbsent === true && current !== undefined)
    return problem('conflict', `${name} is stored already`, { status: 412 })
  if (operation.ifMatch !== undefined && current?.version !== operation.ifMatch)
    return problem('conflict', `${name} is not at version ${operation.ifMatch}. Read it again.`, { status: 412 })
  if (
    current !== undefined &&
    current.table === 'res' &&
    current.source !== '' &&
    source !== '' &&
    current.source !== source
  )
    return problem('forbidden', `${name} belongs to another organisation's record`)
  return undefined
}

/** Operations that would bring back a version which has been replaced since, by name. */
async function oldVersions(
  connection: Connection,
  operations: readonly Operation[],
  state: State,
): Promise<ReadonlySet<string>> {
  const old = new Set<string>()
  for (const { type, rtype, id, draft } of operations) {
    const current = state.current.get(nameOf(type, id))
    if (draft === undefined || current === undefined || current.version === 1) continue
    const frame = frameOf(draft, id)
    if (current.body === bodyOf(frame, current.version, current.updatedMs)) continue
    const versions = await readVersions(connection, { type, rtype, id }, sql`true`, { limit: 100 })
    if (versions.some((each) => each.body === bodyOf(frame, each.version, each.updatedMs))) old.add(nameOf(type, id))
  }
  return old
}

/** Decides one operation against the state under lock and adds what must be written to the plan. */
function decide(operation: Operation, state: State, placer: Placer, plan: Plan, nowMs: number): Outcome {
  const name = nameOf(operation.type, operation.id)
  const current = state.current.get(name)
  if (operation.action === 'delete') return decideDelete(operation, current, plan, nowMs)
  const { draft } = operation
  if (draft === undefined) throw problem('fault', 'A write came without a resource')
  const frame = frameOf(draft, operation.id)
  const { type, id } = operation
  if (current !== undefined && current.body === bodyOf(frame, current.version, current.updatedMs)) {
    plan.audits.push({ operation, person: current.person, name, action: 'update' })
    return {
      kind: 'unchanged',
      type,
      id,
      version: current.version,
      updatedMs: current.updatedMs,
      person: current.person,
      body: current.body,
      waiting: false,
    }
  }
  const placement = isPersonScoped(type) ? placer.place(name, operation) : undefined
  const version = (current?.version ?? state.lastVersions.get(name) ?? 0) + 1
  const updatedMs = Math.max(nowMs, current?.updatedMs ?? 0)
  const body = bodyOf(frame, version, updatedMs)
  const person = placement?.person ?? 0n
  plan.rows.push({
    row: newRow(operation, { version, updatedMs, body, placement, current }),
    previous: current,
    change: current === undefined ? 'create' : 'update',
    waitsFor: placement?.waitsFor,
    mayBeAwaited: current === undefined && !operation.newId,
  })
  plan.audits.push({ operation, person, name, action: current === undefined ? 'create' : 'update' })
  const kind = current === undefined ? 'created' : 'updated'
  const review = plan.index.reviews.get(name)
  const waiting = placement?.waitsFor !== undefined
  return { kind, type, id, version, updatedMs, person, body, waiting, ...(review === undefined ? {} : { review }) }
}

interface NewVersion {
  readonly version: number
  readonly updatedMs: number
  readonly body: string
  readonly placement: Placement | undefined
  readonly current: CurrentRow | undefined
}

function newRow(operation: Operation, made: NewVersion): NewRow {
  const { resource = {}, text = '' } = operation.draft ?? {}
  const columns = extract(resource)
  const { placement, current } = made
  const said = authorReference(resource)
  return {
    table: tableOf(operation.type),
    person: placement?.person ?? 0n,
    rtype: operation.rtype,
    id: operation.id,
    version: made.version,
    updatedMs: made.updatedMs,
    source: operation.submission.source || placement?.source || current?.source || '',
    author: operation.submission.author || said?.reference || said?.display || '',
    body: made.body,
    columns,
    resource,
    homeTokens: [
      ...(placement?.by === undefined ? [] : [homeToken(placement.by)]),
      ...otherReferences(text, columns.references),
    ],
  }
}

/** References that no search parameter reaches are found by a token of their own, so that their targets stay. */
function otherReferences(text: string, searched: readonly string[]): bigint[] {
  const all = localReferences(text)
  if (all.size === 0) return []
  const known = new Set(searched)
  return [...all].filter((name) => !known.has(name)).map(otherReferenceToken)
}

function decideDelete(operation: Operation, current: CurrentRow | undefined, plan: Plan, nowMs: number): Outcome {
  const { type, id, rtype } = operation
  if (current === undefined) return { kind: 'absent', type, id }
  const version = current.version + 1
  const updatedMs = Math.max(nowMs, current.updatedMs)
  const key: RowKey = { table: current.table, person: current.person, rtype, id }
  plan.gone.push({ ...key, version, updatedMs, author: operation.submission.author })
  plan.audits.push({ operation, person: current.person, name: nameOf(type, id), action: 'delete' })
  return { kind: 'deleted', type, id, version, updatedMs, person: current.person }
}
