import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventNumbers, statusOf } from '../../../test/support/receiver.ts'
import {
  access,
  becomes,
  bundles,
  end,
  here,
  log,
  observe,
  settings,
  subscribe,
  toldOf,
  topic,
  until,
} from '../../../test/support/subscriptions.ts'
import { sql } from '../../base/sql.ts'
import { type Socket, SocketSession } from './sockets.ts'

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
