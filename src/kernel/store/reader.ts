import type { Clock } from '../../base/clock.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { text, whole } from './current.ts'
import type { Database, Row } from './database.ts'
import type { Submission } from './operation.ts'
import { int2Array, textArray, timestampMicros } from './wire.ts'

/** A stored version, ready for the socket. */
export interface StoredText {
  readonly version: number
  readonly updatedMs: number
  readonly body: string
}

interface Waiting {
  readonly rtype: number
  readonly type: string
  readonly id: string
  readonly submission: Submission
  readonly resolve: (found: StoredText | undefined) => void
  readonly reject: (error: unknown) => void
}

const lanes = 2
const mostInOneRead = 64

/**
 * Reads by type and id for callers with one and the same right to see. Reads that arrive together share a statement,
 * and that statement writes their audit rows: a read that is not audited does not happen.
 */
export class Reader {
  readonly #database: Database
  readonly #clock: Clock
  readonly #visible: Sql
  readonly #name: string
  readonly #queue: Waiting[] = []
  #running = 0

  /** `visible` is the condition on a row `r` of `res`; `name` tells its statement from those of other rights. */
  constructor(database: Database, clock: Clock, visible: Sql, name: string) {
    this.#database = database
    this.#clock = clock
    this.#visible = visible
    this.#name = name
  }

  /** The current version, or undefined when there is none that this caller may see. */
  read(type: string, rtype: number, id: string, submission: Submission): Promise<StoredText | undefined> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ type, rtype, id, submission, resolve, reject })
      // All that is asked in this turn of the event loop goes out together.
      if (this.#queue.length === 1) setImmediate(() => this.#start())
    })
  }

  #start(): void {
    while (this.#running < lanes && this.#queue.length > 0) {
      const batch = this.#queue.splice(0, mostInOneRead)
      this.#running += 1
      void this.#read(batch).finally(() => {
        this.#running -= 1
        this.#start()
      })
    }
  }

  async #read(batch: readonly Waiting[]): Promise<void> {
    try {
      const rows = await this.#database.read(this.#statement(batch), `read_${this.#name}`)
      const found = new Map(rows.map((row) => [whole(row, 'n'), row]))
      batch.forEach((waiting, index) => waiting.resolve(storedText(found.get(index + 1))))
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
    }
  }

  #statement(batch: readonly Waiting[]): Sql {
    const column = (value: (waiting: Waiting) => string): Buffer => textArray(batch.map(value))
    const now = Buffer.alloc(8)
    now.writeBigInt64BE(timestampMicros(this.#clock.now().epochMilliseconds))
    return sql`with q as (select * from unnest(${int2Array(batch.map((each) => each.rtype))}::int2[], ${column((each) => each.id)}::text[],
          ${column((each) => `${each.type}/${each.id}`)}::text[], ${column((each) => each.submission.requestId)}::text[],
          ${column((each) => each.submission.actorKind)}::text[], ${column((each) => each.submission.actor)}::text[],
          ${column((each) => each.submission.actorName)}::text[], ${column((each) => each.submission.role)}::text[],
          ${column((each) => each.submission.organisation)}::text[], ${column((each) => each.submission.purpose)}::text[])
        with ordinality q(rtype, id, name, request, actor_kind, actor, actor_name, role, organisation, purpose, n)),
      f as materialized (select q.n, r.person, r.ver, r.updated, r.body from q join res r on r.rtype = q.rtype and r.id = q.id where ${this.#visible}),
      a as (insert into audit (person, at, request, actor_kind, actor, actor_name, role, organisation, purpose, action, outcome, ids)
        select coalesce(f.person, 0), ${now}::timestamptz, q.request, q.actor_kind, q.actor, q.actor_name, q.role, q.organisation, q.purpose,
          'read', case when f.n is null then 'not-found' else 'success' end, array[q.name]
        from q left join f using (n))
      select n, ver, (extract(epoch from updated) * 1000)::float8 as ms, body from f`
  }
}

function storedText(row: Row | undefined): StoredText | undefined {
  if (row === undefined) return undefined
  return { version: whole(row, 'ver'), updatedMs: Math.round(whole(row, 'ms')), body: text(row, 'body') }
}

/** Reads what belongs to no person (organisations, practitioners, definitions): no audit is due. */
export async function readShared(database: Database, rtype: number, id: string): Promise<StoredText | undefined> {
  const rows = await database.read(
    sql`select ver, (extract(epoch from updated) * 1000)::float8 as ms, body from shared where rtype = ${rtype}::int2 and id = ${id}`,
    'read_shared',
  )
  return storedText(rows[0])
}
