import { type CodeName, coded } from '../codes.ts'
import { colleague } from '../ics/staff.ts'
import { at, type Day, dayOf } from '../london.ts'
import { condition } from '../make/findings.ts'
import { workingDayFrom } from '../working-days.ts'
import type { Life } from './life.ts'

/**
 * Long-term conditions: share of people who have one by an age. None of our source sheets publishes these; they are
 * settings, near England's registers. A curve is crossed once: each person draws how early in it they are.
 */
export interface LongTerm {
  readonly name: ConditionName
  readonly code: CodeName
  /** Age and share of men (or all) who have it by then. */
  readonly curve: readonly (readonly [age: number, share: number])[]
  /** Times as common in women. */
  readonly women: number
  /** Times as common in decile 1 as in decile 10. */
  readonly deprived: number
}

export type ConditionName =
  | 'hypertension'
  | 'diabetes'
  | 'prediabetes'
  | 'asthma'
  | 'copd'
  | 'heartFailure'
  | 'fibrillation'
  | 'coronary'
  | 'stroke'
  | 'kidney'
  | 'depression'
  | 'psychosis'
  | 'dementia'
  | 'epilepsy'
  | 'learningDisability'
  | 'osteoporosis'
  | 'kneeArthritis'
  | 'hipArthritis'
  | 'cataract'
  | 'obesity'

const row = (
  name: ConditionName,
  women: number,
  deprived: number,
  curve: readonly (readonly [number, number])[],
): LongTerm => ({ name, code: name, women, deprived, curve })

export const longTerm: readonly LongTerm[] = [
  row('hypertension', 0.95, 1.25, [
    [25, 0],
    [40, 0.06],
    [55, 0.21],
    [65, 0.36],
    [75, 0.52],
    [90, 0.66],
  ]),
  row('obesity', 1, 1.9, [
    [16, 0.02],
    [30, 0.1],
    [50, 0.16],
    [70, 0.17],
  ]),
  row('prediabetes', 1, 1.5, [
    [30, 0],
    [50, 0.06],
    [70, 0.13],
    [90, 0.16],
  ]),
  row('diabetes', 0.8, 1.9, [
    [25, 0.002],
    [40, 0.03],
    [55, 0.1],
    [70, 0.19],
    [90, 0.24],
  ]),
  row('asthma', 1.1, 1.3, [
    [2, 0],
    [10, 0.06],
    [40, 0.075],
    [90, 0.09],
  ]),
  row('copd', 0.95, 3, [
    [35, 0],
    [50, 0.014],
    [65, 0.055],
    [80, 0.1],
    [90, 0.11],
  ]),
  row('coronary', 0.5, 1.7, [
    [35, 0],
    [50, 0.025],
    [65, 0.1],
    [80, 0.2],
    [90, 0.26],
  ]),
  row('fibrillation', 0.8, 1.1, [
    [45, 0],
    [60, 0.025],
    [75, 0.1],
    [90, 0.22],
  ]),
  row('heartFailure', 0.8, 1.5, [
    [45, 0],
    [60, 0.012],
    [75, 0.05],
    [90, 0.14],
  ]),
  row('stroke', 0.85, 1.5, [
    [40, 0],
    [60, 0.025],
    [75, 0.08],
    [90, 0.16],
  ]),
  row('kidney', 1.2, 1.3, [
    [40, 0],
    [60, 0.035],
    [75, 0.15],
    [90, 0.33],
  ]),
  row('depression', 1.7, 1.8, [
    [12, 0],
    [20, 0.035],
    [40, 0.105],
    [65, 0.13],
    [90, 0.14],
  ]),
  row('psychosis', 0.9, 3, [
    [16, 0],
    [30, 0.007],
    [60, 0.013],
    [90, 0.013],
  ]),
  row('dementia', 1.2, 1.2, [
    [60, 0],
    [70, 0.012],
    [80, 0.07],
    [90, 0.24],
    [98, 0.38],
  ]),
  row('epilepsy', 1, 1.7, [
    [1, 0.001],
    [18, 0.005],
    [60, 0.009],
    [90, 0.013],
  ]),
  row('learningDisability', 0.65, 1.9, [
    [0, 0.006],
    [1, 0.0068],
    [90, 0.007],
  ]),
  row('osteoporosis', 4, 1.1, [
    [50, 0],
    [65, 0.012],
    [80, 0.045],
    [95, 0.07],
  ]),
  row('kneeArthritis', 1.4, 1.3, [
    [45, 0],
    [60, 0.08],
    [75, 0.17],
    [90, 0.22],
  ]),
  row('hipArthritis', 1.2, 1.1, [
    [50, 0],
    [65, 0.05],
    [80, 0.1],
    [90, 0.12],
  ]),
  row('cataract', 1.1, 1.1, [
    [55, 0],
    [70, 0.12],
    [80, 0.32],
    [90, 0.5],
  ]),
]

/** Times as common as on average, by decile: even over the deciles. */
export const deprivationFactor = (deprived: number, decile: number): number =>
  (1 + ((deprived - 1) * (10 - decile)) / 9) / (1 + (deprived - 1) / 2)

function shareBy({ curve, women, deprived }: LongTerm, age: number, female: boolean, decile: number): number {
  const factor = (female ? women : 1) * deprivationFactor(deprived, decile)
  let before: readonly [number, number] = [0, 0]
  for (const point of curve) {
    if (age < point[0]) {
      const part = (age - before[0]) / Math.max(0.01, point[0] - before[0])
      return factor * (before[1] + part * (point[1] - before[1]))
    }
    before = point
  }
  return factor * before[1]
}

/** Not the age at the end of the window: a longer window must not move what lies in a shorter one. */
const oldest = 110

/** The age at which the curve crosses a person's place in it; undefined when it never does. */
function onsetAge(what: LongTerm, place: number, female: boolean, decile: number): number | undefined {
  if (shareBy(what, oldest, female, decile) < place) return undefined
  let [low, high] = [0, oldest]
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2
    if (shareBy(what, middle, female, decile) >= place) high = middle
    else low = middle
  }
  return high
}

/** Care home residents are there because of what they have. */
const residentPlace = (name: ConditionName, place: number): number => (name === 'dementia' ? place / 3 : place)

/** Draws which conditions a person has or gets, and has the practice put them on its list. */
export function longTermConditions(life: Life): void {
  const { person } = life
  const last = dayOf(life.until)
  for (const what of longTerm) {
    const dice = life.dice('condition', what.name)
    const drawn = dice.real()
    const place = person.home.careHome === undefined ? drawn : residentPlace(what.name, drawn)
    const age = onsetAge(what, place, person.sex === 'female', person.home.area.decile)
    if (age === undefined || age > life.age(last)) continue
    const onset = Math.floor(person.born + age * 365.2425)
    life.conditions.set(what.name, onset)
    const seen = workingDayFrom(onset + dice.between(3, 60))
    const recorded = at(seen, dice.between(9 * 60, 17 * 60))
    const desk = life.desk(person.practice)
    const by = colleague(person.practice, 'General practitioner', dice.below(4))
    desk.put(
      recorded,
      condition(desk, `problem-${what.name}`, dice, {
        code: coded(what.code),
        onset,
        recorded,
        kind: 'problem-list-item',
        by,
      }),
    )
  }
}

/** Whether someone has a condition on a day. */
export const has = (life: Life, name: ConditionName, day: Day): boolean => {
  const onset = life.conditions.get(name)
  return onset !== undefined && onset <= day
}
