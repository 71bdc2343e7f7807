import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bundle, Composition } from 'fhir/r4.js'
import { emptyPerson, fullPerson, organisations, transactionOf } from '../../../../test/support/made-up-record.ts'
import { type TestStore, testStore } from '../../../../test/support/store.ts'
import { checkStructure } from '../../fhir/structure.ts'

let store: TestStore
before(async () => {
  store = await testStore()
  equal((await store.fhir('POST', '', transactionOf([...organisations, ...fullPerson, ...emptyPerson]))).status, 200)
})
after(() => store.close())

const summary = async (url: string) => {
  const answer = await store.fhir('GET', url)
  equal(answer.status, 200, answer.text)
  const bundle = JSON.parse(answer.text) as Bundle
  const composition = bundle.entry?.[0]?.resource as Composition
  const section = (code: string) => composition.section?.find((each) => each.code?.coding?.[0]?.code === code)
  return { bundle, composition, section }
}

test('A summary is a well-formed document that begins with its composition and holds all it refers to', async () => {
  const { bundle, composition } = await summary('Patient/full-VL001/$summary')
  equal(bundle.type, 'document')
  deepEqual(
    checkStructure(bundle).issues.filter((issue) => issue.severity === 'error'),
    [],
  )
  equal(composition.subject?.reference, 'Patient/full-VL001')
  equal(bundle.entry?.[1]?.resource?.id, 'full-VL001')
  const held = new Set(
    bundle.entry?.flatMap(({ fullUrl = '' }) => [fullUrl, fullUrl.replace('http://localhost/fhir/R4/', '')]),
  )
  const named = composition.section?.flatMap(({ entry = [] }) => entry.map(({ reference = '' }) => reference)) ?? []
  deepEqual(
    named.filter((name) => !held.has(name)),
    [],
  )
  equal(held.size >= named.length, true)
})

test('What one source alone knows is in the summary of every Patient of the person', async () => {
  const { section } = await summary('Patient/full-RXX01/$summary')
  deepEqual(section('48765-2')?.entry, [{ reference: 'AllergyIntolerance/penicillin' }])
  deepEqual(section('11450-4')?.entry, [{ reference: 'Condition/pressure-problem' }])
})

test('Of each kind of result the newest is there', async () => {
  const { section } = await summary('Patient/full-RXX01/$summary')
  deepEqual(section('30954-2')?.entry, [{ reference: 'Observation/potassium-2026-11-20' }])
})

test('Nothing known is told apart from none known', async () => {
  const nothing = await summary('Patient/empty-RXX01/$summary')
  const reference = nothing.section('48765-2')?.entry?.[0]?.reference
  const entry = nothing.bundle.entry?.find(({ fullUrl }) => fullUrl === reference)
  ok(JSON.stringify(entry).includes('no-allergy-info'))
  ok(nothing.section('48765-2')?.text?.div.includes('no information'))
  deepEqual(
    ['11450-4', '10160-0', '11369-6'].map((code) => nothing.section(code) !== undefined),
    [true, true, false],
  )
  const none = {
    resourceType: 'AllergyIntolerance',
    id: 'none',
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    },
    patient: { reference: 'Patient/empty-RXX01' },
    code: { coding: [{ system: 'http://snomed.info/sct', code: '716186003', display: 'No known allergy' }] },
  }
  await store.fhir('PUT', 'AllergyIntolerance/none', JSON.stringify(none))
  const known = await summary('Patient/empty-RXX01/$summary')
  deepEqual(known.section('48765-2')?.entry, [{ reference: 'AllergyIntolerance/none' }])
  ok(known.section('48765-2')?.text?.div.includes('No known allergy'))
})

test('What a source wrote stays words in the narrative', async () => {
  const { composition } = await summary('Patient/full-RXX01/$summary')
  for (const { text } of composition.section ?? [])
    ok(!/<(?!\/?(div|ul|li|p)\b)/.test(text?.div ?? ''), text?.div ?? '')
})

test('The same record makes the same summary', async () => {
  const [one, two] = [await summary('Patient/full-A81001/$summary'), await summary('Patient/full-A81001/$summary')]
  equal(one.bundle.identifier?.value, two.bundle.identifier?.value)
  deepEqual(
    one.bundle.entry?.map(({ fullUrl }) => fullUrl),
    two.bundle.entry?.map(({ fullUrl }) => fullUrl),
  )
})

for (const [url, status] of [
  ['Patient/$summary?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018', 200],
  ['Patient/$summary?identifier=nobody', 404],
  ['Patient/$summary', 400],
  ['Patient/nobody/$summary', 404],
  ['Patient/full-A81001/$summary?profile=http://example.org/other', 400],
] as const)
  test(`${url} is ${status}`, async () => equal((await store.fhir('GET', url)).status, status))
