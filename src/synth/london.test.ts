import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { londonZone } from '../base/clock.ts'
import { at, dateOfDay, dayNumber, dayOf, dayOfDate, isoDay, isoMoment, minuteOf, weekday } from './london.ts'
import { isWorkingDay, workingDaysAfter } from './working-days.ts'

const days = fc.integer({ min: dayNumber(1920, 1, 1), max: dayNumber(2060, 12, 31) })

test('days are those of Temporal', () => {
  fc.assert(
    fc.property(days, (day) => {
      const date = dateOfDay(day)
      assert.equal(isoDay(day), date.toString())
      assert.equal(dayOfDate(date), day)
      assert.equal(dayNumber(date.year, date.month, date.day), day)
      assert.equal(weekday(day), date.dayOfWeek - 1)
    }),
  )
})

test('times are those of London, clock changes and all', () => {
  const from2000 = fc.integer({ min: dayNumber(2000, 1, 1), max: dayNumber(2060, 12, 31) })
  fc.assert(
    fc.property(from2000, fc.integer({ min: 0, max: 1439 }), (day, minute) => {
      const plainTime = Temporal.PlainTime.from({ hour: Math.floor(minute / 60), minute: minute % 60 })
      const zoned = dateOfDay(day).toZonedDateTime({ timeZone: londonZone, plainTime })
      const moment = at(day, minute)
      assert.equal(moment * 60_000, zoned.epochMilliseconds)
      assert.equal(isoMoment(moment), zoned.toString({ timeZoneName: 'never', smallestUnit: 'second' }))
      assert.equal(dayOf(moment), day)
      assert.equal(minuteOf(moment), zoned.hour * 60 + zoned.minute)
    }),
    {
      examples: [
        [dayNumber(2024, 3, 31), 90],
        [dayNumber(2024, 10, 27), 90],
        [dayNumber(2026, 10, 25), 60],
      ],
    },
  )
})

test('the four hours of a clock-change night are counted as they pass', () => {
  // Arrived at 23:30 on 26 October 2024 and left at 03:00: four and a half hours (urgent-care-performance.md).
  assert.equal(at(dayNumber(2024, 10, 27), 180) - at(dayNumber(2024, 10, 26), 1410), 270)
})

// GOV.UK, bank holidays of England and Wales.
const holidays = ['2025-04-18', '2025-04-21', '2025-05-05', '2025-05-26', '2025-08-25', '2025-12-25', '2025-12-26']
const more = [
  '2026-01-01',
  '2026-04-03',
  '2026-04-06',
  '2026-05-04',
  '2026-05-25',
  '2026-08-31',
  '2026-12-25',
  '2026-12-28',
]
test('nobody works at weekends and on bank holidays', () => {
  const off = new Set([...holidays, ...more])
  for (let day = dayNumber(2025, 4, 1); day <= dayNumber(2026, 12, 31); day++)
    assert.equal(isWorkingDay(day), weekday(day) < 5 && !off.has(isoDay(day)), isoDay(day))
})

test('the second working day after Maundy Thursday is the Wednesday after Easter', () => {
  assert.equal(isoDay(workingDaysAfter(dayNumber(2026, 4, 2), 2)), '2026-04-08')
})
