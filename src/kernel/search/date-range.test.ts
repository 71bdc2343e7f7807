import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { instantText, rangeOfDate, rangesOf } from './date-range.ts'

const shown = (value: unknown): readonly string[] =>
  rangesOf(value).map(({ low, high }) => `${instantText(low)} ${instantText(high)}`)

for (const [what, value, expected] of [
  ['a winter day', '2026-01-05', ['2026-01-05T00:00:00.000Z 2026-01-05T23:59:59.999Z']],
  ['a summer day', '2026-07-05', ['2026-07-04T23:00:00.000Z 2026-07-05T22:59:59.999Z']],
  ['the day of 23 hours', '2026-03-29', ['2026-03-29T00:00:00.000Z 2026-03-29T22:59:59.999Z']],
  ['the day of 25 hours', '2026-10-25', ['2026-10-24T23:00:00.000Z 2026-10-25T23:59:59.999Z']],
  ['a month', '2026-03', ['2026-03-01T00:00:00.000Z 2026-03-31T22:59:59.999Z']],
  ['December', '2026-12', ['2026-12-01T00:00:00.000Z 2026-12-31T23:59:59.999Z']],
  ['a year', '2026', ['2026-01-01T00:00:00.000Z 2026-12-31T23:59:59.999Z']],
  ['a year of summer time all year', '1970', ['1969-12-31T23:00:00.000Z 1970-12-31T22:59:59.999Z']],
  ['double summer time', '1943-07-01', ['1943-06-30T22:00:00.000Z 1943-07-01T21:59:59.999Z']],
  ['a second with a zone', '2026-07-05T10:00:00+01:00', ['2026-07-05T09:00:00.000Z 2026-07-05T09:00:00.999Z']],
  ['a fraction', '2026-07-05T10:00:00.25Z', ['2026-07-05T10:00:00.250Z 2026-07-05T10:00:00.250Z']],
  ['beyond milliseconds', '2026-07-05T10:00:00.123456Z', ['2026-07-05T10:00:00.123Z 2026-07-05T10:00:00.123Z']],
  ['a time without a zone', '2026-07-05T10:00:00', ['2026-07-05T09:00:00.000Z 2026-07-05T09:00:00.999Z']],
  ['a time without seconds', '2026-07-05T10:00', ['2026-07-05T09:00:00.000Z 2026-07-05T09:00:59.999Z']],
  ['a leap second', '2016-12-31T23:59:60Z', ['2017-01-01T00:00:00.000Z 2017-01-01T00:00:00.999Z']],
  ['a period', { start: '2026-01-01', end: '2026-01-02' }, ['2026-01-01T00:00:00.000Z 2026-01-02T23:59:59.999Z']],
  ['a period without end', { start: '2026-01-01' }, ['2026-01-01T00:00:00.000Z infinity']],
  ['a period without start', { end: '2026-01-01' }, ['-infinity 2026-01-01T23:59:59.999Z']],
  [
    'a timing',
    { event: ['2026-01-01', '2026-01-03'], repeat: { boundsPeriod: { start: '2026-01-01' } } },
    [
      '2026-01-01T00:00:00.000Z 2026-01-01T23:59:59.999Z',
      '2026-01-03T00:00:00.000Z 2026-01-03T23:59:59.999Z',
      '2026-01-01T00:00:00.000Z infinity',
    ],
  ],
  ['no date', 'yesterday', []],
  ['half a date', '2026-0', []],
  ['nothing', undefined, []],
] as const)
  test(`the range of ${what}`, () => assert.deepEqual(shown(value), expected))

const day = fc
  .date({ min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const recentDay = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

test('a day is the same range as Temporal makes it', () => {
  fc.assert(
    fc.property(fc.oneof(day, recentDay), (text) => {
      const date = Temporal.PlainDate.from(text)
      const low = date.toZonedDateTime('Europe/London').epochMilliseconds
      const high = date.add({ days: 1 }).toZonedDateTime('Europe/London').epochMilliseconds - 1
      assert.deepEqual(rangeOfDate(text), { low, high })
    }),
    { numRuns: 1000 },
  )
})

test('a month and a year are the same ranges as Temporal makes them', () => {
  fc.assert(
    fc.property(recentDay, (text) => {
      const first = Temporal.PlainDate.from(text).with({ day: 1 })
      const begins = (date: Temporal.PlainDate): number => date.toZonedDateTime('Europe/London').epochMilliseconds
      assert.deepEqual(rangeOfDate(text.slice(0, 7)), {
        low: begins(first),
        high: begins(first.add({ months: 1 })) - 1,
      })
      const year = first.with({ month: 1 })
      assert.deepEqual(rangeOfDate(text.slice(0, 4)), { low: begins(year), high: begins(year.add({ years: 1 })) - 1 })
    }),
  )
})

test('a time with a zone begins at the instant Temporal says, without one when London clocks showed it', () => {
  const hours = fc.integer({ min: 0, max: 86_399 }).map((second) => new Date(second * 1000).toISOString().slice(11, 19))
  const zone = fc.constantFrom('Z', '+01:00', '-05:30', '+14:00')
  fc.assert(
    fc.property(recentDay, hours, zone, (date, time, offset) => {
      assert.equal(
        rangeOfDate(`${date}T${time}${offset}`)?.low,
        Temporal.Instant.from(`${date}T${time}${offset}`).epochMilliseconds,
      )
      const local = Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime('Europe/London')
      assert.equal(rangeOfDate(`${date}T${time}`)?.low, local.epochMilliseconds)
    }),
    { numRuns: 300 },
  )
})
