import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventNumbers, type Receiver, startReceiver, statusOf } from '../../../test/support/receiver.ts'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { makeLog } from '../../base/log.ts'
import { sql } from '../../base/sql.ts'
import { Deliverer, type DeliverySettings } from './deliverer.ts'
import { Matcher } from './matcher.ts'
import { type Socket, SocketSession } from './sockets.ts'
import { topicsOf } from './topic-catalogue.ts'

const log = makeLog('fatal')
let held: { at: TestStore; receiver: Receiver; matcher: Matcher; deliverer: Deliverer } | undefined
const here = () => held ?? assert.fail('the store is open')
const access = { holds: true }
const settings = (): DeliverySettings => ({
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
const topic = (name: string): string => `https://linchpin.example/fhir/SubscriptionTopic/${name}`

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

async function subscribe(id: string, wanted: Wanted, expected = 'active'): Promise<void> {
  const { status, text } = await here().at.fhir('PUT', `Subscription/${id}`, JSON.stringify(subscription(id, wanted)))
  assert.ok(status < 300, text)
  await becomes(id, expected)
}

async function becomes(id: string, status: string): Promise<{ status: string; error?: string }> {
  for (;;) {
    const now = JSON.parse((await here().at.fhir('GET', `Subscription/${id}`)).text) as {
      status: string
      error?: string
    }
    if (now.status === status) return now
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const end = (id: string) => here().at.fhir('DELETE', `Subscription/${id}`)

async function observe(id: string, code: string, more: object = {}): Promise<void> {
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
const bundles = (id: string, type = 'event-notification'): string[] =>
  here()
    .receiver.received.map(({ body }) => body)
    .filter((body) => body.startsWith('{"resourceType":"Bundle"') && body.includes(`Subscription/${id}"`))
    .filter((body) => statusOf(body).get('type')?.valueCode === type)

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const toldOf = (id: string, least: number): Promise<string[]> =>
  until(() => {
    const all = bundles(id)
    return all.flatMap(eventNumbers).length >= least ? all : undefined
  })

test('a subscription to a topic shakes hands, is told what matches its filters, in order and numbered', async () => {
  await subscribe('a', {
    criteria: topic('resource-changed'),
    filters: ['Observation?code=weight'],
    content: 'full-resource',
    channel: { header: ['x-mine: yes'] },
  })
  assert.equal(bundles('a', 'handshake').length, 1)
  await observe('a1', 'weight')
  await observe('a2', 'height')
  await observe('a1', 'weight', { status: 'amended' })
  const told = await toldOf('a', 2)
  assert.deepEqual(told.flatMap(eventNumbers), [1, 2])
  const focus = told.flatMap((body) =>
    (JSON.parse(body) as { entry: { resource: { status?: string; resourceType: string } }[] }).entry.slice(1),
  )
  assert.deepEqual(
    focus.map(({ resource }) => resource.status),
    ['final', 'amended'],
  )
  assert.equal(here().receiver.received.at(-1)?.headers['x-mine'], 'yes')
  assert.ok((await here().at.audit('Observation/a1/_history/1')).some(({ action }) => action === 'read'))
  await end('a')
})

test('an event is judged by the version it made, whatever came after', async () => {
  const { matcher } = here()
  await subscribe('b', { criteria: topic('resource-changed'), filters: ['Observation?code=first'], content: 'id-only' })
  await matcher.stop()
  await observe('b1', 'first')
  await observe('b1', 'second')
  await here().at.fhir('DELETE', 'Observation/b1')
  await restartMatcher()
  await observe('b2', 'first')
  const told = await toldOf('b', 2)
  assert.match(told[0] ?? '', /Observation\/b1/)
  assert.match(told.at(-1) ?? '', /Observation\/b2/)
  assert.doesNotMatch(told.join(), /"resourceType":"Observation"/)
  await end('b')
})

async function restartMatcher(): Promise<void> {
  const { at } = here()
  const matcher = new Matcher(at.store, log, () => topicsOf(at.store.database))
  matcher.start()
  held = { ...here(), matcher }
}

test('a topic that speaks of becoming tells only of the change into the state', async () => {
  await subscribe('c', { criteria: topic('encounter-start'), content: 'id-only' })
  const encounter = (status: string) =>
    here().at.fhir(
      'PUT',
      'Encounter/c1',
      JSON.stringify({
        resourceType: 'Encounter',
        id: 'c1',
        status,
        class: { code: 'IMP' },
        subject: { reference: 'Patient/s1' },
      }),
    )
  for (const status of ['planned', 'in-progress', 'in-progress', 'onleave', 'in-progress', 'finished'])
    await encounter(status)
  await observe('c2', 'x')
  const told = await toldOf('c', 2)
  await observe('c3', 'x')
  assert.deepEqual(told.flatMap(eventNumbers), [1, 2])
  await end('c')
})

test('a topic that a user keeps as Basic can be subscribed to; without it the subscription ends in error', async () => {
  const r5 = (name: string) => `http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.${name}`
  const url = 'https://example.org/topics/topical'
  const trigger = [
    { url: 'resource', valueUri: 'http://hl7.org/fhir/StructureDefinition/Observation' },
    { url: 'supportedInteraction', valueCode: 'create' },
    { url: 'queryCriteria', extension: [{ url: 'current', valueString: 'Observation?code=topical' }] },
  ]
  const topicResource = {
    resourceType: 'Basic',
    id: 'topic',
    extension: [
      { url: r5('url'), valueUri: url },
      { url: r5('status'), valueCode: 'active' },
      { url: r5('resourceTrigger'), extension: trigger },
    ],
    code: { coding: [{ system: 'http://hl7.org/fhir/fhir-types', code: 'SubscriptionTopic' }] },
  }
  const { at } = here()
  assert.equal((await at.fhir('PUT', 'Basic/topic', JSON.stringify(topicResource))).status, 201)
  await subscribe('t', { criteria: url, content: 'id-only' })
  await observe('t1', 'other')
  await observe('t2', 'topical')
  assert.match((await toldOf('t', 1)).join(), /Observation\/t2/)
  await at.fhir('DELETE', 'Basic/topic')
  assert.match((await becomes('t', 'error')).error ?? '', /topic/)
})

test('R4 criteria send the resource as an update, or nothing but a knock', async () => {
  const before = here().receiver.received.length
  await subscribe('d', { criteria: 'Observation?code=plain', channel: { payload: 'application/fhir+json' } })
  await observe('d1', 'plain')
  const sent = await until(() =>
    here()
      .receiver.received.slice(before)
      .find(({ path }) => path === '/hook/Observation/d1'),
  )
  assert.equal(sent.method, 'PUT')
  assert.match(sent.body, /"code":"plain"/)
  await end('d')
  await subscribe('e', { criteria: 'Observation?code=knock' })
  await observe('e1', 'knock')
  const knock = await until(() =>
    here()
      .receiver.received.slice(before)
      .find(({ method, body }) => method === 'POST' && body === ''),
  )
  assert.equal(knock.path, '/hook')
  await end('e')
})

test('an endpoint that fails past all patience ends in error; its events wait, are listed, and are sent again in order', async () => {
  const { receiver, at } = here()
  await subscribe('f', { criteria: topic('resource-changed'), filters: ['Observation?code=dead'], content: 'id-only' })
  receiver.status = 503
  await observe('f1', 'dead')
  await observe('f2', 'dead')
  const ended = await becomes('f', 'error')
  assert.match(ended.error ?? '', /answered 503/)
  await observe('f3', 'dead')
  for (;;) {
    const letters = (await at.fhir('GET', 'Subscription/$dead-letters')).text
    if (/"valueInteger":3/.test(letters)) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  receiver.status = 200
  const { status, text } = await at.fhir('POST', 'Subscription/f/$resend')
  assert.equal(status, 200, text)
  await becomes('f', 'active')
  await until(() =>
    receiver
      .numbers()
      .filter((_, index, all) => index >= all.length - 3)
      .join() === '1,2,3'
      ? true
      : undefined,
  )
  assert.match((await at.fhir('GET', 'Subscription/$dead-letters')).text, /"total":0/)
  await end('f')
})

test('what cannot work is set to error with its reason and hinders nobody', async () => {
  for (const [id, wanted] of [
    ['g1', { criteria: 'Observation?nonsense=1' }],
    ['g2', { criteria: 'https://example.org/no-such-topic' }],
    ['g3', { criteria: 'Observation?code=1', channel: { type: 'email', endpoint: 'mailto:a@example.org' } }],
    ['g4', { criteria: 'Observation?code=1', channel: { endpoint: 'http://10.0.0.1/' } }],
  ] as const) {
    await subscribe(id, wanted, 'error')
    assert.ok(((await becomes(id, 'error')).error ?? '').length > 10)
  }
})

test('once the owner has no access, nothing more is told', async () => {
  await subscribe('h', {
    criteria: topic('resource-changed'),
    filters: ['Observation?code=secret'],
    content: 'full-resource',
  })
  access.holds = false
  await observe('h1', 'secret')
  assert.match((await becomes('h', 'error')).error ?? '', /no access/)
  assert.deepEqual(bundles('h'), [])
  access.holds = true
  await end('h')
})

test('status and events can be asked for, no more of them than was agreed', async () => {
  await subscribe('i', { criteria: topic('resource-changed'), filters: ['Observation?code=ask'], content: 'id-only' })
  await observe('i1', 'ask')
  await observe('i2', 'ask')
  await toldOf('i', 2)
  const status = (await here().at.fhir('GET', 'Subscription/i/$status')).text
  assert.match(status, /"events-since-subscription-start","valueString":"2"/)
  const again = (await here().at.fhir('GET', 'Subscription/i/$events?eventsSinceNumber=2&content=full-resource')).text
  assert.deepEqual(eventNumbers(again), [2])
  assert.doesNotMatch(again, /"resourceType":"Observation"/)
  assert.equal((await here().at.fhir('GET', 'Subscription/i/$events?eventsSinceNumber=x')).status, 400)
  await end('i')
})

test('a websocket is bound by a token, shakes hands, and hears each event once and in order', async () => {
  const { at, deliverer } = here()
  await subscribe('w', {
    criteria: topic('resource-changed'),
    filters: ['Observation?code=ws'],
    content: 'id-only',
    channel: { type: 'websocket', endpoint: undefined },
  })
  await observe('w1', 'ws')
  const answer = JSON.parse((await at.fhir('GET', 'Subscription/w/$get-ws-binding-token')).text) as {
    parameter: { name: string; valueString: string }[]
  }
  const token = answer.parameter.find(({ name }) => name === 'token')?.valueString ?? ''
  const said: string[] = []
  const socket: Socket = {
    send: (text) => said.push(text),
    close: (reason) => said.push(`closed: ${reason}`),
    waiting: 0,
  }
  const listen = (listener: () => void) => deliverer.listen(listener)
  const session = new SocketSession({ store: at.store, log, settings: settings(), listen }, socket, undefined)
  session.heard(`bind-with-token ${token}`)
  await until(() => (said.flatMap(eventNumbers).length === 1 ? true : undefined))
  await observe('w2', 'ws')
  await until(() => (said.flatMap(eventNumbers).length === 2 ? true : undefined))
  assert.deepEqual(said.flatMap(eventNumbers), [1, 2])
  assert.equal(statusOf(said[0] ?? '').get('type')?.valueCode, 'handshake')
  session.heard('bind-with-token forged.token')
  await until(() => said.find((each) => each.startsWith('closed: The binding token is not valid')))
  session.closed()
  await end('w')
})

test('nothing of a subscription that was deleted remains', async () => {
  await until(() => true)
  for (;;) {
    const rows = await here().at.store.database.read(
      sql`select id from subscription where id in ('a', 'w') union all select subscription from subscription_event where subscription in ('a', 'w')`,
    )
    if (rows.length === 0) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
})
