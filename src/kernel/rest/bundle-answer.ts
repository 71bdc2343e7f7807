import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { insertAudit } from '../audit/audit.ts'
import type { Connection } from '../store/database.ts'
import { readVersions, type Version } from '../store/history.ts'
import type { Operation, Outcome } from '../store/operation.ts'
import { type FhirAnswer, type FhirRequest, jsonAnswer, preferredReturn, versionHeaders } from './exchange.ts'
import { typeInUrl } from './target.ts'
import type { PlannedEntry } from './transaction-plan.ts'

/** Reads the entries of a transaction that only look, as they stand inside it. A missing one ends the transaction. */
export async function readEntries(
  ctx: Context,
  connection: Connection,
  planned: readonly PlannedEntry[],
): Promise<ReadonlyMap<number, Version>> {
  const read = new Map<number, Version>()
  for (const { entry, type, id, action, after } of planned) {
    if (action !== undefined || after === true) continue
    const at = { type, rtype: typeInUrl(type), id }
    const [version] = await readVersions(connection, at, sql`true`, { limit: 1 })
    if (version === undefined || version.change === 'delete')
      throw problem('not-found', `${type}/${id} is not known`, { expression: `Bundle.entry[${entry.index}]` })
    read.set(entry.index, version)
    const row = { person: version.person, action: 'read' as const, outcome: 'success' as const, ids: [`${type}/${id}`] }
    await insertAudit(connection, [{ ...row, submission: submissionOf(ctx) }], ctx.clock.now().epochMilliseconds)
  }
  return read
}

/** A transaction that was committed. */
export interface Done {
  readonly planned: readonly PlannedEntry[]
  readonly operations: readonly Operation[]
  readonly outcomes: readonly Outcome[]
  readonly read: ReadonlyMap<number, Version>
}

/** The response Bundle of a transaction that was committed; `looked` holds the entries that were answered by themselves. */
export function transactionAnswer(
  request: FhirRequest,
  { planned, operations, outcomes, read }: Done,
  looked: ReadonlyMap<number, string>,
): FhirAnswer {
  const outcomeByName = new Map(operations.map((each, index) => [`${each.type}/${each.id}`, outcomes[index]]))
  const wanted = preferredReturn(request.prefer)
  const entries = planned.map((each) => {
    const answered = looked.get(each.entry.index)
    if (answered !== undefined) return answered
    const version = read.get(each.entry.index)
    if (version !== undefined) {
      const shown = each.entry.method === 'GET' || (wanted === 'representation' && each.entry.method !== 'HEAD')
      return entryText({ status: '200 OK', type: each.type, id: each.id, ...version }, shown)
    }
    return writtenEntry(outcomeByName.get(`${each.type}/${each.id}`), wanted)
  })
  return bundleAnswer('transaction-response', entries)
}

function writtenEntry(outcome: Outcome | undefined, wanted: ReturnType<typeof preferredReturn>): string {
  if (outcome === undefined || outcome.kind === 'absent' || outcome.kind === 'refused' || outcome.kind === 'deferred')
    return '{"response":{"status":"204 No Content"}}'
  if (outcome.kind === 'deleted') return `{"response":{"status":"204 No Content","etag":"W/\\"${outcome.version}\\""}}`
  const status = outcome.kind === 'created' ? '201 Created' : '200 OK'
  return entryText({ ...outcome, status }, wanted === 'representation')
}

interface Answered {
  readonly status: string
  readonly type: string
  readonly id: string
  readonly version: number
  readonly updatedMs: number
  readonly body: string
}

function entryText(answered: Answered, withResource: boolean): string {
  const { status, type, id, version, updatedMs, body } = answered
  const response = {
    status,
    location: `${type}/${id}/_history/${version}`,
    etag: versionHeaders(version, updatedMs)['etag'],
    lastModified: Temporal.Instant.fromEpochMilliseconds(updatedMs).toString({ smallestUnit: 'millisecond' }),
  }
  return `{${withResource ? `"resource":${body},` : ''}"response":${JSON.stringify(response)}}`
}

/** A response Bundle from the texts of its entries. */
export const bundleAnswer = (type: string, entries: readonly string[]): FhirAnswer =>
  jsonAnswer(
    200,
    `{"resourceType":"Bundle","type":"${type}"${entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`}}`,
  )
