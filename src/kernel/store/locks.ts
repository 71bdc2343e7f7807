import { hash64 } from '../../base/hash.ts'
import { sql } from '../../base/sql.ts'
import type { Connection } from './database.ts'
import { int4Array } from './wire.ts'

/** Advisory locks of Linchpin's writers live in this class; other classes belong to migrations and the relay. */
const lockClass = 7001
/** Everyone holds this one shared; a transaction of more names than PostgreSQL's lock table bears holds it alone. */
const everything = 0
const mostNames = 2000

/** What a transaction must hold before it looks: exclusively what it changes, shared what it leans on. */
export class LockSet {
  readonly #exclusive = new Map<number, boolean>()

  change(name: string): void {
    this.#exclusive.set(lockOf(name), true)
  }

  leanOn(name: string): void {
    const lock = lockOf(name)
    if (!this.#exclusive.has(lock)) this.#exclusive.set(lock, false)
  }

  /** Takes all locks in one order, so that two transactions that know their names beforehand cannot deadlock. */
  take(connection: Connection): Promise<unknown> {
    if (this.#exclusive.size === 0) return Promise.resolve()
    const alone = this.#exclusive.size > mostNames
    const sorted = alone ? [] : [...this.#exclusive].sort(([a], [b]) => a - b)
    const wanted: readonly (readonly [number, boolean])[] = [[everything, alone], ...sorted]
    return connection.query(
      sql`select case when e = 1 then pg_advisory_xact_lock(${lockClass}::int4, k)
                 else pg_advisory_xact_lock_shared(${lockClass}::int4, k) end
          from unnest(${int4Array(wanted.map(([lock]) => lock))}::int4[],
                      ${int4Array(wanted.map(([, exclusive]) => (exclusive ? 1 : 0)))}::int4[]) u(k, e)`,
      'locks',
    )
  }
}

/** 1 to 2^31 - 1: two names may share a lock, which costs a wait and nothing else. */
const lockOf = (name: string): number => Number(BigInt.asUintN(31, hash64(name))) || 1

/** Held shared by writers whose rows follow another row's person, exclusively by whoever moves rows between persons. */
export const rehomingLock = 'rehoming'
