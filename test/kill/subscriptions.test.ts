import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newHome } from '../support/embedded.ts'
import { startReceiver } from '../support/receiver.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

// Kills the server at random moments while events flow: `LINCHPIN_LONG=1` for forty rounds.

const long = process.env['LINCHPIN_LONG'] === '1'
const rounds = long ? 40 : 4

async function tokenOf(origin: string): Promise<string> {
  const answer = await fetch(`${origin}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&client_id=demo&client_secret=demo',
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  return access_token
}

const subscription = (endpoint: string) => ({
  resourceType: 'Subscription',
  id: 'killed',
  status: 'requested',
  reason: 'test',
  criteria: 'https://linchpin.example/fhir/SubscriptionTopic/resource-changed',
  _criteria: {
    extension: [
      {
        url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria',
        valueString: 'Basic?code=told',
      },
    ],
  },
  channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json' },
})

test(`a subscriber is told of every event in order through ${rounds} kills of the server`, {
  timeout: rounds * 60_000,
}, async (t) => {
  const home = newHome()
  const receiver = await startReceiver()
  const held: { server?: ServerProcess } = {}
  t.after(async () => {
    await held.server?.stop()
    await receiver.close()
  })
  const start = async (): Promise<ServerProcess> => {
    held.server = await startServer(home, { LINCHPIN_OUTBOUND: receiver.host })
    return held.server
  }
  const put = async (server: ServerProcess, token: string, resource: { resourceType: string; id: string }) => {
    const answer = await fetch(`${server.origin}/fhir/R4/${resource.resourceType}/${resource.id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    })
    return answer.status
  }
  const acknowledged: string[] = []
  let server = await start()
  let token = await tokenOf(server.origin)
  assert.ok((await put(server, token, subscription(receiver.url))) < 300)
  for (let round = 0; round < rounds; round += 1) {
    let alive = true
    const writing = Promise.all(
      [0, 1, 2].map(async (writer) => {
        for (let n = 0; alive; n += 1) {
          // Few resources, many versions: that is where order could be lost.
          const id = `b-${writer}-${n % 5}`
          const resource = { resourceType: 'Basic', id, code: { coding: [{ code: 'told' }], text: `${round} ${n}` } }
          const status = await put(server, token, resource).catch(() => 0)
          if (status >= 200 && status < 300) acknowledged.push(id)
        }
      }),
    )
    await sleep(200 + Math.random() * 1500)
    await server.kill()
    alive = false
    await writing
    server = await start()
    token = await tokenOf(server.origin)
  }
  const events = async (): Promise<number> => {
    const answer = await fetch(`${server.origin}/fhir/R4/Subscription/killed/$status`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return Number(/"events-since-subscription-start","valueString":"(\d+)"/.exec(await answer.text())?.[1] ?? -1)
  }
  while ((await events()) < acknowledged.length || !receiver.numbers().includes(await events())) await sleep(100)
  const seen = receiver.numbers()
  const firsts = seen.filter((number, index) => seen.indexOf(number) === index)
  assert.deepEqual(
    firsts,
    Array.from({ length: Math.max(...seen) }, (_, index) => index + 1),
  )
  assert.ok(firsts.length >= acknowledged.length, 'everything acknowledged was told')
  t.diagnostic(`${acknowledged.length} acknowledged, ${firsts.length} told, ${seen.length - firsts.length} told again`)
})
