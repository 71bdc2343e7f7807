import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calendarDate, choice, decodeForm, numberBetween, optionalText, requiredText } from './form.ts'

const fields = {
  why: requiredText('Say why'),
  more: optionalText(5),
  decision: choice(['same', 'different'], 'Choose one'),
  weight: numberBetween(1, 400, 'weight', '70.5'),
  born: calendarDate('Enter a date, for example 27 3 1951'),
}
const good = { why: ' x ', decision: 'same', weight: '70.50', 'born-day': '7', 'born-month': '3', 'born-year': '1951' }

test('a form is decoded once, with the digits of a number as typed', () => {
  const result = decodeForm(fields, new URLSearchParams(good))
  assert.deepEqual(result, {
    ok: true,
    values: { why: 'x', more: '', decision: 'same', weight: { digits: '70.50', value: 70.5 }, born: '1951-03-07' },
  })
})

for (const [change, field, message] of [
  [{ why: '' }, 'why', 'Say why'],
  [{ more: '123456' }, 'more', 'Use 5 characters or fewer'],
  [{ decision: 'other' }, 'decision', 'Choose one'],
  [{ weight: '' }, 'weight', 'Enter the weight, for example 70.5'],
  [{ weight: '1e3' }, 'weight', 'Enter the weight as a number, for example 70.5'],
  [{ weight: '900' }, 'weight', 'Check the weight: it must be from 1 to 400'],
  [{ 'born-day': '31', 'born-month': '2' }, 'born', 'Enter a date, for example 27 3 1951'],
] as const)
  test(`${JSON.stringify(change)} comes back with "${message}"`, () => {
    const result = decodeForm(fields, new URLSearchParams({ ...good, ...change }))
    assert.deepEqual(result, { ok: false, errors: [{ field, message }] })
  })

test('all errors come back together, in the order of the fields', () => {
  const result = decodeForm(fields, new URLSearchParams())
  assert.deepEqual(result.ok ? [] : result.errors.map(({ field }) => field), ['why', 'decision', 'weight', 'born'])
})
