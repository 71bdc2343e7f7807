import { type CodeName, coded, inWords, vitals } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { wardId, wards } from '../ics/beds.ts'
import { nearest } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf, isoMoment, type Moment } from '../london.ts'
import { encounter, namedMoment, stay } from '../make/encounters.ts'
import { condition, observation, reportResults } from '../make/findings.ts'
import { letter } from '../make/plans.ts'
import { procedure } from '../make/treatment.ts'
import type { Life } from './life.ts'
import { virtualWard } from './virtual-ward.ts'

/** Days in hospital: most leave soon, the old stay long. */
function lengthOfStay(dice: Dice, age: number): number {
  if (dice.chance(age < 65 ? 0.45 : 0.2)) return dice.below(2)
  return Math.min(60, Math.round(dice.wait(age < 65 ? 4 : age < 80 ? 7 : 9)) + 1)
}

/** An emergency stay: ward, observations, blood, discharge, letter to the practice; perhaps a virtual ward afterwards. */
export function admit(life: Life, dice: Dice, admitted: Moment, name: string, complaint: CodeName): void {
  const { person } = life
  const trust = nearest('acute', person.home)
  const desk = life.desk(trust)
  const age = life.age(dayOf(admitted))
  const cause: CodeName = complaint === 'fall' && age > 75 && dice.chance(0.2) ? 'hipFracture' : complaint
  const nights = Math.max(cause === 'hipFracture' ? 8 : 0, lengthOfStay(dice, age))
  const fit = at(dayOf(admitted) + nights, 10 * 60)
  const delayed = nights > 3 && dice.chance(0.2) ? dice.between(1, 6) : 0
  const leaves = Math.max(
    admitted + 180,
    at(dayOf(admitted) + nights + delayed, 11 * 60 + dice.below(8) * 60 + dice.below(60)),
  )
  const early = dice.chance(0.3) && nights >= 3
  life.stays.push([admitted, leaves])
  const ward = dice.pick(wards)
  const contact = {
    class: 'IMP' as const,
    from: admitted,
    reason: coded(cause),
    type: inWords('Emergency inpatient'),
    by: colleague(trust, 'Consultant', dice.below(12)),
    location: [
      {
        location: { reference: `Location/${wardId(trust, ward.key)}`, display: ward.name },
        period: { start: isoMoment(admitted) },
      },
    ],
  }
  const entry = `urgent-${name}-stay`
  desk.put(admitted, encounter(desk, entry, { ...contact, hospitalization: stay('21') }), (death) =>
    encounter(desk, entry, { ...contact, to: death, hospitalization: stay('21', 'died') }),
  )
  wardRecord(life, dice, admitted, leaves, name, cause)
  const to = person.home.careHome === undefined ? 'home' : 'care-home'
  const extension = delayed > 0 ? [namedMoment('no-criteria-to-reside', fit)] : []
  desk.put(leaves, encounter(desk, entry, { ...contact, to: leaves, extension, hospitalization: stay('21', to) }))
  desk.put(
    leaves + 90,
    letter(
      desk,
      `urgent-${name}-letter`,
      coded('dischargeSummary'),
      'Discharge summary',
      leaves + 90,
      `Admitted with ${(coded(cause).text ?? '').toLowerCase()}. Improved with treatment. The practice is asked to repeat blood tests in two weeks.`,
    ),
  )
  if (early && age >= 18) virtualWard(life, dice, leaves + 120, name, cause)
}

/** What the ward writes: the diagnosis, the first and the last observations, blood, an operation for a broken hip. */
function wardRecord(life: Life, dice: Dice, admitted: Moment, leaves: Moment, name: string, cause: CodeName): void {
  const desk = life.desk(nearest('acute', life.person.home))
  const inStay = { reference: `Encounter/${desk.id(`urgent-${name}-stay`)}` }
  const by = colleague(desk.organisation, 'Consultant', dice.below(12))
  desk.put(
    admitted + 60,
    condition(desk, `urgent-${name}-diagnosis`, dice, {
      code: coded(cause),
      onset: dayOf(admitted),
      recorded: admitted + 60,
      kind: 'encounter-diagnosis',
      encounter: inStay,
      by,
    }),
  )
  const scores = [
    [admitted + 30, dice.between(2, 9)],
    [leaves - 120, dice.below(3)],
  ] as const
  scores.forEach(([when, value], at) => {
    if (at === 0 || leaves - admitted > 720)
      desk.put(
        when,
        observation(desk, `urgent-${name}-news-${at}`, {
          code: coded('news2'),
          category: 'survey',
          when,
          value,
          unit: ['points', '{score}'],
        }),
      )
  })
  desk.put(
    admitted + 30,
    observation(desk, `urgent-${name}-pulse`, {
      code: vitals.pulse,
      category: 'vital-signs',
      when: admitted + 30,
      value: dice.between(64, 118),
      unit: ['beats/minute', '/min'],
    }),
  )
  const blood = admitted + 45
  reportResults(desk, `urgent-${name}-blood`, dice, {
    title: coded('bloodCount'),
    when: blood,
    afterMinutes: dice.between(50, 160),
    results: [
      {
        code: coded('haemoglobin'),
        category: 'laboratory',
        when: blood,
        value: dice.between(98, 152),
        unit: ['g/L', 'g/L'],
        range: [120, 160],
      },
      {
        code: coded('whiteCells'),
        category: 'laboratory',
        when: blood,
        value: dice.between(50, 170) / 10,
        unit: ['10*9/L', '10*9/L'],
        range: [4, 11],
      },
      {
        code: coded('platelets'),
        category: 'laboratory',
        when: blood,
        value: dice.between(150, 420),
        unit: ['10*9/L', '10*9/L'],
        range: [150, 400],
      },
    ],
  })
  if (cause !== 'hipFracture') return
  const cut = at(dayOf(admitted) + 1, 10 * 60 + dice.below(240))
  desk.put(
    cut + 90,
    procedure(desk, `urgent-${name}-operation`, {
      code: inWords('Fixation of hip fracture'),
      from: cut,
      to: cut + 80,
      by,
      encounter: inStay,
    }),
  )
}
