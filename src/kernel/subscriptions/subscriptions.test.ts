import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventNumbers } from '../../../test/support/receiver.ts'
import {
  becomes,
  bundles,
  end,
  here,
  observe,
  restartMatcher,
  subscribe,
  toldOf,
  topic,
  until,
} from '../../../test/support/subscriptions.ts'

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
