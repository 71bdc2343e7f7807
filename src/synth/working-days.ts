import { civil, type Day, dayNumber, weekday } from './london.ts'

const holidays = new Map<number, ReadonlySet<Day>>()

/** Whether offices, surgeries and clinics work: no weekend, no bank holiday of England and Wales. */
export const isWorkingDay = (day: Day): boolean => weekday(day) < 5 && !bankHolidays(civil(day).year).has(day)

/** This day, or the first working day after it. */
export function workingDayFrom(day: Day): Day {
  let found = day
  while (!isWorkingDay(found)) found += 1
  return found
}

/** So many working days later. */
export function workingDaysAfter(day: Day, count: number): Day {
  let found = day
  for (let left = count; left > 0; left--) found = workingDayFrom(found + 1)
  return found
}

/** Banking and Financial Dealings Act 1971, Schedule 1, with New Year and May Day by proclamation, and substitute days. */
function bankHolidays(year: number): ReadonlySet<Day> {
  const known = holidays.get(year)
  if (known !== undefined) return known
  const easter = easterSunday(year)
  const days = new Set<Day>([easter - 2, easter + 1, firstMonday(year, 5), lastMonday(year, 5), lastMonday(year, 8)])
  for (const fixed of [dayNumber(year, 1, 1), dayNumber(year, 12, 25), dayNumber(year, 12, 26)]) {
    let day = fixed
    while (weekday(day) >= 5 || days.has(day)) day += 1
    days.add(day)
  }
  holidays.set(year, days)
  return days
}

const firstMonday = (year: number, month: number): Day => {
  const first = dayNumber(year, month, 1)
  return first + ((7 - weekday(first)) % 7)
}

const lastMonday = (year: number, month: number): Day => {
  const last = dayNumber(year, month, 31)
  return last - weekday(last)
}

/** Anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8). */
function easterSunday(year: number): Day {
  const whole = (value: number, by: number): number => Math.floor(value / by)
  const golden = year % 19
  const century = whole(year, 100)
  const ofCentury = year % 100
  const moon = whole(century - whole(century + 8, 25) + 1, 3)
  const full = (19 * golden + century - whole(century, 4) - moon + 15) % 30
  const sunday = (32 + 2 * (century % 4) + 2 * whole(ofCentury, 4) - full - (ofCentury % 4)) % 7
  const late = whole(golden + 11 * full + 22 * sunday, 451)
  const sum = full + sunday - 7 * late + 114
  return dayNumber(year, whole(sum, 31), (sum % 31) + 1)
}
