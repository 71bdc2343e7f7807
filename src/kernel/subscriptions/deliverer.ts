import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { Log } from '../../base/log.ts'
import { Problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Actor } from '../access/actor.ts'
import type { Store } from '../store/store.ts'
import { eventChannel } from './matcher.ts'
import { readEvents } from './notification.ts'
import { type Running, runningColumns, runningOf, tellState } from './registry.ts'
import { type Sending, sendHook } from './rest-hook.ts'

export interface DeliverySettings {
  /** Base of the FHIR API as others reach it. */
  readonly base: string
  /** Hosts that may be sent to although they are private. */
  readonly allowed: readonly string[]
  /** For how long an endpoint that fails is tried again. */
  readonly patienceMs: number
  /** The actor with the rights it has now; undefined when it has none any more. */
  readonly actorNow: (actor: Actor) => Promise<Actor | undefined>
}

const atOnce = 8
const idleMs = 1_000
const retryMs = 1_000
const leaseMs = 150_000
const shortestWaitMs = 1_000
const longestWaitMs = 3_600_000

/** Sends notifications to endpoints: each subscription by one process at a time, in order, until they are taken. */
export class Deliverer {
  readonly #store: Store
  readonly #log: Log
  readonly #settings: DeliverySettings
  readonly #holder = randomUUID()
  readonly #stopping = new AbortController()
  readonly #working = new Set<Promise<void>>()
  readonly #listeners = new Set<() => void>()
  #loop: Promise<void> | undefined
  #wake: (() => void) | undefined
  #told = false

  constructor(store: Store, log: Log, settings: DeliverySettings) {
    this.#store = store
    this.#log = log
    this.#settings = settings
  }

  start(): void {
    this.#loop = this.#follow()
  }

  /** Calls back when subscribers have something to be told, for those that are connected here. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake?.()
    await this.#loop
    await Promise.all(this.#working)
  }

  async #follow(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      let client: pg.Client | undefined
      try {
        client = await this.#store.database.dedicated()
        let lost: Error | undefined
        client.on('error', (error) => {
          lost = error
          this.#nudge()
        })
        client.on('notification', () => {
          for (const listener of this.#listeners) listener()
          this.#nudge()
        })
        await client.query(`listen ${eventChannel}`)
        while (!this.#stopping.signal.aborted) {
          if (lost !== undefined) throw lost
          if (!(await this.#take())) await this.#pause(idleMs)
        }
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        this.#log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'Delivery was interrupted')
        await this.#pause(retryMs)
      } finally {
        await client?.end().catch(() => undefined)
      }
    }
  }

  #nudge(): void {
    this.#told = true
    this.#wake?.()
  }

  async #pause(ms: number): Promise<void> {
    if (this.#told) {
      this.#told = false
      return
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.#stopping.signal.aborted) this.#wake()
    })
    this.#wake = undefined
    this.#told = false
  }

  /** Takes one subscription that has something to send, and sends in the background. False when there is none. */
  async #take(): Promise<boolean> {
    if (this.#working.size >= atOnce) {
      await Promise.race(this.#working)
      return true
    }
    const now = this.#store.clock.now()
    const nowText = now.toString()
    const rows = await this.#store.database.read(
      sql`update subscription set holder = ${this.#holder}, lease = ${now.add({ milliseconds: leaseMs }).toString()}::timestamptz
          where id = (select id from subscription where spec->>'channel' = 'rest-hook' and status in ('requested', 'active')
            and (lease is null or lease < ${nowText}::timestamptz) and (next is null or next <= ${nowText}::timestamptz)
            and (status = 'requested' or delivered < number or ((spec->>'heartbeatSeconds')::int4 > 0
              and heard + (spec->>'heartbeatSeconds')::int4 * interval '1 second' <= ${nowText}::timestamptz)
              or (spec->>'end')::timestamptz <= ${nowText}::timestamptz)
            order by next nulls first limit 1 for update skip locked)
          returning ${runningColumns}`,
      'subscription_take',
    )
    const [row] = rows
    if (row === undefined) return false
    const running = runningOf(row)
    const work = this.#work(running)
      .catch((error: unknown) =>
        this.#log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'A delivery was left'),
      )
      .finally(() => this.#working.delete(work))
    this.#working.add(work)
    return true
  }

