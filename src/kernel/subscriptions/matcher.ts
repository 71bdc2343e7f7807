import type pg from 'pg'
import type { Log } from '../../base/log.ts'
import { sql } from '../../base/sql.ts'
import type { FeedEvent } from '../feed/feed.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { key64, text } from '../store/current.ts'
import type { Connection, Database } from '../store/database.ts'
import { changes } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import { int2Array, int4Array, int8Array, textArray } from '../store/wire.ts'
import { type Matched, matchRound, type Watcher } from './match.ts'
import { cannotMatch, readWatchers, register } from './registry.ts'
import type { Topic } from './topics.ts'
import { VersionSearch } from './versions.ts'

/** Session lock that elects the one process which matches. */
const matcherLock = 7003
/** Channel on which processes hear that subscribers have something to be told. */
export const eventChannel = 'linchpin_subscription'

const idleMs = 1_000
const retryMs = 1_000
const place = 'subscription-position'

/** Follows the feed and writes down, for each subscription, what it is to be told. One process of a database does it at a time. */
export class Matcher {
  readonly #store: Store
  readonly #log: Log
  readonly #topics: () => Promise<ReadonlyMap<string, Topic>>
  #stopping = false
  #loop: Promise<void> | undefined
  #wake: (() => void) | undefined
  #stopListening: (() => void) | undefined

  constructor(store: Store, log: Log, topics: () => Promise<ReadonlyMap<string, Topic>>) {
    this.#store = store
    this.#log = log
    this.#topics = topics
  }

  start(): void {
    this.#stopListening = this.#store.feed.listen(() => this.#wake?.())
    this.#loop = this.#follow()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#stopListening?.()
    this.#wake?.()
    await this.#loop
  }

