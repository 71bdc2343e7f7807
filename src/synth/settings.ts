import { at, civil, type Day, dayNumber, type Moment } from './london.ts'

/** Which synthetic care system: the same settings, the same bytes. */
export interface SynthSettings {
  readonly people: number
  readonly months: number
  readonly seed: number
  /** First day of the window. */
  readonly from: Day
  /** The day people's ages are counted to, and the first that has not happened when the system is made. */
  readonly today: Day
  /** The last moment that has happened. The clock moves it on; all else stays. */
  readonly until: Moment
}

export function settingsFor(people: number, months: number, seed: number, today: Day): SynthSettings {
  const { year, month, day } = civil(today)
  const monthsBefore = year * 12 + month - 1 - months
  const from = dayNumber(Math.floor(monthsBefore / 12), (monthsBefore % 12) + 1, Math.min(day, 28))
  return { people, months, seed, from, today, until: at(today, 0) - 1 }
}
