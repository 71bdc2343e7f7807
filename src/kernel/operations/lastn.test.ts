import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bundle, FhirResource } from 'fhir/r4.js'
import { transactionOf } from '../../../test/support/made-up-record.ts'
import { type TestStore, testStore } from '../../../test/support/store.ts'

const loinc = 'http://loinc.org'
const observation = (
  id: string,
  day: string,
  codes: readonly string[],
  status: 'final' | 'entered-in-error' = 'final',
): FhirResource => ({
  resourceType: 'Observation',
  id,
  status,
  category: [{ coding: [{ code: 'laboratory' }] }],
  code: codes.length === 0 ? { text: 'Note' } : { coding: codes.map((code) => ({ system: loinc, code })) },
  subject: { reference: 'Patient/p' },
  effectiveDateTime: day,
})

let store: TestStore
before(async () => {
  store = await testStore()
  const resources: FhirResource[] = [
    { resourceType: 'Patient', id: 'p' },
    observation('a1', '2026-01-01', ['a']),
    observation('a2', '2026-02-01', ['a', 'a-too']),
    observation('a3', '2026-03-01', ['a-too']),
    observation('a4', '2026-04-01', ['a'], 'entered-in-error'),
    observation('b1', '2026-01-01', ['b']),
    observation('n1', '2025-01-01', []),
  ]
  equal((await store.fhir('POST', '', transactionOf(resources))).status, 200)
})
after(() => store.close())

const ids = async (query: string): Promise<readonly (string | undefined)[]> => {
  const answer = await store.fhir('GET', `Observation/$lastn?${query}`)
  equal(answer.status, 200, answer.text)
  return ((JSON.parse(answer.text) as Bundle).entry ?? []).map(({ resource }) => resource?.id)
}

const cases: readonly (readonly [query: string, ids: readonly string[]])[] = [
  ['patient=p', ['a3', 'b1', 'n1']],
  ['patient=Patient/p&max=2', ['a3', 'a2', 'b1', 'n1']],
  ['subject=Patient/p&code=http://loinc.org|b', ['b1']],
  ['patient=p&category=laboratory&max=3&code=a', ['a2', 'a1']],
  ['patient=p&status=entered-in-error', ['a4']],
  ['patient=nobody', []],
]
for (const [query, found] of cases)
  test(`The newest of each kind for ${query}: ${found.join(', ') || 'nothing'}`, async () =>
    deepEqual(await ids(query), found))

test('The same is asked by POST with Parameters', async () => {
  const parameter = [
    { name: 'subject', valueString: 'Patient/p' },
    { name: 'max', valuePositiveInt: 1 },
  ]
  const answer = await store.fhir(
    'POST',
    'Observation/$lastn',
    JSON.stringify({ resourceType: 'Parameters', parameter }),
  )
  equal((JSON.parse(answer.text) as Bundle).total, 3)
})

for (const query of ['code=a', 'patient=p&max=0', 'patient=p&_sort=date', 'patient=p&wrong=1'])
  test(`$lastn refuses ${query}`, async () =>
    equal((await store.fhir('GET', `Observation/$lastn?${query}`)).status, 400))
