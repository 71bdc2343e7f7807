import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatNhsNumber, isTestNumber, normaliseNhsNumber } from './nhs-number.ts'

for (const [text, digits] of [
  ['9434765919', '9434765919'],
  ['943 476 5919', '9434765919'],
  ['943-476-5919', '9434765919'],
  [' 943\u00a0476\u00a05919 ', '9434765919'],
  ['9000000009', '9000000009'],
  ['9000000025', '9000000025'],
  ['9000000033', '9000000033'],
  ['9111231130', '9111231130'],
  ['4010232137', '4010232137'],
  ['9990000018', '9990000018'],
  ['9990000026', '9990000026'],
  ['9990000034', '9990000034'],
  ['9434765918', undefined],
  ['9000000000', undefined],
  ['1234567890', undefined],
  ['4857773456', undefined],
  ['9876544321', undefined],
  ['0000000000', undefined],
  ['1111111111', undefined],
  ['943476591', undefined],
  ['94347659190', undefined],
  ['943476591X', undefined],
  ['', undefined],
] as const)
  test(`NHS number "${text}" is ${digits === undefined ? 'refused' : 'read'}`, () =>
    assert.equal(normaliseNhsNumber(text), digits))

for (const stem of ['999000000', '999000014', '999000028'])
  test(`no NHS number starts ${stem}: its check digit would be 10`, () => {
    for (let last = 0; last <= 9; last++) assert.equal(normaliseNhsNumber(`${stem}${last}`), undefined)
  })

test('a valid number with one digit changed, or two neighbours swapped, is refused', () => {
  const valid = fc.integer({ min: 100_000_000, max: 999_999_999 }).map(String).map(withCheckDigit)
  const known = valid.filter((number): number is string => number !== undefined)
  fc.assert(
    fc.property(known, fc.nat(9), fc.integer({ min: 1, max: 9 }), (number, place, change) => {
      const digit = String((Number(number[place]) + change) % 10)
      assert.equal(normaliseNhsNumber(number.slice(0, place) + digit + number.slice(place + 1)), undefined)
      const swapped = number.slice(0, place) + (number[place + 1] ?? '') + number[place] + number.slice(place + 2)
      if (place < 9 && swapped !== number) assert.equal(normaliseNhsNumber(swapped), undefined)
    }),
  )
})

test('a number is shown 3-3-4 and the test range is known', () => {
  assert.equal(formatNhsNumber('9990000018'), '999 000 0018')
  assert.equal(isTestNumber('9990000018'), true)
  assert.equal(isTestNumber('9434765919'), false)
})

const withCheckDigit = (stem: string): string | undefined =>
  ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'].map((last) => normaliseNhsNumber(stem + last)).find(Boolean)
