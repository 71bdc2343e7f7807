import { londonZone } from '../../base/clock.ts'

/** Where a date is shown: prose and `/app` spell the month, tables and banners shorten it. */
export type MonthStyle = 'long' | 'short'

const longMonths = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

const monthName = (month: number, style: MonthStyle): string => {
  const name = longMonths[month - 1] ?? ''
  return style === 'long' ? name : name.slice(0, 3)
}

/** A FHIR date or dateTime as far as it is known: "3 April 2026", "April 2026", "2026"; the text itself if it is none. */
export function dateText(value: string, style: MonthStyle = 'long'): string {
  const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(dayIn(value))
  if (parts === null) return value
  const [, year = '', month, day] = parts
  if (month === undefined) return year
  const name = monthName(Number(month), style)
  return day === undefined ? `${name} ${year}` : `${Number(day)} ${name} ${year}`
}

/** The day in England of a FHIR date or instant, `YYYY-MM-DD` or as much of it as is known. */
export function dayIn(value: string): string {
  const moment = momentOf(value)
  return moment === undefined ? value.slice(0, 10) : moment.toPlainDate().toString()
}

/** "2:30pm" for people, "14:30" for staff tables; empty when only a day is known. */
export function timeText(value: string, clock: '12' | '24' = '24'): string {
  const moment = momentOf(value)
  if (moment === undefined || isStartOfDay(moment)) return ''
  const minutes = String(moment.minute).padStart(2, '0')
  if (clock === '24') return `${String(moment.hour).padStart(2, '0')}:${minutes}`
  const hour = moment.hour % 12 === 0 ? 12 : moment.hour % 12
  return `${hour}:${minutes}${moment.hour < 12 ? 'am' : 'pm'}`
}

/** Day and time together: "3 April 2026, 2:30pm" or "3 Apr 2026, 14:30". */
export function momentText(value: string, style: MonthStyle = 'long', clock: '12' | '24' = '24'): string {
  const time = timeText(value, clock)
  return time === '' ? dateText(value, style) : `${dateText(value, style)}, ${time}`
}

/** Whole days in England from one moment to another. */
export function daysBetween(from: string, to: string): number {
  const first = plainDate(dayIn(from))
  const last = plainDate(dayIn(to))
  return first === undefined || last === undefined ? 0 : first.until(last, { largestUnit: 'days' }).days
}

/** "1 day", "17 days". */
export const count = (number: number, one: string, many: string = `${one}s`): string =>
  `${groups(number)} ${number === 1 ? one : many}`

/** "1,204". */
export const groups = (number: number): string => String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',')

/** A complete calendar date, or nothing. */
export function plainDate(value: string): Temporal.PlainDate | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined
  try {
    return Temporal.PlainDate.from(value, { overflow: 'reject' })
  } catch {
    return undefined
  }
}

/** The moment in England, or nothing when the value has no time and zone. */
export function momentOf(value: string): Temporal.ZonedDateTime | undefined {
  if (!/T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(value)) return undefined
  try {
    return Temporal.Instant.from(value).toZonedDateTimeISO(londonZone)
  } catch {
    return undefined
  }
}

const isStartOfDay = (moment: Temporal.ZonedDateTime): boolean =>
  moment.hour === 0 && moment.minute === 0 && moment.second === 0