  async #follow(): Promise<void> {
    while (!this.#stopping) {
      let client: pg.Client | undefined
      try {
        client = await this.#store.database.dedicated()
        client.on('error', () => this.#wake?.())
        await this.#session(client)
      } catch (error) {
        if (this.#stopping) return
        this.#log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'Matching was interrupted')
        await this.#pause(retryMs)
      } finally {
        await client?.end().catch(() => undefined)
      }
    }
  }

  async #session(client: pg.Client): Promise<void> {
    for (;;) {
      if (this.#stopping) return
      const won = await client.query<{ won: boolean }>('select pg_try_advisory_lock($1) as won', [matcherLock])
      if (won.rows[0]?.won === true) break
      await this.#pause(idleMs)
    }
    const { database, feed } = this.#store
    const search = await VersionSearch.open(client, database.reading)
    let position = await startPosition(database)
    let topics = await this.#topics()
    let watchers = await readWatchers(this.#store, topics)
    while (!this.#stopping) {
      await client.query('select 1')
      const events = await feed.since(position)
      if (events.length === 0) {
        await this.#pause(idleMs)
        continue
      }
      for (const part of parts(events)) {
        const [first] = part
        if (first !== undefined && isSetting(first)) {
          if (first.type === 'Basic') topics = await this.#topics()
          else await register(this.#store, topics, first)
          watchers = await readWatchers(this.#store, topics)
        }
        await this.#match(client, search, watchers, part, position)
        position = part.at(-1)?.position ?? position
      }
    }
  }

  async #match(
    client: pg.Client,
    search: VersionSearch,
    watchers: Map<string, Watcher>,
    part: readonly FeedEvent[],
    from: bigint,
  ): Promise<void> {
    const { database, clock } = this.#store
    const told: Matched['events'][number][] = []
    for (const round of rounds(part)) {
      const { events, failed } = await matchRound(database.reading, search, [...watchers.values()], round)
      told.push(...events)
      for (const [id, reason] of failed) {
        watchers.delete(id)
        await cannotMatch(this.#store, id, `Its criteria cannot be matched: ${reason.message}`)
      }
    }
    told.sort((a, b) => (a.event.position < b.event.position ? -1 : 1))
    const to = part.at(-1)?.position ?? from
    await database.transaction((connection) =>
      writeEvents(connection, told, { from, to, nowMs: clock.now().epochMilliseconds }),
    )
    if (told.length > 0 || part.some(isSetting)) await client.query(`notify ${eventChannel}`)
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.#stopping) this.#wake()
    })
    this.#wake = undefined
  }
}

/** Events that change what is matched: they are dealt with before what follows them. */
const isSetting = (event: FeedEvent): boolean => event.type === 'Subscription' || event.type === 'Basic'

/** Runs of events that each begin, at most, with one that changes what is matched. */
function parts(events: readonly FeedEvent[]): FeedEvent[][] {
  const all: FeedEvent[][] = []
  for (const event of events) {
    const last = all.at(-1)
    if (last === undefined || isSetting(event)) all.push([event])
    else last.push(event)
  }
  return all
}

/** In one round a resource occurs once. */
function rounds(events: readonly FeedEvent[]): FeedEvent[][] {
  const all: FeedEvent[][] = []
  const count = new Map<string, number>()
  for (const event of events) {
    const name = `${event.type}/${event.id}`
    const round = count.get(name) ?? 0
    count.set(name, round + 1)
    const mine = all[round]
    if (mine === undefined) all.push([event])
    else mine.push(event)
  }
  return all
}

/** Where matching goes on; the first time it goes through the whole feed, for subscriptions made before. */
async function startPosition(database: Database): Promise<bigint> {
  await database.read(sql`insert into setting (name, value) values (${place}, '0') on conflict (name) do nothing`)
  const rows = await database.read(sql`select value from setting where name = ${place}`)
  return BigInt(text(rows[0] ?? {}, 'value') || '0')
}

/** Numbers the events of each subscription and moves on in the feed, as one: no event is lost or counted twice. */
async function writeEvents(
  connection: Connection,
  told: Matched['events'],
  { from, to, nowMs }: { readonly from: bigint; readonly to: bigint; readonly nowMs: number },
): Promise<void> {
  const moved = await connection.query(
    sql`update setting set value = ${String(to)} where name = ${place} and value = ${String(from)} returning name`,
  )
  if (moved.length === 0) throw new Error('Another process matches now')
  if (told.length === 0) return
  const ids = [...new Set(told.map(({ subscription }) => subscription))]
  const rows = await connection.query(
    sql`select id, number, status from subscription where id = any(${textArray(ids)}::text[]) order by id for update`,
  )
  const numbers = new Map(rows.map((row) => [text(row, 'id'), key64(row, 'number')]))
  const numbered = told.flatMap(({ subscription, event }) => {
    const last = numbers.get(subscription)
    if (last === undefined) return []
    numbers.set(subscription, last + 1n)
    return [{ subscription, number: last + 1n, event }]
  })
  const at = Temporal.Instant.fromEpochMilliseconds(nowMs).toString()
  await connection.query(
    sql`insert into subscription_event (subscription, number, pos, at, person, rtype, id, ver, op, dead)
        select e.subscription, e.number, e.pos, ${at}::timestamptz, e.person, e.rtype, e.id, e.ver, e.op, case when s.status = 'error' then ${at}::timestamptz end
        from unnest(${textArray(numbered.map((each) => each.subscription))}::text[], ${int8Array(numbered.map((each) => each.number))}::int8[],
          ${int8Array(numbered.map(({ event }) => event.position))}::int8[], ${int8Array(numbered.map(({ event }) => event.person))}::int8[],
          ${int2Array(numbered.map(({ event }) => typeNumber(event.type) ?? 0))}::int2[], ${textArray(numbered.map(({ event }) => event.id))}::text[],
          ${int4Array(numbered.map(({ event }) => event.version))}::int4[], ${int2Array(numbered.map(({ event }) => changes[event.change]))}::int2[])
          e(subscription, number, pos, person, rtype, id, ver, op) join subscription s on s.id = e.subscription`,
  )
  await connection.query(
    sql`update subscription s set number = n.number from unnest(${textArray([...numbers.keys()])}::text[], ${int8Array([...numbers.values()])}::int8[]) n(id, number)
        where s.id = n.id`,
  )
}
