import { inWords } from '../codes.ts'
import { colleague } from '../ics/staff.ts'
import { dayOf, type Moment } from '../london.ts'
import { dispense, prescription } from '../make/medicines.ts'
import type { ConditionName } from './conditions.ts'
import type { Life } from './life.ts'
import { clinicTime } from './working-hours.ts'

/** What is prescribed for a condition: a share of those who have it, as a repeat. */
interface Regular {
  readonly condition: ConditionName
  readonly what: string
  readonly dose: string
  readonly share: number
  /** Days one supply lasts. */
  readonly days: number
  readonly quantity: number
}

const regular = (
  condition: ConditionName,
  what: string,
  dose: string,
  share: number,
  quantity = 56,
  days = 56,
): Regular => ({
  condition,
  what,
  dose,
  share,
  days,
  quantity,
})

/**
 * Regular medicines by what they are for, after the NICE guidelines the prevention and prescribing sheets name. In
 * words: our sources hold the dm+d codes of few of them.
 */
const regulars: readonly Regular[] = [
  regular('hypertension', 'Amlodipine 5mg tablets', 'One a day', 0.45),
  regular('hypertension', 'Ramipril 5mg capsules', 'One a day', 0.5),
  regular('diabetes', 'Metformin 500mg tablets', 'One twice a day with food', 0.75, 112),
  regular('diabetes', 'Atorvastatin 20mg tablets', 'One a day', 0.7),
  regular('coronary', 'Atorvastatin 80mg tablets', 'One a day', 0.85),
  regular('coronary', 'Aspirin 75mg dispersible tablets', 'One a day', 0.8),
  regular('stroke', 'Clopidogrel 75mg tablets', 'One a day', 0.75),
  regular('fibrillation', 'Apixaban 5mg tablets', 'One twice a day', 0.88, 112),
  regular('heartFailure', 'Bisoprolol 2.5mg tablets', 'One a day', 0.8),
  regular('heartFailure', 'Furosemide 40mg tablets', 'One each morning', 0.65),
  regular('asthma', 'Salbutamol 100micrograms/dose inhaler', 'Two puffs when needed', 0.75, 1, 90),
  regular('asthma', 'Beclometasone 100micrograms/dose inhaler', 'Two puffs twice a day', 0.6, 1, 50),
  regular('copd', 'Salbutamol 100micrograms/dose inhaler', 'Two puffs when needed', 0.8, 1, 60),
  regular(
    'copd',
    'Umeclidinium 55micrograms/dose / Vilanterol 22micrograms/dose dry powder inhaler',
    'One puff a day',
    0.7,
    1,
    56,
  ),
  regular('depression', 'Sertraline 50mg tablets', 'One a day', 0.5),
  regular('psychosis', 'Olanzapine 10mg tablets', 'One at night', 0.7),
  regular('epilepsy', 'Levetiracetam 500mg tablets', 'One twice a day', 0.6, 112),
  regular('dementia', 'Donepezil 10mg tablets', 'One at night', 0.4),
  regular('osteoporosis', 'Alendronic acid 70mg tablets', 'One a week', 0.6, 8),
]

/** Repeat prescriptions: renewed once a year at the review, dispensed each time a supply ends. */
export function regularMedicines(life: Life): void {
  regulars.forEach((each, n) => {
    const onset = life.conditions.get(each.condition)
    const dice = life.dice('medicine', n)
    if (onset !== undefined && dice.chance(each.share)) supply(life, each, n, onset + dice.between(70, 100))
  })
}

/** Some use far more reliever than they should: four in a hundred, a supply a month. */
const overuse = 0.04

function supply(life: Life, each: Regular, n: number, from: number): void {
  const { person } = life
  const dice = life.dice('supply', n)
  const often = each.what.startsWith('Salbutamol') && dice.chance(overuse) ? 30 : each.days
  const first = Math.max(from, dayOf(life.start) + dice.below(often))
  const pharmacy = life.desk(person.pharmacy)
  const what = inWords(each.what)
  let renew = first
  let year = -1
  let request = ''
  for (let day = first, issue = 0; day <= dayOf(life.until) + 14; day += often + dice.between(-3, 6), issue++) {
    const when = clinicTime(dice, day)
    if (day >= renew) {
      year += 1
      renew = day + 365
      request = order(life, each, { name: `medicine-${n}-${year}`, when, days: often, ends: clinicTime(dice, renew) })
    }
    // While in hospital, or when it is forgotten, nothing is fetched.
    if (!life.free(when + 120) || dice.chance(0.04)) continue
    const handed = { what, when: when + 120, quantity: each.quantity, days: often, request }
    pharmacy.put(when + 120, dispense(pharmacy, `medicine-${n}-${year}-${issue}`, handed))
  }
}

interface Ordered {
  readonly name: string
  readonly when: Moment
  readonly days: number
  readonly ends: Moment
}

/** A year's repeat prescription: active, completed when the year is over, stopped at death. Answers its id. */
function order(life: Life, each: Regular, { name, when, days, ends }: Ordered): string {
  const { person } = life
  const practice = life.desk(person.practice)
  const by = colleague(person.practice, 'General practitioner', life.dice(name).below(4))
  const made = (status: 'active' | 'completed' | 'stopped') =>
    prescription(practice, name, {
      what: inWords(each.what),
      dose: each.dose,
      when,
      repeat: true,
      days,
      quantity: each.quantity,
      by,
      to: person.pharmacy,
      reason: { reference: `Condition/${practice.id(`problem-${each.condition}`)}` },
      status,
    })
  practice.put(when, made('active'), () => made('stopped'))
  practice.put(ends, made('completed'))
  return practice.id(name)
}
