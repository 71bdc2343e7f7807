import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ageText, yearsAt } from './age.ts'
import { count, dateText, dayIn, daysBetween, momentText, timeText } from './dates.ts'
import { givenName, plainName, possessive, staffName } from './names.ts'
import { isNhsNumber, isUnverified, nhsNumberOf, nhsNumberText } from './nhs-number.ts'

for (const [value, long, short] of [
  ['2026-04-03', '3 April 2026', '3 Apr 2026'],
  ['2026-04', 'April 2026', 'Apr 2026'],
  ['2026', '2026', '2026'],
  ['2026-06-30T23:30:00Z', '1 July 2026', '1 Jul 2026'],
  ['2026-11-22T14:31:00+00:00', '22 November 2026', '22 Nov 2026'],
  ['not a date', 'not a date', 'not a date'],
] as const)
  test(`the date ${value} is written ${long}, in tables ${short}`, () => {
    assert.equal(dateText(value), long)
    assert.equal(dateText(value, 'short'), short)
  })

for (const [value, staff, person] of [
  ['2026-11-22T14:31:00Z', '14:31', '2:31pm'],
  ['2026-07-01T11:05:00Z', '12:05', '12:05pm'],
  ['2026-11-22T00:10:00Z', '00:10', '12:10am'],
  ['2026-11-22T00:00:00Z', '', ''],
  ['2026-11-22', '', ''],
] as const)
  test(`the time of ${value} is ${staff || 'not shown'}`, () => {
    assert.equal(timeText(value), staff)
    assert.equal(timeText(value, '12'), person)
  })

test('day, moment, gap and counts', () => {
  assert.equal(dayIn('2026-06-30T23:30:00Z'), '2026-07-01')
  assert.equal(momentText('2026-11-22T14:31:00Z', 'short'), '22 Nov 2026, 14:31')
  assert.equal(momentText('2026-11-22', 'long', '12'), '22 November 2026')
  assert.equal(daysBetween('2026-11-03', '2026-11-20T10:00:00Z'), 17)
  assert.equal(count(1, 'entry', 'entries'), '1 entry')
  assert.equal(count(1204, 'entry', 'entries'), '1,204 entries')
})

const now = Temporal.Instant.from('2026-11-22T12:00:00Z')
for (const [born, time, age] of [
  ['2026-11-22', '2026-11-22T10:01:00Z', '119 minutes'],
  ['2026-11-22', '2026-11-22T10:00:00Z', '2 hours'],
  ['2026-11-20', '2026-11-20T12:01:00Z', '47 hours'],
  ['2026-11-20', undefined, '2 days'],
  ['2026-10-26', undefined, '27 days'],
  ['2026-10-25', undefined, '4 weeks'],
  ['2025-11-23', undefined, '52 weeks'],
  ['2025-11-22', undefined, '12 months'],
  ['2025-01-02', undefined, '22 months 20 days'],
  ['2024-11-22', undefined, '2 years'],
  ['2009-01-22', undefined, '17 years 10 months'],
  ['2008-11-22', undefined, '18 years'],
  ['1951-03-14', undefined, '75 years'],
  ['1951', undefined, 'about 75 years'],
  ['2027-01-01', undefined, ''],
  ['', undefined, ''],
] as const)
  test(`someone born ${time ?? born} is ${age || 'of unknown age'} on 22 November 2026`, () => {
    assert.equal(ageText(born, now, time), age)
  })

test('age at death is in whole years', () => assert.equal(yearsAt('1951-03-14', '2026-03-13'), 74))

for (const [name, staff, person] of [
  [
    { family: 'O’Reilly', given: ['Siobhan', 'Mary'], prefix: ['Dr'] },
    'O’REILLY, Siobhan Mary (Dr)',
    'Siobhan O’Reilly',
  ],
  [{ family: 'Kociński', given: ['Łukasz'] }, 'KOCIŃSKI, Łukasz', 'Łukasz Kociński'],
  [{ given: ['Sukarno'] }, 'Sukarno', 'Sukarno'],
  [{ text: 'Baby of Ann Brown' }, 'Baby of Ann Brown', 'Baby of Ann Brown'],
] as const)
  test(`staff read ${staff}, people read ${person}`, () => {
    const names = [structuredClone(name)] as Parameters<typeof staffName>[0]
    assert.equal(staffName(names), staff)
    assert.equal(plainName(names), person)
  })

test('the name in use wins over the old one', () => {
  const names = [
    { use: 'old' as const, family: 'Before' },
    { use: 'official' as const, family: 'Now', given: ['Ann'] },
  ]
  assert.equal(staffName(names), 'NOW, Ann')
  assert.equal(givenName(names), 'Ann')
  assert.equal(possessive('Ann'), 'Ann’s')
  assert.equal(staffName(undefined), 'Name not known')
})

for (const [value, valid] of [
  ['9434765919', true],
  ['943 476 5919', true],
  ['943-476-5919', true],
  ['9990000018', true],
  ['9434765918', false],
  ['0000000000', false],
  ['1111111111', false],
  ['999000001', false],
] as const)
  test(`${value} is ${valid ? '' : 'not '}an NHS number`, () => assert.equal(isNhsNumber(value), valid))

test('an NHS number is written in three groups, and the one in force is chosen', () => {
  assert.equal(nhsNumberText('9990000018'), '999 000 0018')
  assert.equal(nhsNumberText('unknown'), 'unknown')
  const system = 'https://fhir.nhs.uk/Id/nhs-number'
  assert.equal(
    nhsNumberOf([
      { system, use: 'old', value: '9990000018' },
      { system, value: '9990000026' },
    ]),
    '9990000026',
  )
  assert.equal(isUnverified([{ system, value: '9990000026' }]), true)
})
