import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { sql } from '../../base/sql.ts'
import type { Database } from '../store/database.ts'
import type { Actor } from './actor.ts'

/** Name of the cookie that holds a session's secret. */
export const sessionCookie = 'linchpin_session'

const idleMs = 60 * 60_000
const absoluteMs = 12 * 60 * 60_000

/** One sign-in, as pages see it. */
export interface Session {
  /** Secret that forms of this sign-in carry back in the field `csrf`. */
  readonly csrfToken: string
  /** Ids of people whose two identifiers were confirmed during this visit. */
  readonly confirmedPeople: readonly string[]
}

/** A sign-in that still holds. */
export interface OpenSession {
  readonly actor: Actor
  readonly session: Session
}

const keyOf = (token: string): Buffer => createHash('sha256').update(token).digest()

const decodeActor = (value: unknown): Actor => value as Actor

/** Sign-ins, kept in the database: only a hash of each secret, so that reading the table lets nobody in. */
export class Sessions {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** Starts a session and answers its secret. */
  async open(actor: Actor): Promise<string> {
    const token = randomBytes(32).toString('base64url')
    const now = this.#clock.now().toString()
    await this.#database.read(
      sql`insert into session (token, actor, csrf, confirmed, started, seen)
          values (${keyOf(token)}, ${JSON.stringify(actor)}::jsonb, ${randomBytes(24).toString('base64url')}, '{}', ${now}::timestamptz, ${now}::timestamptz)`,
    )
    return token
  }

  /** The session of a cookie; undefined when it ended, was idle for an hour or is older than twelve. */
  async find(token: string | undefined): Promise<OpenSession | undefined> {
    if (token === undefined || token === '') return undefined
    const now = this.#clock.now()
    const [idleSince, startedSince] = this.#limits()
    const rows = await this.#database.read(
      sql`update session set seen = ${now.toString()}::timestamptz
          where token = ${keyOf(token)} and seen > ${idleSince}::timestamptz and started > ${startedSince}::timestamptz
          returning actor, csrf, confirmed`,
      'session',
    )
    const row = rows[0]
    if (row === undefined) return undefined
    const confirmed = Array.isArray(row['confirmed']) ? row['confirmed'].map(String) : []
    return { actor: decodeActor(row['actor']), session: { csrfToken: String(row['csrf']), confirmedPeople: confirmed } }
  }

  /** Whether a session still holds, for pages that listen: listening is not using, and does not make it last longer. */
  async holds(token: string | undefined): Promise<boolean> {
    if (token === undefined || token === '') return false
    const [idleSince, startedSince] = this.#limits()
    const rows = await this.#database.read(
      sql`select 1 from session where token = ${keyOf(token)} and seen > ${idleSince}::timestamptz and started > ${startedSince}::timestamptz`,
      'session-holds',
    )
    return rows.length > 0
  }

  #limits(): readonly [idleSince: string, startedSince: string] {
    const now = this.#clock.now()
    return [now.subtract({ milliseconds: idleMs }).toString(), now.subtract({ milliseconds: absoluteMs }).toString()]
  }

  /** Remembers that two identifiers of a person were confirmed in this session. */
  async confirm(token: string, person: string): Promise<void> {
    await this.#database.read(
      sql`update session set confirmed = array_append(confirmed, ${person}) where token = ${keyOf(token)} and not ${person} = any(confirmed)`,
    )
  }

  async close(token: string): Promise<void> {
    await this.#database.read(sql`delete from session where token = ${keyOf(token)}`)
  }
}
