import { coded, inWords, vitals } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { theOnly } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf, type Moment } from '../london.ts'
import { encounter, keepAppointment } from '../make/encounters.ts'
import { bloodPressure, type Finding, observation, reportResults } from '../make/findings.ts'
import { carePlan } from '../make/plans.ts'
import { type ConditionName, has } from './conditions.ts'
import { outcomeOf } from './general-practice.ts'
import type { Life } from './life.ts'
import { clinicTime } from './working-hours.ts'

/** Conditions that are reviewed once a year (QOF registers of population-health.md). */
const reviewed: readonly ConditionName[] = [
  'hypertension',
  'diabetes',
  'asthma',
  'copd',
  'heartFailure',
  'coronary',
  'stroke',
  'fibrillation',
  'kidney',
  'dementia',
  'psychosis',
  'epilepsy',
  'learningDisability',
]

/** The yearly review in the birth month, with measurements and blood tests before it. */
export function yearlyReviews(life: Life): void {
  const dice = life.dice('review')
  const first = dayOf(life.start)
  const birthday = life.person.born
  const phase = (((birthday - first) % 365) + 365) % 365
  for (let day = first + phase, n = 0; day <= dayOf(life.until) + 14; day += 365, n++) {
    const yearly = dice.fork(n)
    const due = reviewed.filter((each) => has(life, each, day))
    if (due.length > 0 && yearly.chance(0.86)) review(life, yearly, day, n, due)
    else if (life.age(day) > 40 && life.age(day) < 75 && yearly.chance(0.14)) healthCheck(life, yearly, day, n)
  }
}

function review(life: Life, dice: Dice, day: number, n: number, due: readonly ConditionName[]): void {
  const { person } = life
  const from = clinicTime(dice, day + dice.below(20), 20)
  const blood = clinicTime(dice, dayOf(from) - dice.between(5, 12))
  if (!life.free(from) || !life.free(blood)) return
  const desk = life.desk(person.practice)
  const by = colleague(person.practice, 'Practice nurse', dice.below(2))
  const what = inWords('Long-term condition review')
  const kept = outcomeOf(dice, 0.06, from)
  const booked = dayOf(blood) - dice.between(7, 20)
  keepAppointment(desk, `review-${n}`, { from, minutes: 20, booked: at(booked, 10 * 60), what, with: by }, kept)
  if (due.some((each) => each !== 'asthma' && each !== 'copd')) bloodTests(life, dice, blood, n)
  if (kept.status !== 'fulfilled') return
  const appointment = { reference: `Appointment/${desk.id(`review-${n}`)}` }
  desk.put(
    from + 20,
    encounter(desk, `review-${n}-visit`, { class: 'AMB', from, to: from + 20, type: what, by, appointment }),
  )
  measurements(life, dice, from + 5, `review-${n}`)
  if (due.includes('psychosis'))
    desk.put(
      from + 20,
      observation(desk, `review-${n}-alcohol`, {
        code: inWords('AUDIT-C score'),
        category: 'survey',
        when: from + 5,
        value: dice.between(0, 9),
        unit: ['points', '{score}'],
      }),
    )
  if (due.length >= 3)
    desk.put(
      from + 20,
      carePlan(desk, 'care-plan', {
        kind: coded('supportPlan'),
        title: 'Personalised care and support plan',
        from: dayOf(from),
        by,
        activities: due.map((each) => `Yearly review: ${coded(each).text ?? each}`),
      }),
    )
}

/** Where blood pressure lies by whether it is high; four in five of those treated are at target. */
function pressure(life: Life, dice: Dice, day: number): readonly [upper: number, lower: number] {
  if (!has(life, 'hypertension', day)) return [Math.round(dice.normal(124, 9)), Math.round(dice.normal(76, 6))]
  return dice.chance(0.8)
    ? [Math.min(139, Math.round(dice.normal(130, 6))), Math.min(88, Math.round(dice.normal(78, 5)))]
    : [Math.round(150 + Math.abs(dice.normal(0, 9))), Math.round(88 + Math.abs(dice.normal(0, 6)))]
}

