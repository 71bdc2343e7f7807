import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bundle } from 'fhir/r4.js'
import { fullPerson, organisations, transactionOf } from '../../../../test/support/made-up-record.ts'
import { type TestStore, testStore } from '../../../../test/support/store.ts'
import { problemAnswer } from '../../rest/exchange.ts'
import { interact } from '../../rest/interact.ts'

let store: TestStore
before(async () => {
  store = await testStore()
  const practitioner = { resourceType: 'Practitioner' as const, id: 'seen', name: [{ family: 'Patel' }] }
  const role = {
    resourceType: 'PractitionerRole' as const,
    id: 'role',
    practitioner: { reference: 'Practitioner/seen' },
  }
  const visit = {
    resourceType: 'Encounter' as const,
    id: 'visit',
    status: 'finished' as const,
    class: { code: 'AMB' },
    subject: { reference: 'Patient/full-RXX01' },
    participant: [{ individual: { reference: 'PractitionerRole/role' } }],
  }
  const seen = {
    resourceType: 'Observation' as const,
    id: 'seen-there',
    status: 'final' as const,
    code: { text: 'Seen' },
    subject: { reference: 'Patient/full-RXX01' },
    encounter: { reference: 'Encounter/visit' },
  }
  const sent = await store.fhir(
    'POST',
    '',
    transactionOf([...organisations, practitioner, role, ...fullPerson, visit, seen]),
  )
  equal(sent.status, 200, sent.text)
})
after(() => store.close())

const bundle = async (url: string): Promise<Bundle> => {
  const answer = await store.fhir('GET', url)
  equal(answer.status, 200, answer.text)
  return JSON.parse(answer.text) as Bundle
}
const namesIn = ({ entry = [] }: Bundle): string[] =>
  entry.map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)

const goldenId = async (): Promise<string> =>
  namesIn(await bundle('Person?link=Patient/full-A81001'))[0]?.slice('Person/'.length) ?? ''

test('Everything of a Patient is what is about that Patient and no other source’s', async () => {
  const names = namesIn(await bundle('Patient/full-RXX01/$everything'))
  equal(names[0], 'Patient/full-RXX01')
  deepEqual(names.slice(1).toSorted(), [
    'Encounter/visit',
    'Observation/seen-there',
    'Organization/RXX01',
    'Practitioner/seen',
    'PractitionerRole/role',
  ])
})

test('Everything of a Person joins all their Patients, each resource once', async () => {
  const id = await goldenId()
  const names = namesIn(await bundle(`Person/${id}/$everything`))
  equal(names[0], `Person/${id}`)
  for (const name of [
    'Patient/full-A81001',
    'Patient/full-VL001',
    'Encounter/visit',
    'AllergyIntolerance/penicillin',
    'Organization/VL001',
  ])
    ok(names.includes(name), name)
  equal(new Set(names).size, names.length)
})

test('Everything of an Encounter is what came about in it, its patient and who was there', async () => {
  deepEqual(namesIn(await bundle('Encounter/visit/$everything')).toSorted(), [
    'Encounter/visit',
    'Observation/seen-there',
    'Patient/full-RXX01',
    'Practitioner/seen',
    'PractitionerRole/role',
  ])
})

test('Pages hold each resource exactly once, and what is referred to comes at the end', async () => {
  const id = await goldenId()
  const whole = namesIn(await bundle(`Person/${id}/$everything`))
  const paged: string[] = []
  let url: string | undefined = `Person/${id}/$everything?_count=3`
  while (url !== undefined) {
    const page: Bundle = await bundle(url)
    paged.push(...namesIn(page))
    url = page.link?.find((link) => link.relation === 'next')?.url.slice('http://localhost/fhir/R4/'.length)
  }
  deepEqual(paged.toSorted(), whole.toSorted())
})

const filters: readonly (readonly [filter: string, holds: string, lacks: string])[] = [
  ['_type=Observation,Condition', 'Observation/pressure', 'Patient/full-A81001'],
  ['start=2026-11-02&end=2026-11-30', 'Encounter/stay', 'Observation/potassium-2026-07-14'],
  ['end=2026-10-31', 'Observation/potassium-2026-07-14', 'Encounter/stay'],
  ['start=2026-11-02', 'Condition/pressure-problem', 'MedicationRequest/amlodipine'],
  ['start=2026-11-02', 'AllergyIntolerance/penicillin', 'Immunization/flu'],
]
for (const [filter, holds, lacks] of filters)
  test(`Everything with ${filter} has ${holds} and not ${lacks}`, async () => {
    const names = namesIn(await bundle(`Patient/full-A81001/$everything?${filter}`))
    ok(names.includes(holds), names.join())
    ok(!names.includes(lacks))
  })

test('Everything since a time holds what changed after it', async () => {
  const future = namesIn(await bundle('Patient/full-A81001/$everything?_since=2100-01-01T00:00:00Z'))
  deepEqual(future, [])
})

test('Every id that was returned is audited under its person', async () => {
  const [row] = (await store.audit('Encounter/visit')).filter((each) => each.action === 'read')
  equal(row?.person, await store.personOf('Patient', 'full-RXX01'))
})

const wrong: readonly (readonly [url: string, status: number])[] = [
  ['Patient/nobody/$everything', 404],
  ['Patient/full-A81001/$everything?_type=Nonsense', 400],
  ['Patient/full-A81001/$everything?begin=2020', 400],
  ['Patient/full-A81001/$everything?_count=0', 400],
  ['Patient/full-A81001/$everything?_cursor=forged', 400],
  ['Observation/pressure/$everything', 404],
]
for (const [url, status] of wrong)
  test(`${url} is ${status}`, async () => equal((await store.fhir('GET', url)).status, status))

test('Who may not see the person gets what a stranger gets', async () => {
  const stranger = store.contextOf({ kind: 'person', id: 'x', name: 'X', person: 'someone-else' })
  const request = { base: '', query: '', body: '' }
  const asked = async (path: string) => (await interact(stranger, 'GET', path, request).catch(problemAnswer)).status
  deepEqual(
    await Promise.all(['Patient/full-A81001/$everything', `Person/${await goldenId()}/$everything`].map(asked)),
    [404, 404],
  )
})
