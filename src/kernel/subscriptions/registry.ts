import { Problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Actor } from '../access/actor.ts'
import type { FeedEvent } from '../feed/feed.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Database, Row } from '../store/database.ts'
import { draftOf } from '../store/draft.ts'
import type { Store } from '../store/store.ts'
import type { Watcher } from './match.ts'
import { type SubscriptionSpec, specOf } from './spec.ts'
import type { Topic } from './topics.ts'
import { readBodies } from './versions.ts'

export const subscriptionStates = ['requested', 'active', 'error', 'off'] as const
export type SubscriptionState = (typeof subscriptionStates)[number]

/** A subscription as it runs. */
export interface Running {
  readonly id: string
  readonly actor: Actor
  readonly spec: SubscriptionSpec
  readonly status: SubscriptionState
  readonly reason: string
  /** How many events it has had so far; they are numbered from 1. */
  readonly number: bigint
  /** Events up to this one have been taken by the subscriber. */
  readonly delivered: bigint
  readonly attempts: number
  readonly failingMs: number | undefined
}

/** Who writes the states of subscriptions into their resources. */
const engine = { kind: 'system', id: 'linchpin-subscriptions', name: 'Subscriptions' } as const

export const runningColumns = sql`id, actor, spec, status, reason, number, delivered, attempts, (extract(epoch from failing) * 1000)::float8 as failing_ms`

const decodeActor = (value: unknown): Actor => value as Actor
const decodeSpec = (value: unknown): SubscriptionSpec => value as SubscriptionSpec

/** A row of `subscription`, selected with `runningColumns`. */
export const runningOf = (row: Row): Running => ({
  id: text(row, 'id'),
  actor: decodeActor(row['actor']),
  spec: decodeSpec(row['spec']),
  status: subscriptionStates.find((each) => each === row['status']) ?? 'error',
  reason: text(row, 'reason'),
  number: key64(row, 'number'),
  delivered: key64(row, 'delivered'),
  attempts: whole(row, 'attempts'),
  failingMs:
    row['failing_ms'] === null || row['failing_ms'] === undefined ? undefined : Math.round(whole(row, 'failing_ms')),
})

export async function findRunning(database: Database, id: string): Promise<Running | undefined> {
  const rows = await database.read(sql`select ${runningColumns} from subscription where id = ${id}`, 'subscription')
  return rows[0] === undefined ? undefined : runningOf(rows[0])
}

/** The subscriptions to match for, by id; one whose topic has gone ends in error. */
export async function readWatchers(store: Store, topics: ReadonlyMap<string, Topic>): Promise<Map<string, Watcher>> {
  const rows = await store.database.read(sql`select id, spec, start from subscription where status <> 'off'`)
  const watchers = new Map<string, Watcher>()
  for (const row of rows) {
    const [id, spec, start] = [text(row, 'id'), decodeSpec(row['spec']), key64(row, 'start')]
    const topic = spec.topic === undefined ? undefined : topics.get(spec.topic)
    if (spec.topic !== undefined && topic === undefined) await cannotMatch(store, id, 'Its topic is not there any more')
    else watchers.set(id, { id, spec, start, ...(topic === undefined ? {} : { topic }) })
  }
  return watchers
}

/** Ends the matching for a subscription that cannot be matched, and tells its owner why. */
export async function cannotMatch(store: Store, id: string, reason: string): Promise<void> {
  await store.database.read(sql`update subscription set status = 'off', reason = ${reason} where id = ${id}`)
  await tellState(store, id, 'error', reason)
}

/**
 * Takes up what became of a Subscription resource. It counts from its own place in the feed. One that cannot work is set
 * to `error` with the reason and stops nothing else.
 */
export async function register(store: Store, topics: ReadonlyMap<string, Topic>, event: FeedEvent): Promise<void> {
  const { database } = store
  if (event.change === 'delete') return forget(database, event.id)
  const [known] = await database.read(sql`select ver from subscription where id = ${event.id}`)
  if ((known !== undefined && whole(known, 'ver') >= event.version) || (await isOurs(database, event))) return
  const body = (await readBodies(database.reading, [event])).get(0)
  if (body === undefined) return
  const resource: Readonly<Record<string, unknown>> = JSON.parse(body)
  const actor = await ownerOf(database, event)
  if (actor === undefined) return
  const off = resource['status'] === 'off'
  try {
    const spec = specOf(resource, topics)
    // Who listens on a websocket comes to us: there is no endpoint to shake hands with.
    const status = off ? 'off' : spec.channel === 'websocket' ? 'active' : 'requested'
    await keep(database, event, { actor, spec, status, reason: '' })
    if (status === 'active') await tellState(store, event.id, 'active', '')
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const spec = {
      filters: [],
      channel: 'websocket',
      endpoint: '',
      headers: [],
      content: 'empty',
      payload: '',
      heartbeatSeconds: 0,
      timeoutSeconds: 30,
      mostEvents: 20,
    } as const
    await keep(database, event, { actor, spec, status: 'off', reason: error.message })
    await tellState(store, event.id, 'error', error.message)
  }
}

