import type { Identifier, OperationOutcomeIssue, Reference, Task } from 'fhir/r4.js'
import { newId } from '../../base/id.ts'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Actor } from '../access/actor.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { insertAudit } from '../audit/audit.ts'
import type { FhirAnswer } from '../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../rest/operation.ts'
import { type Given, givenParameters, parametersAnswer, type Returned } from '../rest/parameters.ts'
import { noCodes } from '../search/code-source.ts'
import { filterCondition } from '../search/filter-condition.ts'
import { foundIn } from '../search/include.ts'
import { parseSearch } from '../search/query.ts'
import { relativeTarget } from '../search/reference.ts'
import type { Found } from '../search/search.ts'
import { whole } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { instantText } from '../store/draft.ts'
import { homeToken } from '../store/homing.ts'
import { couldBeTwins } from '../store/person/compare.ts'
import { indexSystem, ownRow, taskType } from '../store/person/index-rows.ts'
import { type Merged, mergePersons } from '../store/person/merge.ts'
import { patientOf } from '../store/person/people.ts'
import { comparedWith, demographics } from '../store/person/rules.ts'
import { insertOutbox, insertRows } from '../store/rows.ts'
import { insertSideRows } from '../store/side-rows.ts'
import { insertViewRows } from '../views/maintain.ts'

const parameters = {
  'source-patient': { type: 'Reference' },
  'source-patient-identifier': { type: 'Identifier', many: true },
  'target-patient': { type: 'Reference' },
  'target-patient-identifier': { type: 'Identifier', many: true },
  'result-patient': { type: 'Resource' },
  preview: { type: 'boolean' },
  'delete-source': { type: 'boolean' },
} as const

/**
 * `$merge` (as R5 defines it): makes one person of the people that two Patients are of. Linchpin's person index does it: both
 * Patients stay as their sources sent them, the golden Persons say who is who, and it can be taken back from its task.
 */
export const mergeOperation: FhirOperation = {
  name: 'merge',
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-merge',
  levels: ['type'],
  types: ['Patient'],
  affectsState: true,
  run: answer,
}

async function answer(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  requireIndexWork(ctx.actor)
  const given = givenParameters(invocation, parameters)
  refuseEdits(given)
  const made = await ctx.store.database.transaction(async (connection) => {
    const source = await patientMeant(connection, 'source', given['source-patient'], given['source-patient-identifier'])
    const target = await patientMeant(connection, 'target', given['target-patient'], given['target-patient-identifier'])
    const warnings = findings(source, target)
    if (given.preview === true)
      return { target, issues: [...warnings, await foreseen(ctx, connection, source, target)] }
    const nowMs = ctx.clock.now().epochMilliseconds
    const merged = await mergePersons(connection, target.person, source.person, nowMs)
    const task = await recordMerge(ctx, connection, { source, target, merged, nowMs })
    return {
      target,
      task,
      issues: [...warnings, information(`Patient/${source.id} and Patient/${target.id} are of one person now`)],
    }
  })
  ctx.store.feed.nudge()
  return parametersAnswer(returned(invocation, made))
}

/** Which records are of one person concerns everyone's records, not one organisation's. */
function requireIndexWork(actor: Actor): void {
  const may =
    actor.kind === 'system'
      ? actor.organisation === undefined
      : actor.kind === 'staff' && actor.role === 'index-officer'
  if (!may) throw problem('forbidden', 'Only who looks after the person index may merge people')
}

function refuseEdits(given: Given<typeof parameters>): void {
  if (given['result-patient'] !== undefined)
    throw problem('rule', 'A source’s Patient stays as the source sent it: send a changed Patient as an update', {
      expression: 'result-patient',
    })
  if (given['delete-source'] === true)
    throw problem('rule', 'A source’s Patient stays: a merge can be taken back', { expression: 'delete-source' })
}

async function patientMeant(
  connection: Connection,
  side: 'source' | 'target',
  reference: Reference | undefined,
  identifiers: readonly Identifier[],
): Promise<Found> {
  const expression = `${side}-patient`
  const target = reference?.reference === undefined ? undefined : relativeTarget(reference.reference)
  const all = reference?.identifier === undefined ? identifiers : [...identifiers, reference.identifier]
  if (target === undefined && all.length === 0)
    throw problem('invalid', `Say which Patient is the ${side}`, { expression })
  if (target?.startsWith('Patient/') === false) throw problem('invalid', 'A merge is of Patients', { expression })
  const query = new URLSearchParams()
  if (target !== undefined) query.append('_id', target.slice('Patient/'.length))
  for (const { system = '', value = '' } of all) query.append('identifier', `${escaped(system)}|${escaped(value)}`)
  const where = await filterCondition(
    { connection, visible: sql`true`, codes: noCodes },
    parseSearch('Patient', query.toString()),
  )
  const rows = await connection.query(
    sql`select r.rtype, r.person, r.id, r.ver, r.body from res r where ${where} order by r.id limit 50`,
  )
  const found = rows.map(foundIn)
  const [first] = found
  if (first === undefined) throw problem('rule', `No Patient is the ${side} that was named`, { expression })
  if (found.some((each) => each.person !== first.person))
    throw problem('rule', `Patients of several people are the ${side} that was named`, { expression })
  return first
}

