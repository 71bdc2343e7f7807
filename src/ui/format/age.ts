import { londonZone } from '../../base/clock.ts'
import { count, momentOf, plainDate } from './dates.ts'

/**
 * Age to the precision that decides: minutes under 2 hours, hours under 2 days, days under 4 weeks, weeks and days under
 * 1 year, months and days under 2, years and months under 18, then years. Empty when the birth date is not a full date.
 */
export function ageText(birthDate: string, at: Temporal.Instant, birthTime?: string): string {
  const born = plainDate(birthDate)
  if (born === undefined) return yearsKnown(birthDate, at)
  const today = at.toZonedDateTimeISO(londonZone).toPlainDate()
  if (Temporal.PlainDate.compare(born, today) > 0) return ''
  return ageOfNewborn(birthTime, at) ?? ageOnDay(born, today)
}

function ageOfNewborn(birthTime: string | undefined, at: Temporal.Instant): string | undefined {
  const born = birthTime === undefined ? undefined : momentOf(birthTime)
  if (born === undefined) return undefined
  const minutes = Math.floor(born.toInstant().until(at).total('minutes'))
  if (minutes < 0 || minutes >= 48 * 60) return undefined
  return minutes < 120 ? count(minutes, 'minute') : count(Math.floor(minutes / 60), 'hour')
}

function ageOnDay(born: Temporal.PlainDate, today: Temporal.PlainDate): string {
  const days = born.until(today, { largestUnit: 'days' }).days
  if (days < 28) return count(days, 'day')
  const age = born.until(today, { largestUnit: 'years' })
  if (age.years < 1) return two(count(Math.floor(days / 7), 'week'), days % 7, 'day')
  if (age.years < 2) return two(count(12 + age.months, 'month'), age.days, 'day')
  if (age.years < 18) return two(count(age.years, 'year'), age.months, 'month')
  return count(age.years, 'year')
}

const two = (first: string, second: number, unit: string): string =>
  second === 0 ? first : `${first} ${count(second, unit)}`

/** With only a year or month of birth the age is known to about a year. */
function yearsKnown(birthDate: string, at: Temporal.Instant): string {
  if (!/^\d{4}(-\d{2})?$/.test(birthDate)) return ''
  const years = at.toZonedDateTimeISO(londonZone).year - Number(birthDate.slice(0, 4))
  return years < 0 ? '' : `about ${count(years, 'year')}`
}

/** Age at a past day in whole years, for a death: "75". */
export function yearsAt(birthDate: string, day: string): number | undefined {
  const born = plainDate(birthDate)
  const end = plainDate(day)
  return born === undefined || end === undefined ? undefined : born.until(end, { largestUnit: 'years' }).years
}