interface Kept {
  readonly actor: Actor
  readonly spec: SubscriptionSpec
  readonly status: SubscriptionState
  readonly reason: string
}

/** Whether we wrote a version ourselves, to tell the owner how things are. */
async function isOurs(database: Database, { id, version }: FeedEvent): Promise<boolean> {
  const at = sql`rtype = ${typeNumber('Subscription') ?? 0}::int2 and id = ${id} and ver = ${version}::int4 and author = ${engine.id}`
  const rows = await database.read(
    sql`select 1 from shared where ${at} union all select 1 from shared_hist where ${at}`,
  )
  return rows.length > 0
}

/** A subscription that is changed goes on counting; one that is new begins at its own place in the feed. */
async function keep(database: Database, { id, version, position }: FeedEvent, kept: Kept): Promise<void> {
  await database.read(
    sql`insert into subscription (id, ver, actor, spec, status, reason, start, number, delivered, attempts)
        values (${id}, ${version}::int4, ${JSON.stringify(kept.actor)}::jsonb, ${JSON.stringify(kept.spec)}::jsonb, ${kept.status}, ${kept.reason},
          ${position}::int8, 0, 0, 0)
        on conflict (id) do update set ver = excluded.ver, actor = excluded.actor, spec = excluded.spec, status = excluded.status,
          reason = excluded.reason, attempts = 0, failing = null, next = null`,
  )
  if (kept.status !== 'off') await revive(database, id)
}

/** What had been given up is to be tried again. */
async function revive(database: Database, id: string): Promise<void> {
  await database.read(
    sql`update subscription_event e set dead = null from subscription s where s.id = ${id} and e.subscription = s.id and e.number > s.delivered and e.dead is not null`,
  )
}

async function forget(database: Database, id: string): Promise<void> {
  await database.read(sql`delete from subscription where id = ${id}`)
  await database.read(sql`delete from subscription_event where subscription = ${id}`)
}

/** Who wrote this version: the audit knows. Its rights decide what the subscription may tell. */
async function ownerOf(database: Database, { id }: FeedEvent): Promise<Actor | undefined> {
  const rows = await database.read(
    sql`select actor_kind, actor, actor_name, organisation from audit where person = 0 and ids @> array[${`Subscription/${id}`}]
        and action in ('create', 'update') and actor <> ${engine.id} order by seq desc limit 1`,
  )
  const [row] = rows
  // Only systems have subscriptions: nobody else's rights can be looked up later.
  if (row === undefined || text(row, 'actor_kind') !== 'system') return undefined
  const organisation = text(row, 'organisation')
  const actor = { kind: 'system' as const, id: text(row, 'actor'), name: text(row, 'actor_name') }
  return organisation === '' ? actor : { ...actor, organisation }
}

/** Writes the state into the resource, where its owner sees it, as long as nobody has changed the resource meanwhile. */
export async function tellState(
  store: Store,
  id: string,
  status: 'requested' | 'active' | 'error' | 'off',
  reason: string,
): Promise<void> {
  const rtype = typeNumber('Subscription') ?? 0
  const rows = await store.database.read(
    sql`select r.ver, r.body from shared r where r.rtype = ${rtype}::int2 and r.id = ${id}`,
    'subscription_resource',
  )
  const [row] = rows
  if (row === undefined) return
  const { error: before, ...resource }: Record<string, unknown> = JSON.parse(text(row, 'body'))
  const error = reason === '' ? undefined : reason.slice(0, 1000)
  if (resource['status'] === status && before === error) return
  const next = { ...resource, status, ...(error === undefined ? {} : { error }) }
  const version = whole(row, 'ver')
  const draft = draftOf(JSON.stringify(next))
  const submission = {
    requestId: id,
    actorKind: engine.kind,
    actor: engine.id,
    actorName: engine.name,
    role: 'system',
    organisation: '',
    purpose: 'HOPERAT',
    source: '',
    author: engine.id,
  }
  await store.writer.write({
    action: 'update',
    type: 'Subscription',
    rtype,
    id,
    draft,
    newId: false,
    ifMatch: version,
    submission,
  })
}
