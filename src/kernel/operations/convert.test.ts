import { equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../test/support/store.ts'

let store: TestStore
before(async () => {
  store = await testStore()
})
after(() => store.close())

test('What is converted is what was sent', async () => {
  const text = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}'
  equal((await store.fhir('POST', '$convert', text)).text, text)
  const wrapped = `{"resourceType":"Parameters","parameter":[{"name":"input","resource":${text}}]}`
  equal((await store.fhir('POST', '$convert', wrapped)).text, text)
})

for (const [what, body] of [
  ['nothing', ''],
  ['what is no resource', '{"resourceType":"Nonsense"}'],
  ['a malformed resource', '{"resourceType":"Patient","active":"yes"}'],
] as const)
  test(`Converting ${what} is refused`, async () => equal((await store.fhir('POST', '$convert', body)).status, 400))
