import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeWritten } from './describe/describe.ts'
import { headline } from './describe/described.ts'
import { readWritten } from './describe/written.ts'
import { decodeForm } from './form.ts'
import { addableKinds, answersForNow, draftOf, fieldsOf, readBack } from './measurements.ts'

const now = Temporal.Instant.from('2026-11-22T14:31:00Z')
const today = answersForNow(now)

for (const [kind, typed, words, described] of [
  ['blood-pressure', { systolic: '148', diastolic: '92' }, '148/92 mmHg', 'Blood pressure 148/92 mmHg'],
  ['pulse', { value: '72' }, '72 beats/minute', 'Pulse 72 beats/minute'],
  ['temperature', { value: '37.2' }, '37.2 °C', 'Temperature 37.2 °C'],
  ['weight', { value: '70.50' }, '70.50 kg', 'Weight 70.50 kg'],
  ['oxygen', { value: '97' }, '97%', 'Oxygen saturation 97%'],
  ['breathing', { value: '16' }, '16 breaths/minute', 'Respiratory rate 16 breaths/minute'],
  ['note', { text: 'Slept badly' }, 'Slept badly', 'Slept badly'],
] as const)
  test(`${kind} ${words} is read back, drafted and described alike`, () => {
    const result = decodeForm(fieldsOf(kind, now), new URLSearchParams({ ...today, ...typed }))
    assert.ok(result.ok)
    assert.equal(readBack(kind, result.values), words)
    const json = JSON.stringify(draftOf(kind, result.values))
    const written = readWritten(json, JSON.parse(json))
    assert.equal(headline(describeWritten(written)), described)
  })

for (const [kind, typed, field] of [
  ['blood-pressure', { systolic: '14', diastolic: '92' }, 'systolic'],
  ['weight', { value: '7000' }, 'value'],
  ['note', { text: ' ' }, 'text'],
  ['pulse', { value: '72', 'when-day': '23' }, 'when'],
  ['pulse', { value: '72', 'when-time': '25:00' }, 'when'],
  ['pulse', { value: '72', 'when-time': 'noon' }, 'when'],
] as const)
  test(`${kind} ${JSON.stringify(typed)} is sent back for ${field}`, () => {
    const result = decodeForm(fieldsOf(kind, now), new URLSearchParams({ ...today, ...typed }))
    assert.deepEqual(result.ok ? [] : result.errors.map((error) => error.field), [field])
  })

test('a time before noon or after is understood', () => {
  const answers = { ...today, text: 'x', 'when-time': '2.05pm' }
  const result = decodeForm(fieldsOf('note', now), new URLSearchParams(answers))
  assert.equal(result.ok ? result.values['when'] : '', '2026-11-22T14:05:00Z')
})

test('each kind has a title', () => assert.equal(addableKinds.length, 7))
