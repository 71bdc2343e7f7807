import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, type TestStore, testStore } from '../../../test/support/store.ts'
import { strictReferences } from '../store/integrity.ts'

let store: TestStore
before(async () => {
  store = await testStore(undefined, strictReferences)
})
after(() => store.close())

interface Entry {
  readonly method: string
  readonly url: string
  readonly resource?: object
  readonly fullUrl?: string
  readonly [condition: string]: unknown
}
interface Returned {
  readonly resource: {
    readonly id: string
    readonly gender: string
    readonly birthDate: string
    readonly subject: { readonly reference: string }
    readonly entry: readonly unknown[]
  }
  readonly response: { readonly status: string }
}
const send = async (
  type: string,
  ...entries: readonly Entry[]
): Promise<{ answer: Answer; entry: readonly Returned[] }> => {
  const entry = entries.map(({ resource, fullUrl, ...request }) => ({ resource, fullUrl, request }))
  const answer = await store.fhir('POST', '', JSON.stringify({ resourceType: 'Bundle', type, entry }))
  return { answer, entry: JSON.parse(answer.text).entry ?? [] }
}
const system = 'https://example.org/ids'
const patient = (value: string, more: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system, value }],
  ...more,
})
const about = (reference: string) => ({
  resourceType: 'Condition',
  subject: { reference },
  code: { text: 'Asthma' },
})
const status = (entry: Returned): string => String(entry.response.status).slice(0, 3)

test('deletes come first, so that a condition does not find what the transaction deletes', async () => {
  await send('transaction', { method: 'PUT', url: 'Patient/old', resource: { ...patient('order'), id: 'old' } })
  const { entry } = await send(
    'transaction',
    { method: 'POST', url: 'Patient', resource: patient('order'), ifNoneExist: `identifier=${system}|order` },
    { method: 'DELETE', url: `Patient?identifier=${system}|order` },
  )
  assert.deepEqual(entry.map(status), ['201', '204'])
  assert.equal((await store.fhir('GET', 'Patient/old')).status, 410)
})

test('what looks comes last and sees what was written', async () => {
  const { entry } = await send(
    'transaction',
    { method: 'GET', url: `Patient?identifier=${system}|looked` },
    { method: 'POST', url: 'Patient', resource: patient('looked') },
    { method: 'HEAD', url: 'metadata' },
  )
  assert.deepEqual(entry.map(status), ['200', '201', '200'])
  assert.equal(entry[0]!.resource.entry.length, 1)
  assert.equal(entry[2]!.resource, undefined)
})

test('a conditional reference may mean what the same transaction stores', async () => {
  const { answer, entry } = await send(
    'transaction',
    { method: 'POST', url: 'Condition', resource: about(`Patient?identifier=${system}|later`) },
    { method: 'POST', url: 'Patient', resource: patient('later'), ifNoneExist: `identifier=${system}|later` },
  )
  assert.equal(answer.status, 200, answer.text)
  assert.equal(entry[0]!.resource.subject.reference, `Patient/${entry[1]!.resource.id}`)
  const none = await send('transaction', {
    method: 'POST',
    url: 'Condition',
    resource: about(`Patient?identifier=${system}|nobody`),
  })
  assert.equal(none.answer.status, 412)
  assert.equal(JSON.parse(none.answer.text).issue[0].expression[0], 'Bundle.entry[0]')
})

test('what is refused in a transaction is told with its place in the Bundle, and nothing of it is stored', async () => {
  const made = { method: 'PUT', url: 'Patient/placed', resource: { ...patient('placed'), id: 'placed' } }
  const lost = { method: 'POST', url: 'Condition', resource: about('Patient/nobody') }
  const { answer } = await send('transaction', made, lost)
  assert.equal(answer.status, 422)
  assert.equal(JSON.parse(answer.text).issue[0].expression[0], 'Bundle.entry[1].resource.subject.reference')
  assert.equal((await store.fhir('GET', 'Patient/placed')).status, 404)
})

test('two entries with one condition make one resource', async () => {
  const make = { method: 'POST', url: 'Patient', resource: patient('twice'), ifNoneExist: `identifier=${system}|twice` }
  const { entry } = await send('transaction', make, make)
  assert.deepEqual(entry.map(status), ['201', '200'])
  assert.equal(entry[0]!.resource.id, entry[1]!.resource.id)
})

const inBinary = (operations: readonly object[]) => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(JSON.stringify(operations)).toString('base64'),
})
const birthDate = (valueDate: string) => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'add' },
        { name: 'path', valueString: 'Patient' },
        { name: 'name', valueString: 'birthDate' },
        { name: 'value', valueDate },
      ],
    },
  ],
})

