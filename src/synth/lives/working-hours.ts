import type { Dice } from '../dice.ts'
import { at, type Day, type Moment } from '../london.ts'
import { workingDayFrom } from '../working-days.ts'

/** A time when a surgery or clinic sees people, on this day or the next that is worked. */
export function clinicTime(dice: Dice, day: Day, step = 10): Moment {
  const morning = dice.chance(0.6)
  const from = morning ? 8 * 60 + 30 : 14 * 60
  const steps = Math.floor((morning ? 210 : 225) / step)
  return at(workingDayFrom(day), from + dice.below(steps) * step)
}

/** A time of an emergency: any day, most between late morning and midnight. */
export function anyTime(dice: Dice, day: Day): Moment {
  const hour = dice.weighted(hoursOfEmergencies)
  return at(day, hour * 60 + dice.below(60))
}

const hoursOfEmergencies = [
  3, 2.4, 2, 1.8, 1.7, 1.8, 2.2, 3, 4.2, 5.4, 6.2, 6.4, 6.2, 6, 5.8, 5.7, 5.7, 5.8, 5.9, 5.7, 5.3, 4.8, 4.2, 3.6,
].map((weight, hour) => [hour, weight] as const)

/** Days on which something happens that comes so often a year, in order, within a stretch of days. */
export function occurrences(dice: Dice, from: Day, to: Day, aYear: number): readonly Day[] {
  if (aYear <= 0) return []
  const days: Day[] = []
  for (let day = from + dice.wait(365 / aYear); day <= to; day += dice.wait(365 / aYear)) days.push(Math.floor(day))
  return days
}
