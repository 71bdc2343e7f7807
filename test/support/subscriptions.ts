import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { makeLog } from '../../src/base/log.ts'
import { Deliverer, type DeliverySettings } from '../../src/kernel/subscriptions/deliverer.ts'
import { Matcher } from '../../src/kernel/subscriptions/matcher.ts'
import { topicsOf } from '../../src/kernel/subscriptions/topic-catalogue.ts'
import { eventNumbers, type Receiver, startReceiver, statusOf } from './receiver.ts'
import { type TestStore, testStore } from './store.ts'

export const log = makeLog('fatal')

/** One store for all tests of subscriptions, with an endpoint that takes their notifications. */
let held: { at: TestStore; receiver: Receiver; matcher: Matcher; deliverer: Deliverer } | undefined
export const here = () => held ?? assert.fail('the store is open')
export const access = { holds: true }
export const settings = (): DeliverySettings => ({
  base: 'http://localhost/fhir/R4',
  allowed: [here().receiver.host],
  patienceMs: 0,
  actorNow: (actor) => Promise.resolve(access.holds ? actor : undefined),
})

before(async () => {
  const at = await testStore()
  const receiver = await startReceiver()
  const matcher = new Matcher(at.store, log, () => topicsOf(at.store.database))
  const given = { base: 'http://localhost/fhir/R4', allowed: [receiver.host], patienceMs: 0 }
  const deliverer = new Deliverer(at.store, log, {
    ...given,
    actorNow: (actor) => Promise.resolve(access.holds ? actor : undefined),
  })
  matcher.start()
  deliverer.start()
  held = { at, receiver, matcher, deliverer }
  await at.fhir('PUT', 'Patient/s1', JSON.stringify({ resourceType: 'Patient', id: 's1' }))
})
after(async () => {
  await here().matcher.stop()
  await here().deliverer.stop()
  await here().receiver.close()
  await here().at.close()
})

const backport = (name: string): string =>
  `http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-${name}`
export const topic = (name: string): string => `https://linchpin.example/fhir/SubscriptionTopic/${name}`

interface Wanted {
  readonly criteria: string
  readonly filters?: readonly string[]
  readonly content?: string
  readonly channel?: object
}

const subscription = (id: string, { criteria, filters = [], content, channel = {} }: Wanted) => ({
  resourceType: 'Subscription',
  id,
  status: 'requested',
  reason: 'test',
  criteria,
  ...(filters.length === 0
    ? {}
    : { _criteria: { extension: filters.map((valueString) => ({ url: backport('filter-criteria'), valueString })) } }),
  channel: {
    type: 'rest-hook',
    endpoint: here().receiver.url,
    ...(content === undefined
      ? {}
      : {
          payload: 'application/fhir+json',
          _payload: { extension: [{ url: backport('payload-content'), valueCode: content }] },
        }),
    ...channel,
  },
})

export async function subscribe(id: string, wanted: Wanted, expected = 'active'): Promise<void> {
  const { status, text } = await here().at.fhir('PUT', `Subscription/${id}`, JSON.stringify(subscription(id, wanted)))
  assert.ok(status < 300, text)
  await becomes(id, expected)
}

export async function becomes(id: string, status: string): Promise<{ status: string; error?: string }> {
  for (;;) {
    const now = JSON.parse((await here().at.fhir('GET', `Subscription/${id}`)).text) as {
      status: string
      error?: string
    }
    if (now.status === status) return now
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const end = (id: string) => here().at.fhir('DELETE', `Subscription/${id}`)

export async function observe(id: string, code: string, more: object = {}): Promise<void> {
  const resource = {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ code }] },
    subject: { reference: 'Patient/s1' },
    ...more,
  }
  const { status, text } = await here().at.fhir('PUT', `Observation/${id}`, JSON.stringify(resource))
  assert.ok(status < 300, text)
}

/** Notifications of one subscription that the endpoint took, by type. */
export const bundles = (id: string, type = 'event-notification'): string[] =>
  here()
    .receiver.received.map(({ body }) => body)
    .filter((body) => body.startsWith('{"resourceType":"Bundle"') && body.includes(`Subscription/${id}"`))
    .filter((body) => statusOf(body).get('type')?.valueCode === type)

export async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const toldOf = (id: string, least: number): Promise<string[]> =>
  until(() => {
    const all = bundles(id)
    return all.flatMap(eventNumbers).length >= least ? all : undefined
  })

export async function restartMatcher(): Promise<void> {
  const { at } = here()
  const matcher = new Matcher(at.store, log, () => topicsOf(at.store.database))
  matcher.start()
  held = { ...here(), matcher }
}
