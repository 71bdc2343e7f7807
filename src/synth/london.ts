/**
 * Days and moments as whole numbers, because millions of them are made: a day counts from 1970-01-01, a moment is
 * minutes of UTC since then. A test holds them against `Temporal` with the Europe/London zone.
 */
export type Day = number
export type Moment = number

const minutesADay = 1440
const epochDay = Temporal.PlainDate.from('1970-01-01')

export const dayOfDate = (date: Temporal.PlainDate): Day => epochDay.until(date, { largestUnit: 'days' }).days
export const dateOfDay = (day: Day): Temporal.PlainDate => epochDay.add({ days: day })

interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** Year, month and day of a day number (days-from-civil of the proleptic Gregorian calendar, turned round). */
export function civil(day: Day): Civil {
  const shifted = day + 719468
  const era = Math.floor(shifted / 146097)
  const ofEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36524) - Math.floor(ofEra / 146096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return { year, month, day: ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 }
}

export function dayNumber(year: number, month: number, day: number): Day {
  const shiftedYear = month <= 2 ? year - 1 : year
  const era = Math.floor(shiftedYear / 400)
  const yearOfEra = shiftedYear - era * 400
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const ofEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + ofYear
  return era * 146097 + ofEra - 719468
}

/** 0 is Monday. */
export const weekday = (day: Day): number => (((day + 3) % 7) + 7) % 7

const two = (value: number): string => (value < 10 ? `0${value}` : String(value))

export function isoDay(day: Day): string {
  const { year, month, day: ofMonth } = civil(day)
  return `${year}-${two(month)}-${two(ofMonth)}`
}

const lastSunday = (year: number, month: number): Day => {
  const last = dayNumber(year, month, 31)
  return last - ((weekday(last) + 1) % 7)
}

const summers = new Map<number, readonly [from: Moment, to: Moment]>()

/** Summer time of a year: from and to 01:00 UTC of the last Sundays of March and October (Summer Time Order 2002). */
function summer(year: number): readonly [Moment, Moment] {
  const known = summers.get(year)
  if (known !== undefined) return known
  const made = [lastSunday(year, 3) * minutesADay + 60, lastSunday(year, 10) * minutesADay + 60] as const
  summers.set(year, made)
  return made
}

/** Minutes that London's clocks are ahead of UTC. */
function offset(moment: Moment): 0 | 60 {
  const [from, to] = summer(civil(Math.floor(moment / minutesADay)).year)
  return moment >= from && moment < to ? 60 : 0
}

/** The moment when London's clocks show so many minutes after midnight; what does not exist in March is an hour later. */
export function at(day: Day, minute: number): Moment {
  const asUtc = day * minutesADay + minute
  const summerTime = asUtc - 60
  return offset(summerTime) === 60 ? summerTime : asUtc
}

export const dayOf = (moment: Moment): Day => Math.floor((moment + offset(moment)) / minutesADay)
export const minuteOf = (moment: Moment): number => {
  const local = moment + offset(moment)
  return local - Math.floor(local / minutesADay) * minutesADay
}

/** RFC 3339 with London's offset. */
export function isoMoment(moment: Moment): string {
  const minute = minuteOf(moment)
  return `${isoDay(dayOf(moment))}T${two(Math.floor(minute / 60))}:${two(minute % 60)}:00${offset(moment) === 60 ? '+01:00' : '+00:00'}`
}
