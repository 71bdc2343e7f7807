import { randomUUID } from 'node:crypto'
import { sql } from '../../base/sql.ts'
import { submissionOf } from '../access/submission.ts'
import { visible } from '../access/visible.ts'
import { typeName, typeNumber } from '../fhir/resource-types.ts'
import { isPersonScoped } from '../search/home.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Row } from '../store/database.ts'
import { changes } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import { int2Array, textArray } from '../store/wire.ts'
import type { Running } from './registry.ts'
import type { PayloadContent } from './spec.ts'
import { readBodies } from './versions.ts'

/** One event of a subscription. */
export interface SubscriptionEvent {
  readonly number: bigint
  readonly atMs: number
  readonly type: string
  readonly id: string
  readonly version: number
  readonly person: bigint
  readonly deleted: boolean
  readonly created: boolean
  readonly dead: boolean
}

const eventOf = (row: Row): SubscriptionEvent => ({
  number: key64(row, 'number'),
  atMs: Math.round(whole(row, 'at_ms')),
  type: typeName(whole(row, 'rtype')) ?? '',
  id: text(row, 'id'),
  version: whole(row, 'ver'),
  person: key64(row, 'person'),
  deleted: whole(row, 'op') === changes.delete,
  created: whole(row, 'op') === changes.create,
  dead: row['dead'] === true,
})

/** Events of a subscription after a number, in order. */
export async function readEvents(
  store: Store,
  subscription: string,
  range: { readonly after: bigint; readonly through?: bigint; readonly limit: number },
): Promise<SubscriptionEvent[]> {
  const through = range.through === undefined ? sql`` : sql` and number <= ${range.through}::int8`
  const rows = await store.database.read(
    sql`select number, (extract(epoch from at) * 1000)::float8 as at_ms, rtype, id, ver, person, op, dead is not null as dead from subscription_event
        where subscription = ${subscription} and number > ${range.after}::int8${through} order by number limit ${range.limit}::int4`,
  )
  return rows.map(eventOf)
}

/** What the owner of a subscription may be told of an event now: the body it saw, or undefined when it may see nothing of it. */
export interface Told {
  readonly event: SubscriptionEvent
  readonly may: boolean
  readonly body: string | undefined
}

/**
 * Checks the owner's access as it is at this moment, and writes the audit before anything is sent. What may not be seen
 * any more is an event without a focus: its number is told, so that nobody looks for a lost one.
 */
export async function tellable(
  store: Store,
  running: Running,
  events: readonly SubscriptionEvent[],
  content: PayloadContent,
): Promise<Told[]> {
  if (content === 'empty') return events.map((event) => ({ event, may: false, body: undefined }))
  const { database } = store
  const keys = sql`unnest(${int2Array(events.map(({ type }) => typeNumber(type) ?? 0))}::int2[], ${textArray(events.map(({ id }) => id))}::text[]) k(rtype, id)`
  const seen = await database.read(
    sql`select distinct r.rtype, r.id from ${keys} join res r using (rtype, id) where ${visible(running.actor)}`,
  )
  const names = new Set(seen.map((row) => `${typeName(whole(row, 'rtype')) ?? ''}/${text(row, 'id')}`))
  const everything = running.actor.kind === 'system'
  const bodies = content === 'full-resource' ? await readBodies(database.reading, events) : new Map<number, string>()
  const told = events.map((event, index) => {
    const may = everything || !isPersonScoped(event.type) || names.has(`${event.type}/${event.id}`)
    return { event, may, body: may ? bodies.get(index) : undefined }
  })
  await audit(
    store,
    running,
    told.filter(({ may }) => may).map(({ event }) => event),
  )
  return told
}

async function audit(store: Store, { actor }: Running, events: readonly SubscriptionEvent[]): Promise<void> {
  const byPerson = new Map<bigint, string[]>()
  for (const { person, type, id, version } of events) {
    if (!isPersonScoped(type)) continue
    byPerson.set(person, [...(byPerson.get(person) ?? []), `${type}/${id}/_history/${version}`])
  }
  const submission = submissionOf({ actor, purpose: 'HOPERAT', requestId: randomUUID() })
  const rows = [...byPerson].map(([person, ids]) => ({
    person,
    action: 'read' as const,
    outcome: 'success' as const,
    ids,
    submission,
  }))
  if (rows.length > 0) await store.readAudit.write(rows, store.clock.now().epochMilliseconds)
}

export type NotificationType = 'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event'

const profiles = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-'

const instant = (ms: number): string =>
  Temporal.Instant.fromEpochMilliseconds(ms).toString({ smallestUnit: 'millisecond' })

/** The Parameters that say how a subscription is (R4 backport, SubscriptionStatus), as text. */
export function statusText(base: string, running: Running, type: NotificationType, told: readonly Told[] = []): string {
  const { id, spec, status, number, reason } = running
  const events = told.map(({ event, may }) => ({
    name: 'notification-event',
    part: [
      { name: 'event-number', valueString: String(event.number) },
      { name: 'timestamp', valueInstant: instant(event.atMs) },
      ...(may ? [{ name: 'focus', valueReference: { reference: `${base}/${event.type}/${event.id}` } }] : []),
    ],
  }))
  return JSON.stringify({
    resourceType: 'Parameters',
    id: randomUUID(),
    meta: { profile: [`${profiles}status-r4`] },
    parameter: [
      { name: 'subscription', valueReference: { reference: `${base}/Subscription/${id}` } },
      ...(spec.topic === undefined ? [] : [{ name: 'topic', valueCanonical: spec.topic }]),
      { name: 'status', valueCode: status },
      { name: 'type', valueCode: type },
      { name: 'events-since-subscription-start', valueString: String(number) },
      ...events,
      ...(reason === '' ? [] : [{ name: 'error', valueCodeableConcept: { text: reason } }]),
    ],
  })
}

/** A notification: a Bundle of type history that begins with the status (R4 backport 1.1). */
export function notificationText(
  base: string,
  running: Running,
  type: NotificationType,
  told: readonly Told[],
  nowMs: number,
): string {
  const status = statusText(base, running, type, told)
  const first = `{"fullUrl":"urn:uuid:${randomUUID()}","resource":${status},"request":{"method":"GET","url":"Subscription/${running.id}/$status"},"response":{"status":"200"}}`
  const entries = told
    .filter(({ may }) => may)
    .map(({ event, body }) => {
      const name = `${event.type}/${event.id}`
      const [method, answer] = event.deleted ? ['DELETE', '204'] : event.created ? ['POST', '201'] : ['PUT', '200']
      const url = method === 'POST' ? event.type : name
      const resource = body === undefined ? '' : `"resource":${body},`
      return `{"fullUrl":"${base}/${name}",${resource}"request":{"method":"${method}","url":"${url}"},"response":{"status":"${answer}"}}`
    })
  return `{"resourceType":"Bundle","id":"${randomUUID()}","meta":{"profile":["${profiles}notification-r4"]},"type":"history","timestamp":"${instant(nowMs)}","entry":[${[first, ...entries].join(',')}]}`
}