function measurements(life: Life, dice: Dice, when: Moment, name: string): void {
  const desk = life.desk(life.person.practice)
  const day = dayOf(when)
  const [upper, lower] = pressure(life, dice, day)
  desk.put(when, bloodPressure(desk, `${name}-pressure`, upper, lower, { when }))
  const steady = life.dice('body')
  const index = has(life, 'obesity', day) ? 31 + steady.wait(3) : Math.min(29.9, Math.max(18, steady.normal(25, 2.6)))
  const bmi = Math.round((index + dice.normal(0, 0.4)) * 10) / 10
  desk.put(
    when,
    observation(desk, `${name}-bmi`, {
      code: coded('bodyMassIndex'),
      category: 'vital-signs',
      when,
      value: bmi,
      unit: ['kg/m2', 'kg/m2'],
    }),
  )
  if (life.age(day) < 15) return
  desk.put(when, observation(desk, `${name}-smoking`, { code: coded(smoking(life)), category: 'social-history', when }))
}

/** Smoking: more common where people are poorer. A setting. */
export function smoking(life: Life): 'smoker' | 'exSmoker' | 'neverSmoked' {
  const share = 0.055 + 0.016 * (10 - life.person.home.area.decile)
  const drawn = life.dice('smoking').real()
  return drawn < share ? 'smoker' : drawn < share + 0.26 ? 'exSmoker' : 'neverSmoked'
}

const round = (value: number, step = 1): number => Math.round(value / step) * step

const cholesterol = {
  code: inWords('Total cholesterol'),
  category: 'laboratory' as const,
  unit: ['mmol/L', 'mmol/L'] as const,
}

function bloodTests(life: Life, dice: Dice, when: Moment, n: number): void {
  const day = dayOf(when)
  const laboratory = life.desk(theOnly('acute'))
  const steady = life.dice('blood')
  const finding = (
    code: Parameters<typeof coded>[0],
    value: number,
    unit: readonly [string, string],
    range?: readonly [number, number],
  ): Finding => ({
    code: coded(code),
    category: 'laboratory',
    when,
    value: Math.round(value * 10) / 10,
    unit,
    ...(range === undefined ? {} : { range }),
  })
  const kidney = has(life, 'kidney', day)
  const filtration = kidney ? steady.between(22, 58) : steady.between(62, 105)
  const results = [
    finding('egfr', round(filtration + dice.normal(0, 2)), ['mL/min/1.73m2', 'mL/min/{1.73_m2}']),
    finding('creatinine', round(6200 / filtration), ['µmol/L', 'umol/L'], [49, 104]),
    finding('potassium', Math.max(3.2, dice.normal(kidney ? 4.8 : 4.4, 0.3)), ['mmol/L', 'mmol/L'], [3.5, 5.3]),
    finding('sodium', round(dice.normal(140, 2)), ['mmol/L', 'mmol/L'], [133, 146]),
  ]
  // The yearly check of severe mental illness: lipids here, alcohol in the review (virtual-ward-and-home-monitoring.md F).
  if (has(life, 'psychosis', day) || has(life, 'diabetes', day))
    results.push({ ...cholesterol, when, value: dice.between(34, 68) / 10 })
  if (has(life, 'diabetes', day))
    results.push(finding('hba1c', round(steady.normal(57, 11) + dice.normal(0, 3)), ['mmol/mol', 'mmol/mol'], [20, 48]))
  else if (has(life, 'prediabetes', day))
    results.push(finding('hba1c', dice.between(42, 47), ['mmol/mol', 'mmol/mol'], [20, 42]))
  reportResults(laboratory, `review-${n}-blood`, dice, { title: inWords('Blood tests'), when, results })
}

/** NHS Health Check: 40 to 74, nobody who is on a register already (prevention-and-screening.md B). */
function healthCheck(life: Life, dice: Dice, day: number, n: number): void {
  const from = clinicTime(dice, day + dice.below(30), 20)
  if (!life.free(from)) return
  const desk = life.desk(life.person.practice)
  const by = colleague(life.person.practice, 'Healthcare assistant', 0)
  desk.put(
    from + 20,
    encounter(desk, `check-${n}-visit`, { class: 'AMB', from, to: from + 20, type: inWords('NHS Health Check'), by }),
  )
  measurements(life, dice, from + 5, `check-${n}`)
}

/** Weight by its own LOINC code, for those watched at home. */
export const weightOf = (when: Moment, value: number): Finding => ({
  code: vitals.weight,
  category: 'vital-signs',
  when,
  value,
  unit: ['kg', 'kg'],
})
