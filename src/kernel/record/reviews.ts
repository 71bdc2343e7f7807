import type { Task } from 'fhir/r4.js'
import { personKey } from '../../base/id.ts'
import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { requireIndexOfficer } from '../access/visible.ts'
import { insertAudit } from '../audit/audit.ts'
import { anySystemToken, codeToken } from '../search/token.ts'
import { currentColumns, currentRow, text } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { instantText } from '../store/draft.ts'
import { homeToken } from '../store/homing.ts'
import { LockSet } from '../store/locks.ts'
import type { CurrentRow } from '../store/operation.ts'
import { couldBeTwins } from '../store/person/compare.ts'
import { indexSystem, ownRow, taskType } from '../store/person/index-rows.ts'
import { type Merged, mergePersons, unmergePersons, writeOwn } from '../store/person/merge.ts'
import { patientType } from '../store/person/people.ts'
import { demographics } from '../store/person/rules.ts'
import { personOf as personKeyOfRow } from '../store/rehome.ts'
import { int8Array } from '../store/wire.ts'
import type { Review, ReviewDecision, ReviewPage, ReviewPlace } from './review.ts'
import { reviewSide } from './review-side.ts'

const mostReviews = 200
const kinds = ['possible-match', 'conflict'] as const

const taskOf = (body: string): Task => JSON.parse(body) as Task

const isReview = sql`r.rtype = ${taskType}::int2 and r.toks && ${int8Array(kinds.map((kind) => codeToken('Task.code', indexSystem, kind)))}::int8[]`

const inState = (state: 'open' | 'decided'): Sql => {
  // One that someone was not sure of waits on, behind the others.
  const waiting = ['requested', 'on-hold'].map((status) => anySystemToken('Task.status', status))
  const open = sql`r.toks && ${int8Array(waiting)}::int8[]`
  return state === 'open' ? open : sql`not ${open}`
}

/** Reviews that wait for a decision, oldest first, or those decided, newest first. */
export async function listReviews(ctx: Context, state: 'open' | 'decided'): Promise<ReviewPage> {
  requireIndexOfficer(ctx.actor)
  const order = state === 'open' ? sql`r.updated, r.id` : sql`r.updated desc, r.id`
  const [rows, totals] = await Promise.all([
    ctx.store.database.search(
      sql`select ${currentColumns} from res r where ${isReview} and ${inState(state)} order by ${order} limit ${mostReviews}::int4`,
    ),
    ctx.store.database.search(sql`select count(*)::float8 as n from res r where ${isReview} and ${inState(state)}`),
  ])
  const found = await Promise.all(rows.map((row) => reviewOf(ctx, currentRow('res', row))))
  const reviews = found.filter((review) => review !== undefined)
  const total = totals[0]?.['n']
  return { reviews, total: typeof total === 'number' ? total : reviews.length }
}

/** Where a review stands in the queue of those that wait. */
export async function readReviewPlace(ctx: Context, id: string): Promise<ReviewPlace> {
  requireIndexOfficer(ctx.actor)
  const rows = await ctx.store.database.search(
    sql`select r.id from res r where ${isReview} and ${inState('open')} order by r.updated, r.id`,
  )
  const ids = rows.map((row) => text(row, 'id'))
  const at = ids.indexOf(id)
  const next = ids[at + 1] ?? ids.find((each) => each !== id)
  return {
    ...(at === -1 ? {} : { place: at + 1 }),
    total: ids.length,
    ...(next === undefined ? {} : { next }),
  }
}

/** One review, with both records side by side. */
export async function readReview(ctx: Context, id: string): Promise<Review> {
  requireIndexOfficer(ctx.actor)
  const rows = await ctx.store.database.search(
    sql`select ${currentColumns} from res r where ${isReview} and r.id = ${id}`,
  )
  const review = rows[0] === undefined ? undefined : await reviewOf(ctx, currentRow('res', rows[0]))
  if (review === undefined) throw problem('not-found', 'There is no such review')
  return review
}

async function reviewOf(ctx: Context, row: CurrentRow): Promise<Review | undefined> {
  const task = taskOf(row.body)
  const candidate = task.input?.[0]?.valueReference?.reference?.slice('Person/'.length) ?? ''
  const merged = mergedOf(task)
  const left = await reviewSide(ctx, sql`r.id = ${idOf(task)}`)
  // After a merge both are of one person: the other side is a Patient that was there before.
  const others = merged === undefined ? sql`` : sql` and not r.id = any(${[...merged.patients]}::text[])`
  const right = await reviewSide(ctx, sql`r.person = ${personKey(candidate)}::int8${others}`)
  if (left === undefined || right === undefined) return undefined
  const decided = decisionOf(task)
  return {
    id: row.id,
    kind: task.code?.coding?.[0]?.code === 'conflict' ? 'conflict' : 'possible-match',
    openedTime: task.authoredOn ?? '',
    twinWarning: couldBeTwins(demographics(left.patient), demographics(right.patient)),
    left,
    right,
    ...(decided === undefined ? {} : { decided }),
  }
}

