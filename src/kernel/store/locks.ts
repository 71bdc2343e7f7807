import { hash64 } from '../../base/hash.ts'
import { sql } from '../../base/sql.ts'
import type { Connection } from './database.ts'
import { int4Array } from './wire.ts'

/** Advisory locks of Linchpin's writers live in this class; other classes belong to migrations and the relay. */
const lockClass = 7001
/** Names share a fixed number of locks, so that a large transaction cannot exhaust PostgreSQL's lock table. */
const stripes = 4096

/** What a transaction must hold before it looks: exclusively what it changes, shared what it leans on. */
export class LockSet {
  readonly #exclusive = new Map<number, boolean>()

  change(name: string): void {
    this.#exclusive.set(stripeOf(name), true)
  }

  leanOn(name: string): void {
    const stripe = stripeOf(name)
    if (!this.#exclusive.has(stripe)) this.#exclusive.set(stripe, false)
  }

  /** Takes all locks in one order, so that two transactions that know their names beforehand cannot deadlock. */
  take(connection: Connection): Promise<unknown> {
    const sorted = [...this.#exclusive].sort(([a], [b]) => a - b)
    if (sorted.length === 0) return Promise.resolve()
    return connection.query(
      sql`select case when e = 1 then pg_advisory_xact_lock(${lockClass}::int4, k)
                 else pg_advisory_xact_lock_shared(${lockClass}::int4, k) end
          from unnest(${int4Array(sorted.map(([stripe]) => stripe))}::int4[],
                      ${int4Array(sorted.map(([, exclusive]) => (exclusive ? 1 : 0)))}::int4[]) u(k, e)`,
      'locks',
    )
  }
}

const stripeOf = (name: string): number => Number(BigInt.asUintN(12, hash64(name))) % stripes

/** Held shared by writers whose rows follow another row's person, exclusively by whoever moves rows between persons. */
export const rehomingLock = 'rehoming'
