import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { sql } from '../../base/sql.ts'
import type { Connection, Database } from '../store/database.ts'
import type { Submission } from '../store/operation.ts'
import { int8Array, textArray, timestampArray } from '../store/wire.ts'

export type AuditAction = 'read' | 'history' | 'search' | 'export' | 'create' | 'update' | 'delete' | 'link' | 'unlink'

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

interface Waiting {
  readonly rows: readonly AuditRow[]
  readonly nowMs: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Audits reads: rows that come while others are being written share the next statement. A read waits for its own. */
export class ReadAudit {
  readonly #database: Database
  #waiting: Waiting[] = []
  #running = false

  constructor(database: Database) {
    this.#database = database
  }

  /** Resolves once the rows are committed: a read that cannot be audited fails. */
  write(rows: readonly AuditRow[], nowMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, nowMs, resolve, reject })
      if (!this.#running) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#running = true
    // Everything that is asked in this turn of the event loop goes out together.
    await turnOfTheLoop()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await insertAudit(this.#database.reading, merged(batch.flatMap(({ rows }) => rows)), batch[0]?.nowMs ?? 0)
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#running = false
  }
}

/** One row for all that one request read of one person. */
function merged(rows: readonly AuditRow[]): AuditRow[] {
  const groups = new Map<string, AuditRow>()
  for (const row of rows) {
    const group = `${row.submission.requestId} ${row.person} ${row.action} ${row.outcome}`
    const known = groups.get(group)
    groups.set(group, known === undefined ? row : { ...known, ids: [...new Set([...known.ids, ...row.ids])] })
  }
  return [...groups.values()]
}
