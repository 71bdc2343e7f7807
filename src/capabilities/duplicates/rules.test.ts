import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Patient } from 'fhir/r4.js'
import type { Review, ReviewSide } from '../../kernel/record/review.ts'
import { compareRows, keptNumber } from './rules.ts'

const system = 'https://fhir.nhs.uk/Id/nhs-number'
const base: Patient = {
  resourceType: 'Patient',
  birthDate: '1951-03-14',
  gender: 'female',
  name: [{ family: 'O’Reilly', given: ['Siobhan'] }],
  identifier: [{ system, value: '9990000026' }],
  address: [{ line: ['1 High Street'], postalCode: 'AB1 2CD' }],
  telecom: [{ system: 'phone', value: '07700 900123' }],
}
const side = (patient: Partial<Patient>, more: Partial<ReviewSide> = {}): ReviewSide => ({
  source: { code: 'A', name: 'Park Surgery', setting: 'general-practice' },
  patient: { ...base, ...patient },
  receivedTime: '2026-11-20T10:00:00Z',
  entryCount: 1,
  allergies: [],
  ...more,
})
const review = (patient: Partial<Patient>, more: Partial<ReviewSide> = {}): Review => ({
  id: '1',
  kind: 'possible-match',
  openedTime: '2026-11-20T10:00:00Z',
  twinWarning: false,
  left: side({}),
  right: side(patient, more),
})
const wordsFor = (field: string, other: Review): string =>
  compareRows(other).find((row) => row.field === field)?.match.words ?? ''

for (const [field, patient, words] of [
  ['Family name', {}, 'Same'],
  ['Family name', { name: [{ family: 'OReilly', given: ['Siobhan'] }] }, 'Similar: punctuation'],
  ['Family name', { name: [{ family: 'O’REILLY', given: ['Siobhan'] }] }, 'Similar: capital letters'],
  ['Family name', { name: [{ family: 'Smith', given: ['Siobhan'] }] }, 'Different'],
  ['Given name', { name: [{ family: 'O’Reilly', given: ['Siobhán'] }] }, 'Similar: accents'],
  ['Given name', { name: [{ family: 'O’Reilly', given: ['Siobh'] }] }, 'Similar: same start'],
  ['NHS number', { identifier: [] }, 'Missing in B'],
  ['Date of birth', { birthDate: '1951-03-15' }, 'Different'],
  ['Phone', { telecom: [{ system: 'phone', value: '07700900123' }] }, 'Similar: spacing'],
  ['Postcode', { address: [{ line: ['1 High Street'], postalCode: 'AB12CD' }] }, 'Similar: punctuation'],
] as const)
  test(`${field} ${JSON.stringify(patient)}: ${words}`, () => {
    assert.equal(wordsFor(field, review(structuredClone(patient) as Partial<Patient>)), words)
  })

test('allergies that differ are said to differ', () => {
  assert.equal(wordsFor('Allergies', review({}, { allergies: ['Penicillin'] })), 'Allergies differ')
})

test('the number that is kept is said', () => {
  assert.equal(keptNumber(review({ identifier: [] })), '999 000 0026')
})
