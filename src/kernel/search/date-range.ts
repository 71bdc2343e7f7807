import { londonZone } from '../../base/clock.ts'
import { isObject } from '../../base/json.ts'

/** Time covered by a FHIR date, in milliseconds since 1970. Both ends belong to it; an open end is an infinity. */
export interface TimeRange {
  readonly low: number
  readonly high: number
}

const dayMs = 86_400_000
const open: TimeRange = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }

/** The range of a date, dateTime or instant: a day without a zone is a day in London. Undefined for any other text. */
export function rangeOfDate(text: string): TimeRange | undefined {
  const year = digits(text, 0, 4)
  if (Number.isNaN(year)) return undefined
  if (text.length === 4) return { low: londonMidnight(year, 1, 1), high: londonMidnight(year + 1, 1, 1) - 1 }
  const month = digits(text, 5, 7)
  if (text.length === 7) return { low: londonMidnight(year, month, 1), high: londonMidnight(year, month + 1, 1) - 1 }
  const day = digits(text, 8, 10)
  if (text.length === 10)
    return { low: londonMidnight(year, month, day), high: londonMidnight(year, month, day + 1) - 1 }
  return rangeOfTime(text)
}

/** The ranges of a value of a date parameter: date, dateTime, instant, Period or Timing. */
export function rangesOf(value: unknown): readonly TimeRange[] {
  if (typeof value === 'string') return some(rangeOfDate(value))
  if (!isObject(value)) return []
  if ('start' in value || 'end' in value) return some(rangeOfPeriod(value))
  const { event, repeat } = value
  const events = Array.isArray(event)
    ? event.flatMap((each) => (typeof each === 'string' ? some(rangeOfDate(each)) : []))
    : []
  const bounds = isObject(repeat) && isObject(repeat['boundsPeriod']) ? some(rangeOfPeriod(repeat['boundsPeriod'])) : []
  return [...events, ...bounds]
}

/** An end of a range as the store takes it: an RFC 3339 instant, `-infinity` or `infinity`. */
export const instantText = (ms: number): string => {
  if (ms === Number.NEGATIVE_INFINITY) return '-infinity'
  return ms === Number.POSITIVE_INFINITY ? 'infinity' : new Date(ms).toISOString()
}

const some = (range: TimeRange | undefined): readonly TimeRange[] => (range === undefined ? [] : [range])

function rangeOfPeriod(period: Readonly<Record<string, unknown>>): TimeRange | undefined {
  const start = typeof period['start'] === 'string' ? rangeOfDate(period['start']) : open
  const end = typeof period['end'] === 'string' ? rangeOfDate(period['end']) : open
  return start === undefined || end === undefined ? undefined : { low: start.low, high: end.high }
}

/** A number from a text's places `from` up to `to`; NaN when one of them is not a digit. */
function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** Seconds of a dateTime cover their whole second (R4 search, date); fractions are kept to the millisecond. */
function rangeOfTime(text: string): TimeRange | undefined {
  const parts = /^(.{10})T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?$/.exec(text)
  if (parts === null) return undefined
  const [, day = '', hour, minute, second, fraction, zone] = parts
  const local =
    utcDay(digits(day, 0, 4), digits(day, 5, 7), digits(day, 8, 10)) +
    Number(hour) * 3_600_000 +
    Number(minute) * 60_000 +
    Number(second ?? 0) * 1000
  const low =
    (zone === undefined ? fromLondon(local) : local - zoneMs(zone)) +
    Number((fraction ?? '').padEnd(3, '0').slice(0, 3))
  const width = second === undefined ? 59_999 : fraction === undefined ? 999 : 0
  return Number.isNaN(low) ? undefined : { low, high: low + width }
}

const zoneMs = (zone: string): number =>
  zone === 'Z' ? 0 : (zone[0] === '-' ? -1 : 1) * (digits(zone, 1, 3) * 60 + digits(zone, 4, 6)) * 60_000

/** Midnight UTC of a day; `Date.UTC` alone would take the years 0 to 99 for 1900 to 1999. */
function utcDay(year: number, month: number, day: number): number {
  return Date.UTC(year + 400, month - 1, day) - 146_097 * dayMs
}

/** First year in which summer time has today's rule (The Summer Time Order 1997 and its forerunners, from 1996). */
const currentRuleFrom = 1996
const midnights = new Map<number, number>()
const midnightsKept = 50_000

/** The instant at which a day begins in London. Months and days may lie one past their end. */
function londonMidnight(year: number, month: number, day: number): number {
  const utc = utcDay(year, month, day)
  if (year >= currentRuleFrom) return isSummerDay(utc, year) ? utc - 3_600_000 : utc
  const known = midnights.get(utc)
  if (known !== undefined) return known
  const made = fromLondon(utc)
  if (midnights.size >= midnightsKept) midnights.clear()
  midnights.set(utc, made)
  return made
}

/** Whether a day begins in summer time: after the last Sunday of March, up to the last Sunday of October. */
const isSummerDay = (utc: number, year: number): boolean => utc > lastSunday(year, 3) && utc <= lastSunday(year, 10)

/** Midnight UTC of the last Sunday of a month with 31 days. */
function lastSunday(year: number, month: number): number {
  const last = Date.UTC(year, month - 1, 31)
  return last - new Date(last).getUTCDay() * dayMs
}

/** The instant at which London's clocks show a time given as if it were UTC. */
function fromLondon(local: number): number {
  if (Number.isNaN(local)) return Number.NaN
  const shown = Temporal.Instant.fromEpochMilliseconds(local).toZonedDateTimeISO('UTC').toPlainDateTime()
  return shown.toZonedDateTime(londonZone).epochMilliseconds
}