for (const type of ['transaction', 'batch'])
  test(`a ${type} patches by JSON Patch in a Binary and by FHIRPath Patch, by id and by condition`, async () => {
    const [a, b] = [`${type}-a`, `${type}-b`]
    for (const id of [a, b]) await store.fhir('PUT', `Patient/${id}`, JSON.stringify({ ...patient(id), id }))
    const male = inBinary([{ op: 'add', path: '/gender', value: 'male' }])
    const { entry } = await send(
      type,
      { method: 'PATCH', url: `Patient/${a}`, resource: male },
      { method: 'PATCH', url: `Patient?identifier=${system}|${b}`, resource: birthDate('1980-02-03') },
    )
    assert.deepEqual(entry.map(status), ['200', '200'])
    assert.equal(entry[0]!.resource.gender, 'male')
    assert.equal(entry[1]!.resource.birthDate, '1980-02-03')
  })

test('a patch by itself keeps to If-Match, and 20 at once all count', async () => {
  await store.fhir('PUT', 'Patient/patched', JSON.stringify({ ...patient('patched'), id: 'patched' }))
  const add = (line: string): string => JSON.stringify([{ op: 'add', path: '/name/-', value: { text: line } }])
  const contentType = 'application/json-patch+json'
  const first = JSON.stringify([{ op: 'add', path: '/name', value: [{ text: 'first' }] }])
  const ifMatch = { contentType, ifMatch: 'W/"1"' }
  assert.equal((await store.fhir('PATCH', 'Patient/patched', first, ifMatch)).status, 200)
  assert.equal((await store.fhir('PATCH', 'Patient/patched', first, ifMatch)).status, 412)
  const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`)
  const answers = await Promise.all(
    lines.map((line) => store.fhir('PATCH', 'Patient/patched', add(line), { contentType })),
  )
  assert.deepEqual(new Set(answers.map((each) => each.status)), new Set([200]))
  const now = JSON.parse((await store.fhir('GET', 'Patient/patched')).text)
  assert.equal(now.name.length, 21)
  assert.equal(now.meta.versionId, '22')
})

for (const [what, body, contentType, expected] of [
  ['that is no JSON', '{', 'application/json-patch+json', 400],
  ['of an unknown kind', '{}', 'application/fhir+json', 415],
  ['whose test fails', '[{"op":"test","path":"/gender","value":"x"}]', 'application/json-patch+json', 422],
  ['that changes the id', '[{"op":"replace","path":"/id","value":"x"}]', 'application/json-patch+json', 422],
  ['that leaves no valid resource', '[{"op":"add","path":"/nonsense","value":1}]', 'application/json-patch+json', 400],
] as const)
  test(`a patch ${what} gets ${expected} and changes nothing`, async () => {
    const before = (await store.fhir('GET', 'Patient/patched')).text
    assert.equal((await store.fhir('PATCH', 'Patient/patched', body, { contentType })).status, expected)
    assert.equal((await store.fhir('GET', 'Patient/patched')).text, before)
  })

test('a conditional delete deletes all that match, keeps their history, and needs a condition', async () => {
  for (const id of ['d1', 'd2'])
    await store.fhir('PUT', `Patient/${id}`, JSON.stringify({ ...patient(`del-${id}`, { gender: 'other' }), id }))
  assert.equal((await store.fhir('DELETE', 'Patient')).status, 400)
  assert.equal((await store.fhir('DELETE', 'Patient?gender=other')).status, 204)
  assert.equal((await store.fhir('DELETE', 'Patient?gender=other')).status, 204)
  for (const id of ['d1', 'd2']) {
    assert.equal((await store.fhir('GET', `Patient/${id}`)).status, 410)
    assert.equal((await store.fhir('GET', `Patient/${id}/_history/1`)).status, 200)
  }
})

const races: readonly (readonly [string, number, (n: number) => Promise<Answer>])[] = [
  [
    '20 updates',
    20,
    (n) =>
      store.fhir(
        'PUT',
        'Patient/raced',
        JSON.stringify({ ...patient('raced'), id: 'raced', name: [{ text: `name ${n}` }] }),
      ),
  ],
  [
    '20 conditional creates',
    20,
    () =>
      store.fhir('POST', 'Patient', JSON.stringify(patient('raced2')), { ifNoneExist: `identifier=${system}|raced2` }),
  ],
  [
    '8 transactions with a conditional update each',
    8,
    async () =>
      (
        await send('transaction', {
          method: 'PUT',
          url: `Patient?identifier=${system}|raced3`,
          resource: patient('raced3'),
        })
      ).answer,
  ],
]
for (const [what, count, run] of races)
  test(`${what} at once all succeed and make one resource`, async () => {
    const answers = await Promise.all(Array.from({ length: count }, (_, n) => run(n)))
    assert.deepEqual([...new Set(answers.map((each) => Math.trunc(each.status / 100)))], [2])
    const value = what.startsWith('20 u') ? 'raced' : what.startsWith('20 c') ? 'raced2' : 'raced3'
    const found = JSON.parse((await store.fhir('GET', `Patient?identifier=${system}|${value}`)).text)
    assert.equal(found.entry.length, 1)
  })
