import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bundle, Patient } from 'fhir/r4.js'
import { type TestStore, testStore } from '../../../test/support/store.ts'

const numbered = (value: string) => [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value }]
const ann: Patient = {
  resourceType: 'Patient',
  id: 'ann',
  identifier: numbered('9990000018'),
  name: [{ family: 'Hill', given: ['Ann'] }],
  birthDate: '1951-03-14',
  address: [{ postalCode: 'AB1 2CD' }],
}
const { identifier: _ann, id: _id, ...unnumbered } = ann
const twins: readonly Patient[] = ['x', 'y'].map((id) => ({
  resourceType: 'Patient',
  id: `twin-${id}`,
  name: [{ family: 'Barr', given: [id === 'x' ? 'Tom' : 'Tim'] }],
  birthDate: '2001-02-03',
  address: [{ postalCode: 'AB1 2CD' }],
}))

let store: TestStore
before(async () => {
  store = await testStore()
  for (const patient of [ann, ...twins]) await store.fhir('PUT', `Patient/${patient.id}`, JSON.stringify(patient))
})
after(() => store.close())

const match = async (resource: Partial<Patient>, more: readonly object[] = []) => {
  const parameter = [{ name: 'resource', resource: { resourceType: 'Patient', ...resource } }, ...more]
  const answer = await store.fhir('POST', 'Patient/$match', JSON.stringify({ resourceType: 'Parameters', parameter }))
  equal(answer.status, 200, answer.text)
  return ((JSON.parse(answer.text) as Bundle).entry ?? []).map(
    ({ resource: found, search }) => [found?.id, search?.extension?.[0]?.valueCode, search?.score] as const,
  )
}

const cases: readonly (readonly [what: string, asked: Partial<Patient>, found: readonly unknown[]])[] = [
  [
    'the same number, name and birth date',
    { ...unnumbered, identifier: numbered('9990000018') },
    [['ann', 'certain', 1]],
  ],
  ['equal details without a number', unnumbered, [['ann', 'certain', 0.95]]],
  ['the same number with another birth date', { ...ann, birthDate: '1960-01-02' }, [['ann', 'possible', 0.4]]],
  ['the same name and birth date alone', { name: ann.name ?? [], birthDate: '1951-03-14' }, [['ann', 'possible', 0.6]]],
  ['someone else', { name: [{ family: 'Nowhere', given: ['Zoe'] }], birthDate: '1970-05-05' }, []],
]
for (const [what, asked, found] of cases) test(`A match on ${what}`, async () => deepEqual(await match(asked), found))

test('Only certain matches leaves doubtful ones out', async () => {
  const certain = [{ name: 'onlyCertainMatches', valueBoolean: true }]
  deepEqual(await match({ name: ann.name ?? [], birthDate: '1951-03-14' }, certain), [])
  deepEqual(
    (await match(unnumbered, certain)).map(([id]) => id),
    ['ann'],
  )
})

test('A count keeps the best', async () =>
  equal(
    (
      await match({ name: [{ family: 'Barr' }], birthDate: '2001-02-03', address: [{ postalCode: 'AB1 2CD' }] }, [
        { name: 'count', valueInteger: 1 },
      ])
    ).length,
    1,
  ))

test('The record alone may be the body; what says too little is refused; what was shown is audited', async () => {
  equal((await store.fhir('POST', 'Patient/$match', JSON.stringify(unnumbered))).status, 200)
  equal(
    (await store.fhir('POST', 'Patient/$match', JSON.stringify({ resourceType: 'Patient', gender: 'male' }))).status,
    422,
  )
  equal(
    (await store.fhir('POST', 'Patient/$match', JSON.stringify({ resourceType: 'Basic', code: { text: 'x' } }))).status,
    400,
  )
  equal(
    (await store.audit('Patient/ann')).some((row) => row.action === 'search'),
    true,
  )
})