const escaped = (text: string): string => text.replace(/[\\,|$]/g, '\\$&')

const information = (text: string): OperationOutcomeIssue => ({
  severity: 'information',
  code: 'informational',
  diagnostics: text,
})
const warning = (text: string): OperationOutcomeIssue => ({
  severity: 'warning',
  code: 'business-rule',
  diagnostics: text,
})

/** What speaks against a merge: ends it, or is told to whoever asked. */
function findings(source: Found, target: Found): readonly OperationOutcomeIssue[] {
  if (source.id === target.id)
    throw problem('rule', 'Source and target are the same Patient', { expression: 'target-patient' })
  if (source.person === target.person)
    throw problem('rule', 'Both Patients are of one person already', { expression: 'target-patient' })
  const [a, b] = [demographics(patientOf(source.body)), demographics(patientOf(target.body))]
  const [compared] = comparedWith(a, [{ person: '', records: [b] }])
  // Lifelong-record rule 5: the same number with another birth date is quarantined until a source puts its record right.
  if (compared?.verdict === 'conflict')
    throw problem(
      'rule',
      'Two birth dates under one NHS number cannot be linked here. Ask the source to put its record right.',
    )
  return [
    ...(couldBeTwins(a, b) ? [warning('These could be twins')] : []),
    ...(a.nhsNumber !== undefined && b.nhsNumber !== undefined && a.nhsNumber !== b.nhsNumber
      ? [warning('The two Patients have different NHS numbers')]
      : []),
    ...(a.birthDate !== b.birthDate ? [warning('The two Patients have different birth dates')] : []),
  ]
}

async function foreseen(
  ctx: Context,
  connection: Connection,
  source: Found,
  target: Found,
): Promise<OperationOutcomeIssue> {
  const [row] = await connection.query(
    sql`select count(*)::float8 as n from res r where r.person = ${source.person}::int8 and r.author <> 'Linchpin'`,
  )
  await auditBoth(ctx, connection, { action: 'read', source, target, more: [] })
  return information(
    `${whole(row ?? {}, 'n')} resources would move to the person of Patient/${target.id}. Nothing was changed.`,
  )
}

interface Done {
  readonly source: Found
  readonly target: Found
  readonly merged: Merged
  readonly nowMs: number
}

/** The task from which the review pages show the merge, and from which it is taken back. */
async function recordMerge(
  ctx: Context,
  connection: Connection,
  { source, target, merged, nowMs }: Done,
): Promise<Task> {
  const outputs = { decision: 'same', why: 'Merged by $merge', by: ctx.actor.name, merged: JSON.stringify(merged) }
  const coded = (code: string) => ({ coding: [{ system: indexSystem, code }] })
  const id = newId(target.person)
  const task: Task = {
    resourceType: 'Task',
    id,
    status: 'completed',
    intent: 'order',
    code: coded('possible-match'),
    description: `Patient/${source.id} was merged into the person of Patient/${target.id}`,
    focus: { reference: `Patient/${source.id}` },
    for: { reference: `Patient/${source.id}` },
    authoredOn: instantText(nowMs),
    lastModified: instantText(nowMs),
    input: [{ type: coded('candidate'), valueReference: { reference: `Person/${merged.to}` } }],
    output: Object.entries(outputs).map(([code, valueString]) => ({ type: coded(code), valueString })),
  }
  const place = {
    rtype: taskType,
    id,
    person: target.person,
    previous: undefined,
    homeTokens: [homeToken(`Patient/${source.id}`)],
    nowMs,
  }
  const rows = ownRow(task, place).map(({ row }) => row)
  await insertRows(connection, 'res', rows, false)
  await insertSideRows(connection, rows)
  await insertViewRows(connection, rows)
  await insertOutbox(
    connection,
    rows.map((row) => ({ ...row, change: 'create' as const })),
  )
  await auditBoth(ctx, connection, { action: 'link', source, target, more: [`Task/${id}`] })
  return task
}

interface Audited {
  readonly action: 'link' | 'read'
  readonly source: Found
  readonly target: Found
  readonly more: readonly string[]
}

async function auditBoth(
  ctx: Context,
  connection: Connection,
  { action, source, target, more }: Audited,
): Promise<void> {
  const ids = [`Patient/${source.id}`, `Patient/${target.id}`, ...more]
  const row = { action, outcome: 'success' as const, ids, submission: submissionOf(ctx) }
  const rows = [source.person, target.person].map((person) => ({ ...row, person }))
  await insertAudit(connection, rows, ctx.clock.now().epochMilliseconds)
}

interface Made {
  readonly target: Found
  readonly issues: readonly OperationOutcomeIssue[]
  readonly task?: Task
}

function returned({ request }: Invocation, { target, issues, task }: Made): readonly Returned[] {
  return [
    ...(request.body === '' ? [] : [{ name: 'input', body: request.body }]),
    { name: 'outcome', body: JSON.stringify({ resourceType: 'OperationOutcome', issue: issues }) },
    { name: 'result', body: target.body },
    ...(task === undefined ? [] : [{ name: 'task', body: JSON.stringify(task) }]),
  ]
}