  async #work(running: Running): Promise<void> {
    try {
      await this.#send(running)
    } catch (error) {
      if (this.#stopping.signal.aborted) await this.#release(running.id)
      else if (error instanceof Problem && error.kind !== 'unavailable') await this.#giveUp(running, error.message)
      else if (error instanceof Problem) await this.#failed(running, error.message)
      else {
        this.#log.error({ error: error instanceof Error ? error.stack : 'unknown' }, 'A delivery failed')
        await this.#failed(running, 'The notification could not be made')
      }
      return
    }
    await this.#release(running.id)
  }

  /** The next thing that is due: the end, a handshake, events, or a heartbeat. */
  async #send(running: Running): Promise<void> {
    const store = this.#store
    const nowMs = store.clock.now().epochMilliseconds
    const { spec } = running
    if (spec.end !== undefined && Temporal.Instant.from(spec.end).epochMilliseconds <= nowMs)
      return this.#setState(running, 'off', '')
    const actor = await this.#settings.actorNow(running.actor)
    if (actor === undefined) return this.#giveUp(running, 'Its owner has no access any more')
    const current = { ...running, actor }
    if (running.status === 'requested') {
      await sendHook(this.#sending(), current, 'handshake', [])
      return this.#setState(current, 'active', '')
    }
    const events = await readEvents(store, running.id, { after: running.delivered, limit: plainLimit(running) })
    const last = events.at(-1)
    await sendHook(this.#sending(), current, last === undefined ? 'heartbeat' : 'event-notification', events)
    await store.database.read(
      sql`update subscription set delivered = greatest(delivered, ${last?.number ?? running.delivered}::int8), attempts = 0, failing = null,
            next = null, reason = '', heard = ${store.clock.now().toString()}::timestamptz where id = ${running.id} and holder = ${this.#holder}`,
      'subscription_sent',
    )
  }

  #sending(): Sending {
    const { base, allowed } = this.#settings
    return { store: this.#store, base, allowed, signal: this.#stopping.signal }
  }

  async #setState(running: Running, status: 'active' | 'off', reason: string): Promise<void> {
    const { database, clock } = this.#store
    const changed = await database.read(
      sql`update subscription set status = ${status}, reason = ${reason}, attempts = 0, failing = null, next = null,
            heard = ${clock.now().toString()}::timestamptz where id = ${running.id} and holder = ${this.#holder} and status = ${running.status} returning id`,
    )
    if (changed.length > 0) await tellState(this.#store, running.id, status, reason)
  }

  /** Tries again later and later; after days it gives up, and what was not taken waits for an operator. */
  async #failed(running: Running, reason: string): Promise<void> {
    const { database, clock } = this.#store
    const now = clock.now()
    if (running.failingMs !== undefined && now.epochMilliseconds - running.failingMs >= this.#settings.patienceMs)
      return this.#giveUp(running, reason)
    const waitMs = Math.min(longestWaitMs, shortestWaitMs * 2 ** Math.min(running.attempts, 20))
    await database.read(
      sql`update subscription set attempts = attempts + 1, failing = coalesce(failing, ${now.toString()}::timestamptz), reason = ${reason},
            next = ${now.add({ milliseconds: waitMs }).toString()}::timestamptz, holder = null, lease = null where id = ${running.id} and holder = ${this.#holder}`,
    )
  }

  async #giveUp(running: Running, reason: string): Promise<void> {
    const { database, clock } = this.#store
    const now = clock.now().toString()
    await database.read(
      sql`with given_up as (update subscription set status = 'error', reason = ${reason}, next = null, holder = null, lease = null
            where id = ${running.id} and holder = ${this.#holder} returning id, delivered)
          update subscription_event e set dead = ${now}::timestamptz from given_up g where e.subscription = g.id and e.number > g.delivered and e.dead is null`,
    )
    await tellState(this.#store, running.id, 'error', reason)
  }

  async #release(id: string): Promise<void> {
    await this.#store.database.read(
      sql`update subscription set holder = null, lease = null where id = ${id} and holder = ${this.#holder}`,
      'subscription_release',
    )
  }
}

/** R4's own notifications are of one resource each: a batch of them would be repeated as a whole. */
const plainLimit = ({ spec }: Running): number => (spec.topic === undefined ? 1 : spec.mostEvents)
