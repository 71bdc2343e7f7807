import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AllergyIntolerance, Patient } from 'fhir/r4.js'
import type { WrittenEntry } from '../kernel/record/written-entries.ts'
import type { PersonRecord } from '../kernel/store/record.ts'
import { receivedText, statedDate } from './entries.ts'
import { allergyStateOf, identityOf } from './person-view.ts'

const source = { code: 'A81001', name: 'Park Surgery', setting: 'general-practice' } as const

const entryOf = (resource: WrittenEntry['resource'], more: Partial<WrittenEntry> = {}): WrittenEntry => ({
  type: resource.resourceType,
  id: '1',
  version: 1,
  source,
  author: '',
  assertedBy: 'professional',
  eventTime: '2026-04-03T00:00:00+01:00',
  receivedTime: '2026-04-20T10:00:00Z',
  resource,
  json: JSON.stringify(resource),
  ...more,
})

const allergy = (code: string, more: Partial<AllergyIntolerance> = {}): WrittenEntry =>
  entryOf({
    resourceType: 'AllergyIntolerance',
    patient: {},
    code: { coding: [{ system: 'http://snomed.info/sct', code, display: `Allergy to ${code}` }] },
    ...more,
  })
const refuted = { verificationStatus: { coding: [{ code: 'refuted' }] } }

for (const [entries, state] of [
  [[], { state: 'not-recorded' }],
  [[allergy('716186003')], { state: 'none-known', recorded: '3 Apr 2026' }],
  [[allergy('716186003'), allergy('penicillin')], { state: 'listed', allergies: ['Penicillin'] }],
  [[allergy('penicillin', refuted)], { state: 'not-recorded' }],
] as const)
  test(`${entries.length} entries read as ${state.state}`, () => assert.deepEqual(allergyStateOf(entries), state))

const record = (patient: Partial<Patient>): PersonRecord => ({
  person: { resourceType: 'Person', id: '1', name: [{ family: 'Hill', given: ['Ann'] }], birthDate: '1951-03-14' },
  patients: [{ source, patient: { resourceType: 'Patient', ...patient }, receivedTime: '2026-04-03T10:00:00Z' }],
  sources: [source],
  position: '1',
})
const now = Temporal.Instant.from('2026-11-22T12:00:00Z')

test('a restricted record says so', () => {
  assert.equal(identityOf(record({ meta: { security: [{ code: 'R' }] } }), now).restricted, true)
  assert.equal(identityOf(record({}), now).restricted, false)
})

test('someone who has died has an age at death, and no age now', () => {
  const { born, died } = identityOf(record({ deceasedDateTime: '2026-04-03' }), now)
  assert.equal(born, '14 Mar 1951')
  assert.equal(died, '3 Apr 2026, age at death 75 years')
})

test('a date is never more exact than the source was', () => {
  const since = (onsetDateTime: string): string =>
    statedDate(
      entryOf({ resourceType: 'Condition', subject: {}, onsetDateTime }, { eventTime: '2015-01-01T00:00:00Z' }),
    )
  assert.equal(since('2015'), '2015')
  assert.equal(since('2015-01'), '2015-01')
  assert.equal(since('2015-01-01'), '2015-01-01')
})

test('what came on another day says when, and how much later', () => {
  const resource = { resourceType: 'Observation', status: 'final', code: {} } as const
  assert.equal(receivedText(entryOf(resource)), 'Received 20 Apr 2026, 11:00, 17 days later')
  assert.equal(receivedText(entryOf(resource, { eventTime: '2026-04-20T08:00:00Z' })), undefined)
  const { eventTime: _none, ...undated } = entryOf(resource)
  assert.match(receivedText(undated) ?? '', /^Date not stated/)
})
