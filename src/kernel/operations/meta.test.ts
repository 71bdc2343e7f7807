import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Meta, Parameters, Patient } from 'fhir/r4.js'
import { type TestStore, testStore } from '../../../test/support/store.ts'

let store: TestStore
before(async () => {
  store = await testStore()
})
after(() => store.close())

const tag = { system: 'http://example.org/tags', code: 'a' }
const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }
const stored =
  '{"resourceType":"Basic","id":"x","code":{"text":"1.50 stays"},"meta":{"tag":[{"system":"http://example.org/tags","code":"a"}]}}'

const call = async (path: string, meta?: Meta): Promise<Meta> => {
  const body =
    meta === undefined
      ? ''
      : JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: meta }] })
  const answer = await store.fhir(meta === undefined ? 'GET' : 'POST', path, body)
  equal(answer.status, 200, answer.text)
  const { parameter } = JSON.parse(answer.text) as Parameters
  equal(parameter?.[0]?.name, 'return')
  return parameter?.[0]?.valueMeta ?? {}
}

test('Labels are added once and taken away by system and code; each change is a version and touches nothing else', async () => {
  await store.fhir('PUT', 'Basic/x', stored)
  deepEqual((await call('Basic/x/$meta')).tag, [tag])
  const more = await call('Basic/x/$meta-add', { tag: [tag], security: [label], profile: ['http://example.org/p'] })
  deepEqual([more.versionId, more.tag, more.security, more.profile], ['2', [tag], [label], ['http://example.org/p']])
  const same = await call('Basic/x/$meta-add', { tag: [{ ...tag, display: 'A' }] })
  equal(same.versionId, '2')
  const less = await call('Basic/x/$meta-delete', { tag: [tag, { system: 'http://example.org/tags', code: 'b' }] })
  deepEqual([less.versionId, less.tag, less.security], ['3', undefined, [label]])
  const { code } = JSON.parse((await store.fhir('GET', 'Basic/x')).text) as { code: unknown }
  deepEqual(code, { text: '1.50 stays' })
})

test('Two who add at the same time both succeed', async () => {
  await store.fhir('PUT', 'Patient/both', JSON.stringify({ resourceType: 'Patient', id: 'both' }))
  const codes = ['1', '2', '3', '4']
  await Promise.all(codes.map((code) => call('Patient/both/$meta-add', { tag: [{ ...tag, code }] })))
  const { meta } = JSON.parse((await store.fhir('GET', 'Patient/both')).text) as Patient
  deepEqual(meta?.tag?.map((each) => each.code).toSorted(), codes)
})

test('Of a type and of all, what is in use comes without versions', async () => {
  await store.fhir(
    'PUT',
    'Basic/y',
    JSON.stringify({ resourceType: 'Basic', id: 'y', code: { text: 'y' }, meta: { tag: [tag] } }),
  )
  await store.fhir(
    'PUT',
    'Organization/z',
    JSON.stringify({ resourceType: 'Organization', name: 'z', id: 'z', meta: { profile: ['http://example.org/z'] } }),
  )
  deepEqual(await call('Organization/$meta'), { profile: ['http://example.org/z'] })
  const all = await call('$meta')
  deepEqual([all.versionId, all.lastUpdated, all.tag?.some((each) => each.code === 'a')], [undefined, undefined, true])
})

for (const [path, status] of [
  ['Basic/nobody/$meta', 404],
  ['Basic/x/$meta?x=1', 400],
] as const)
  test(`${path} is ${status}`, async () => equal((await store.fhir('GET', path)).status, status))

test('A change of labels needs the labels', async () =>
  equal((await store.fhir('POST', 'Basic/x/$meta-add')).status, 400))
