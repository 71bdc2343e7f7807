import { sql } from '../../base/sql.ts'
import type { Connection, Database } from '../store/database.ts'
import type { Submission } from '../store/operation.ts'
import { int8Array, textArray, timestampArray } from '../store/wire.ts'

export type AuditAction = 'read' | 'history' | 'search' | 'create' | 'update' | 'delete' | 'link' | 'unlink'

/** One row: one request touching one person. `person` is 0 where no person's data was touched. */
export interface AuditRow {
  readonly person: bigint
  readonly action: AuditAction
  readonly outcome: 'success' | 'not-found' | 'refused'
  /** Every "Type/id" that was returned or changed. */
  readonly ids: readonly string[]
  readonly submission: Submission
}

/** Writes audit rows in the caller's transaction: if they cannot be written, what they tell of does not happen. */
export async function insertAudit(
  connection: Pick<Connection, 'query'>,
  rows: readonly AuditRow[],
  nowMs: number,
): Promise<void> {
  if (rows.length === 0) return
  const column = (value: (row: AuditRow) => string): Buffer => textArray(rows.map(value))
  await connection.query(
    sql`insert into audit (person, at, request, actor_kind, actor, actor_name, role, organisation, purpose, action, outcome, ids)
        select person, at, request, actor_kind, actor, actor_name, role, organisation, purpose, action, outcome, string_to_array(ids, ' ')
        from unnest(${int8Array(rows.map((row) => row.person))}::int8[], ${timestampArray(rows.map(() => nowMs))}::timestamptz[],
          ${column((row) => row.submission.requestId)}::text[], ${column((row) => row.submission.actorKind)}::text[],
          ${column((row) => row.submission.actor)}::text[], ${column((row) => row.submission.actorName)}::text[],
          ${column((row) => row.submission.role)}::text[], ${column((row) => row.submission.organisation)}::text[],
          ${column((row) => row.submission.purpose)}::text[], ${column((row) => row.action)}::text[],
          ${column((row) => row.outcome)}::text[], ${column((row) => row.ids.join(' '))}::text[])
        u(person, at, request, actor_kind, actor, actor_name, role, organisation, purpose, action, outcome, ids)`,
    'audit',
  )
}

/** Audit of a read: written before the answer leaves, so a read that cannot be audited fails. */
export const auditReads = (database: Database, rows: readonly AuditRow[], nowMs: number): Promise<void> =>
  insertAudit(database.reading, rows, nowMs)
