import type pg from 'pg'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { sql } from '../../base/sql.ts'
import { typeName } from '../fhir/resource-types.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Database } from '../store/database.ts'
import { type Change, changes } from '../store/rows.ts'
import { electRelay, feedChannel, lastPosition, relayBatch } from './relay.ts'

/** One thing that happened to one resource. Positions only grow; a reader that keeps its position misses nothing. */
export interface FeedEvent {
  readonly position: bigint
  readonly person: bigint
  readonly type: string
  readonly id: string
  readonly version: number
  readonly change: Change
}

const idleMs = 150
const retryMs = 1_000
const mostEvents = 2_000

const changeByNumber = new Map<number, Change>([
  [changes.create, 'create'],
  [changes.update, 'update'],
  [changes.delete, 'delete'],
  [changes.rehome, 'rehome'],
])

/** The change feed of a store: relays when elected, listens always. */
export class Feed {
  readonly #database: Database
  readonly #log: Log
  readonly #clock: Clock
  readonly #mayRelay: boolean
  readonly #listeners = new Set<(events: readonly FeedEvent[]) => void>()
  #position = 0n
  #closing = false
  #loop: Promise<void> | undefined
  #wake: (() => void) | undefined

  constructor(database: Database, log: Log, clock: Clock, mayRelay: boolean) {
    this.#database = database
    this.#log = log
    this.#clock = clock
    this.#mayRelay = mayRelay
  }

  /** Starts following; returns once the present end of the feed is known. */
  async start(): Promise<void> {
    this.#position = await this.position()
    this.#loop ??= this.#follow()
  }

  /** How far the feed reaches now. */
  async position(): Promise<bigint> {
    const rows = await this.#database.read(sql`select coalesce(max(pos), 0) as pos from feed`, 'feed_end')
    return rows[0] === undefined ? 0n : key64(rows[0], 'pos')
  }

  /** Events after a position, oldest first, at most 2,000; of one person when `person` is given. */
  async since(position: bigint, person?: bigint): Promise<FeedEvent[]> {
    const whose = person === undefined ? sql`` : sql` and person = ${person}::int8`
    const rows = await this.#database.read(
      sql`select pos, person, rtype, id, ver, op from feed where pos > ${position}::int8${whose} order by pos limit ${mostEvents}`,
      person === undefined ? 'feed_since' : 'feed_since_person',
    )
    return rows.map((row) => ({
      position: key64(row, 'pos'),
      person: key64(row, 'person'),
      type: typeName(whole(row, 'rtype')) ?? '',
      id: text(row, 'id'),
      version: whole(row, 'ver'),
      change: changeByNumber.get(whole(row, 'op')) ?? 'update',
    }))
  }

  /** Calls back with what happens from now on, in order; for the past there is `since`. Answers how to stop. */
  listen(listener: (events: readonly FeedEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A commit just happened here: do not wait for the next look. */
  nudge(): void {
    this.#wake?.()
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#wake?.()
    await this.#loop
  }

  /** Tells listeners of everything up to a position; events are read once for all of them. */
  async #tell(position: bigint): Promise<void> {
    while (this.#position < position) {
      if (this.#listeners.size === 0) {
        this.#position = position
        return
      }
      const events = await this.since(this.#position)
      this.#position = events.at(-1)?.position ?? position
      for (const listener of this.#listeners) listener(events)
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  /** Keeps a connection for as long as the process lives; a lost one is opened again and nothing is missed. */
  async #follow(): Promise<void> {
    while (!this.#closing) {
      let client: pg.Client | undefined
      try {
        client = await this.#database.dedicated()
        await this.#session(client)
      } catch (error) {
        if (!this.#closing) {
          this.#log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'The feed lost its connection')
          await this.#pause(retryMs)
        }
      } finally {
        await client?.end().catch(() => undefined)
      }
    }
  }

  async #session(client: pg.Client): Promise<void> {
    let lost: Error | undefined
    client.on('error', (error) => {
      lost = error
      this.#wake?.()
    })
    client.on('notification', () => this.#wake?.())
    await client.query(`listen ${feedChannel}`)
    let elected = false
    let last = 0n
    while (!this.#closing) {
      if (lost !== undefined) throw lost
      if (!elected && this.#mayRelay && (await electRelay(client))) {
        elected = true
        last = await lastPosition(client)
      }
      const before = last
      if (elected) last = await relayBatch(client, last, this.#clock.now().epochMilliseconds)
      await this.#tell(elected ? last : await lastPosition(client))
      if (last === before) await this.#pause(idleMs)
    }
  }
}