const idOf = (task: Task): string => task.focus?.reference?.slice('Patient/'.length) ?? ''

const outputText = (task: Task, code: string): string | undefined =>
  task.output?.find((output) => output.type.coding?.[0]?.code === code)?.valueString

function decisionOf(task: Task): Review['decided'] {
  const decision = outputText(task, 'decision')
  if (decision !== 'same' && decision !== 'different' && decision !== 'unsure') return undefined
  return {
    decision,
    why: outputText(task, 'why') ?? '',
    by: outputText(task, 'by') ?? '',
    time: task.lastModified ?? '',
  }
}

function mergedOf(task: Task): Merged | undefined {
  const text = outputText(task, 'merged')
  return text === undefined ? undefined : (JSON.parse(text) as Merged)
}

/** Decides a review. "same" makes one person of two, at once and for everyone; it can be taken back. */
export async function decideReview(
  ctx: Context,
  id: string,
  decided: { readonly decision: ReviewDecision; readonly why: string },
): Promise<Review> {
  requireIndexOfficer(ctx.actor)
  await changeReview(ctx, id, async (connection, row, task) => {
    if (task.status === 'completed') throw problem('conflict', 'Someone else has decided this meanwhile')
    const merged = decided.decision === 'same' ? await merge(ctx, connection, row, task) : undefined
    const outputs = { decision: decided.decision, why: decided.why, by: ctx.actor.name }
    const output = Object.entries(merged === undefined ? outputs : { ...outputs, merged: JSON.stringify(merged) })
    return {
      ...task,
      status: decided.decision === 'unsure' ? 'on-hold' : 'completed',
      lastModified: instantText(ctx.clock.now().epochMilliseconds),
      output: output.map(([code, valueString]) => ({ type: { coding: [{ system: indexSystem, code }] }, valueString })),
    }
  })
  return readReview(ctx, id)
}

async function merge(ctx: Context, connection: Connection, row: CurrentRow, task: Task): Promise<Merged> {
  if (task.code?.coding?.[0]?.code === 'conflict')
    throw problem(
      'rule',
      'Two birth dates under one NHS number cannot be linked here. Ask the source to put its record right.',
    )
  const candidate = personKey(task.input?.[0]?.valueReference?.reference?.slice('Person/'.length) ?? '')
  const home = (await personKeyOfRow(connection, { rtype: patientType, id: idOf(task) })) ?? row.person
  return mergePersons(connection, candidate, home, ctx.clock.now().epochMilliseconds)
}

/** Opens a decided review again; a merge is taken back and nothing of either record is lost. */
export async function undoDecision(ctx: Context, id: string): Promise<Review> {
  requireIndexOfficer(ctx.actor)
  await changeReview(ctx, id, async (connection, _, task) => {
    if (task.status === 'requested') throw problem('conflict', 'This decision was taken back already')
    const merged = mergedOf(task)
    const nowMs = ctx.clock.now().epochMilliseconds
    if (merged !== undefined)
      await unmergePersons(connection, merged, personKey(merged.to), personKey(merged.from), nowMs)
    const { output: _output, ...open } = task
    return { ...open, status: 'requested', lastModified: instantText(nowMs) }
  })
  return readReview(ctx, id)
}

/** Changes a review's task in one transaction with whatever the change does to people. */
async function changeReview(
  ctx: Context,
  id: string,
  change: (connection: Connection, row: CurrentRow, task: Task) => Promise<Task>,
): Promise<void> {
  const nowMs = ctx.clock.now().epochMilliseconds
  await ctx.store.database.transaction(async (connection) => {
    const locks = new LockSet()
    locks.change(`Task/${id}`)
    await locks.take(connection)
    const before = await reviewRowOf(connection, id)
    const task = await change(connection, before, taskOf(before.body))
    // Read again: a merge has moved it to another person.
    const previous = await reviewRowOf(connection, id)
    const homeTokens = [homeToken(`Patient/${idOf(task)}`)]
    await writeOwn(
      connection,
      ownRow(task, { rtype: taskType, id, person: previous.person, previous, homeTokens, nowMs }),
    )
    const action = task.status === 'requested' ? ('unlink' as const) : ('link' as const)
    const row = {
      action,
      outcome: 'success' as const,
      ids: [`Task/${id}`, `Patient/${idOf(task)}`],
      submission: submissionOf(ctx),
    }
    const persons = new Set([before.person, previous.person])
    await insertAudit(
      connection,
      [...persons].map((person) => ({ ...row, person })),
      nowMs,
    )
  })
  ctx.store.feed.nudge()
}

async function reviewRowOf(connection: Connection, id: string): Promise<CurrentRow> {
  const rows = await connection.query(sql`select ${currentColumns} from res r where ${isReview} and r.id = ${id}`)
  if (rows[0] === undefined) throw problem('not-found', 'There is no such review')
  return currentRow('res', rows[0])
}
