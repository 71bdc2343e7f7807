import { coded, inWords } from '../codes.ts'
import { figures } from '../figures.ts'
import { colleague } from '../ics/staff.ts'
import { dayOf, type Moment } from '../london.ts'
import { encounter } from '../make/encounters.ts'
import { carePlan } from '../make/plans.ts'
import type { Pathway } from './elective-pathway.ts'
import { clinicTime } from './working-hours.ts'

/** Patient-initiated follow-up after treatment: a year in which the person may come back by themselves. */
export function patientInitiated({ life, dice, hospital, name, specialty }: Pathway, treated: Moment): void {
  if (!dice.chance(figures.patientInitiated)) return
  const to = dayOf(treated) + 365
  const plan = (status: 'active' | 'completed') =>
    carePlan(hospital, `${name}-follow-up`, {
      kind: coded('carePlan'),
      title: `Patient-initiated follow-up, ${specialty.name}`,
      from: dayOf(treated),
      to,
      status,
      activities: ['Ring the clinic if symptoms return', 'Discharged when the year is over'],
    })
  hospital.put(treated, plan('active'), () => plan('completed'))
  if (dice.chance(0.2)) {
    const from = clinicTime(dice, dayOf(treated) + dice.between(30, 300), 30)
    const by = colleague(hospital.organisation, 'Consultant', dice.below(12))
    const contact = { class: 'AMB' as const, from, to: from + 20, type: inWords('Patient-initiated follow-up'), by }
    if (life.free(from)) hospital.put(from + 20, encounter(hospital, `${name}-follow-up-visit`, contact))
  }
  hospital.put(clinicTime(dice, to), plan('completed'))
}
