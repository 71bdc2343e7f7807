import { coded, inWords } from '../codes.ts'
import { organisationsOf, theOnly } from '../ics/organisations.ts'
import { at, dayOf, type Moment } from '../london.ts'
import { carePlan } from '../make/plans.ts'
import { deceased } from '../people/patient-record.ts'
import { deprivationFactor, has } from './conditions.ts'
import type { Life } from './life.ts'

/** Chance of dying within a year at an age, a woman of average means: doubles about every eight years. A setting. */
const yearlyChance = (age: number): number => (age < 1 ? 0.0035 : 0.000029 * Math.exp(0.0905 * Math.max(12, age)))

/** Decides whether the person dies in the window. Everything else comes before it. */
export function mortality(life: Life): void {
  const dice = life.dice('death')
  let year = dayOf(life.start)
  const last = dayOf(life.until)
  const { person } = life
  while (year <= last) {
    const ill =
      has(life, 'heartFailure', year) || has(life, 'dementia', year) ? 2.2 : has(life, 'copd', year) ? 1.6 : 0.9
    const resident = person.home.careHome === undefined ? 1 : 2
    const chance =
      yearlyChance(life.age(year)) *
      (person.sex === 'male' ? 1.35 : 1) *
      ill *
      resident *
      deprivationFactor(2, person.home.area.decile)
    const [dies, day, minute] = [dice.chance(Math.min(0.7, chance)), dice.below(365), dice.below(1440)]
    if (dies) {
      const death = at(year + day, minute)
      if (death <= life.until) life.death = death
      return
    }
    year += 365
  }
}

/** What is written because somebody died: each organisation that knew them learns of it, some days later. */
export function deathRecords(life: Life): void {
  const { death, person } = life
  if (death === undefined) return
  const dice = life.dice('death', 'records')
  const knew = [person.practice, theOnly('community'), ...organisationsOf('acute'), person.home.careHome]
  for (const each of knew) {
    if (each === undefined) continue
    const told: Moment = death + dice.between(60, each === person.practice ? 2880 : 7200)
    for (const patient of deceased(person, each, death)) life.putAfterDeath(each, told, patient)
  }
}

/** An emergency plan for those near the end of life, months before. */
export function endOfLifePlan(life: Life): void {
  const { death, person } = life
  const dice = life.dice('end-of-life')
  const near = death !== undefined && dice.chance(0.45)
  const frail = person.home.careHome !== undefined && dice.chance(0.7)
  if (!near && !frail) return
  const from = near ? dayOf(death) - dice.between(30, 200) : dayOf(life.start) + dice.between(5, 200)
  const known = at(from, 14 * 60)
  if (!life.free(known)) return
  const desk = life.desk(person.practice)
  desk.put(
    known,
    carePlan(desk, 'emergency-plan', {
      kind: coded('emergencyPlan'),
      title: 'Recommended summary plan for emergency care and treatment',
      from,
      activities: [
        'Comfort first; hospital only if comfort cannot be kept at home',
        inWords('Call the out of hours nurse first').text ?? '',
      ],
    }),
  )
}
