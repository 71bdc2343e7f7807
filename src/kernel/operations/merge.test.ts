import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Parameters, Person, Task } from 'fhir/r4.js'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { undoDecision } from '../record/reviews.ts'

let store: TestStore
before(async () => {
  store = await testStore()
})
after(() => store.close())

const put = async (resource: { readonly resourceType: string; readonly id: string }) => {
  const answer = await store.fhir('PUT', `${resource.resourceType}/${resource.id}`, JSON.stringify(resource))
  ok(answer.status < 300, answer.text)
}
const two = async (name: string): Promise<void> => {
  const system = 'http://example.org/local'
  await put({
    resourceType: 'Patient',
    id: `${name}-a`,
    name: [{ family: 'Old', given: ['Ada'] }],
    birthDate: '1950-01-02',
    identifier: [{ system, value: `${name}-a` }],
  } as never)
  await put({
    resourceType: 'Patient',
    id: `${name}-b`,
    name: [{ family: 'New', given: ['Ida'] }],
    birthDate: '1951-01-02',
    identifier: [{ system, value: `${name}-b` }],
  } as never)
  await put({
    resourceType: 'Condition',
    id: `${name}-c`,
    code: { text: 'x' },
    subject: { reference: `Patient/${name}-a` },
  } as never)
}
const merge = (...parameter: readonly object[]) =>
  store.fhir('POST', 'Patient/$merge', JSON.stringify({ resourceType: 'Parameters', parameter }))
const sides = (name: string) => [
  { name: 'source-patient', valueReference: { reference: `Patient/${name}-a` } },
  { name: 'target-patient', valueReference: { reference: `Patient/${name}-b` } },
]

test('A merge makes one person of two, leaves both sources as sent, and can be taken back', async () => {
  await two('m')
  const before = await store.fhir('GET', 'Patient/m-a')
  const from = await store.personOf('Patient', 'm-a')
  const answer = await merge(...sides('m'))
  equal(answer.status, 200, answer.text)
  const { parameter = [] } = JSON.parse(answer.text) as Parameters
  deepEqual(
    parameter.map(({ name }) => name),
    ['input', 'outcome', 'result', 'task'],
  )
  const to = await store.personOf('Patient', 'm-b')
  deepEqual([await store.personOf('Patient', 'm-a'), await store.personOf('Condition', 'm-c')], [to, to])
  equal((await store.fhir('GET', 'Patient/m-a')).text, before.text)
  const task = parameter.at(-1)?.resource as Task
  const officer = store.contextOf({
    kind: 'staff',
    id: 'io',
    name: 'Io',
    role: 'index-officer',
    organisation: 'ICB',
    organisationName: 'ICB',
    practitioner: 'Practitioner/io',
  })
  await undoDecision(officer, task.id ?? '')
  deepEqual([await store.personOf('Patient', 'm-a'), await store.personOf('Condition', 'm-c')], [from, from])
})

test('A preview tells what would move and what speaks against it, and changes nothing', async () => {
  await two('p')
  const from = await store.personOf('Patient', 'p-a')
  const answer = await merge(...sides('p'), { name: 'preview', valueBoolean: true })
  ok(answer.text.includes('2 resources would move'), answer.text)
  ok(answer.text.includes('different birth dates'))
  equal(await store.personOf('Patient', 'p-a'), from)
})

test('Source and target may be named by identifier', async () => {
  await two('i')
  const system = 'http://example.org/local'
  const answer = await merge(
    { name: 'source-patient-identifier', valueIdentifier: { system, value: 'i-a' } },
    { name: 'target-patient-identifier', valueIdentifier: { system, value: 'i-b' } },
  )
  equal(answer.status, 200, answer.text)
  const golden = await store.fhir('GET', 'Person?link=Patient/i-a')
  const [entry] = (JSON.parse(golden.text) as { entry: { resource: Person }[] }).entry
  deepEqual(entry?.resource.link?.map(({ target }) => target.reference?.split('/')[0]).toSorted(), [
    'Patient',
    'Patient',
    'Person',
  ])
})

const refusedCases: readonly (readonly [
  what: string,
  status: number,
  parameters: (name: string) => readonly object[],
])[] = [
  ['without a source', 400, (name) => sides(name).slice(1)],
  [
    'with a source that is not there',
    422,
    (name) => [{ name: 'source-patient', valueReference: { reference: 'Patient/nobody' } }, ...sides(name).slice(1)],
  ],
  [
    'that would edit a source',
    422,
    (name) => [...sides(name), { name: 'result-patient', resource: { resourceType: 'Patient', id: 'x' } }],
  ],
  [
    'of a Patient with itself',
    422,
    (name) => [{ name: 'source-patient', valueReference: { reference: `Patient/${name}-b` } }, ...sides(name).slice(1)],
  ],
]
for (const [what, status, parameters] of refusedCases)
  test(`A merge ${what} is refused`, async () => {
    await two('r')
    equal((await merge(...parameters('r'))).status, status)
  })

test('Of two merges at once one is done and the other told so', async () => {
  await two('w')
  const answers = await Promise.all([merge(...sides('w')), merge(...sides('w'))])
  const statuses = answers.map(({ status }) => status)
  equal(statuses.filter((status) => status === 200).length, 1)
  ok(
    statuses.some((status) => status === 409 || status === 422),
    statuses.join(),
  )
})
