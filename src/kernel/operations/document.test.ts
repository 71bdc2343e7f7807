import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bundle, FhirResource } from 'fhir/r4.js'
import { transactionOf } from '../../../test/support/made-up-record.ts'
import { type TestStore, testStore } from '../../../test/support/store.ts'

const subject = { reference: 'Patient/p' }
const composition = (id: string, entry: readonly string[]): FhirResource => ({
  resourceType: 'Composition',
  id,
  status: 'final',
  type: { text: 'Letter' },
  subject,
  date: '2026-11-01',
  author: [{ reference: 'Practitioner/dr' }],
  title: 'Letter',
  section: [{ title: 'All', entry: entry.map((reference) => ({ reference })) }],
})

let store: TestStore
before(async () => {
  store = await testStore()
  const resources: FhirResource[] = [
    { resourceType: 'Organization', id: 'org', name: 'Org' },
    { resourceType: 'Practitioner', id: 'dr', name: [{ family: 'Lee' }] },
    { resourceType: 'Patient', id: 'p', managingOrganization: { reference: 'Organization/org' } },
    { resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'AMB' }, subject },
    {
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: 'x' },
      subject,
      encounter: { reference: 'Encounter/e' },
    },
    composition('whole', ['Observation/o']),
    { resourceType: 'Patient', id: 'other' },
    {
      resourceType: 'Observation',
      id: 'of-another',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/other' },
    },
    composition('gap', ['Observation/o', 'Observation/of-another']),
  ]
  for (const resource of resources) await store.fhir('POST', '', transactionOf([resource]))
})
after(() => store.close())

test('A document holds its Composition first and all that it leads to, once', async () => {
  const answer = await store.fhir('GET', 'Composition/whole/$document')
  equal(answer.status, 200, answer.text)
  const bundle = JSON.parse(answer.text) as Bundle
  const names = bundle.entry?.map(({ resource }) => `${resource?.resourceType}/${resource?.id}`) ?? []
  deepEqual([bundle.type, names[0]], ['document', 'Composition/whole'])
  deepEqual(names.slice(1).toSorted(), [
    'Encounter/e',
    'Observation/o',
    'Organization/org',
    'Patient/p',
    'Practitioner/dr',
  ])
})

test('A graph says what belongs to the document', async () => {
  const graph = (more: object) =>
    JSON.stringify({
      resourceType: 'GraphDefinition',
      id: 'g',
      url: 'http://example.org/graph',
      name: 'Letter',
      status: 'active',
      start: 'Composition',
      link: [
        {
          path: 'subject',
          min: 1,
          target: [{ type: 'Patient', link: [{ target: [{ type: 'Encounter', params: 'patient={ref}' }] }] }],
          ...more,
        },
      ],
    })
  await store.fhir('PUT', 'GraphDefinition/g', graph({}))
  const answer = await store.fhir('GET', 'Composition/whole/$document?graph=http://example.org/graph')
  equal(answer.status, 200, answer.text)
  const names = (JSON.parse(answer.text) as Bundle).entry?.map(
    ({ resource }) => `${resource?.resourceType}/${resource?.id}`,
  )
  deepEqual(names, ['Composition/whole', 'Patient/p', 'Encounter/e'])
  await store.fhir('PUT', 'GraphDefinition/g', graph({ min: 2 }))
  equal((await store.fhir('GET', 'Composition/whole/$document?graph=GraphDefinition/g')).status, 422)
  equal((await store.fhir('GET', 'Composition/whole/$document?graph=http://example.org/none')).status, 422)
})

test('A stored document lies in the record of its person', async () => {
  const stored = await store.fhir('POST', 'Composition/$document?id=Composition/whole&persist=true')
  equal(stored.status, 201, stored.text)
  const { id = '' } = JSON.parse(stored.text) as Bundle
  equal(await store.personOf('Bundle', id), await store.personOf('Patient', 'p'))
  equal((await store.fhir('GET', `Bundle/${id}`)).status, 200)
})

for (const [method, url, status] of [
  ['GET', 'Composition/gap/$document', 422],
  ['GET', 'Composition/nowhere/$document', 404],
  ['GET', 'Composition/whole/$document?persist=true', 405],
  ['GET', 'Composition/$document', 400],
] as const)
  test(`${method} ${url} is ${status}`, async () => equal((await store.fhir(method, url)).status, status))
