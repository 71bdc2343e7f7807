import { type CodeName, coded, inWords } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { figures } from '../figures.ts'
import { nearest, theOnly } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { dayOf, type Moment } from '../london.ts'
import { encounter, namedMoment, ownExtension } from '../make/encounters.ts'
import { deprivationFactor, has } from './conditions.ts'
import { admit } from './emergency-admission.ts'
import type { Life } from './life.ts'
import { urgentResponse } from './urgent-response.ts'
import { anyTime, occurrences } from './working-hours.ts'

/** A&E attendances a year, by age: the very young and the very old come most. A setting. */
const attendances = (age: number): number =>
  age < 5 ? 0.62 : age < 18 ? 0.33 : age < 35 ? 0.38 : age < 65 ? 0.29 : age < 80 ? 0.42 : 0.78

/** Chance that an attendance ends in a bed. */
const admissionChance = (age: number): number => (age < 18 ? 0.1 : age < 65 ? 0.19 : age < 80 ? 0.42 : 0.55)

const complaints: readonly (readonly [CodeName, (age: number) => number])[] = [
  ['chestPain', (age) => (age > 30 ? 2.2 : 0.3)],
  ['abdominalPain', () => 1.8],
  ['breathless', (age) => (age > 60 ? 2.6 : 0.8)],
  ['fall', (age) => (age > 70 ? 4 : 0.6)],
  ['ankleSprain', (age) => (age < 50 ? 2.2 : 0.4)],
  ['headache', () => 0.9],
  ['pneumonia', (age) => (age > 60 ? 1.6 : 0.3)],
  ['urineInfection', (age) => (age > 70 ? 1.2 : 0.3)],
  ['rash', (age) => (age < 10 ? 1.5 : 0.2)],
]

/** Everything unplanned: 111, ambulance, A&E, emergency stays, urgent community response. */
export function urgentCare(life: Life): void {
  const dice = life.dice('urgent')
  const age = life.age(dayOf(life.start))
  const ill = has(life, 'copd', dayOf(life.start)) || has(life, 'heartFailure', dayOf(life.start)) ? 1.7 : 0.94
  const rate = attendances(age) * ill * deprivationFactor(1.9, life.person.home.area.decile)
  occurrences(dice, dayOf(life.start), dayOf(life.until), rate).forEach((day, n) => episode(life, dice.fork(n), day, n))
  lastIllness(life)
}

/** Half of those who die do so in hospital, or after an emergency stay in their last weeks. */
function lastIllness(life: Life): void {
  const dice = life.dice('last-illness')
  if (life.death === undefined || !dice.chance(0.55)) return
  const day = dayOf(life.death) - dice.between(1, 12)
  const arrival = anyTime(dice, day)
  if (arrival < life.death) attend(life, dice, arrival, 'last', 'breathless', { byAmbulance: true, admitted: true })
}

function episode(life: Life, dice: Dice, day: number, n: number): void {
  const started = anyTime(dice, day)
  if (!life.free(started)) return
  const age = life.age(day)
  const name = String(n)
  const complaint = dice.weighted(complaints.map(([code, weight]) => [code, weight(age)] as const))
  const called = dice.chance(0.3)
  if (called) call111(life, dice, started, name, complaint)
  if (age > 70 && dice.chance(0.16)) return urgentResponse(life, dice, started + 30, name)
  const byAmbulance = dice.chance(age > 75 ? 0.62 : age > 50 ? 0.34 : 0.15)
  const arrival = byAmbulance
    ? ambulance(life, dice, started + (called ? 25 : 5), name, complaint)
    : started + dice.between(45, 120)
  if (arrival === undefined || !life.free(arrival)) return
  attend(life, dice, arrival, name, complaint, { byAmbulance, admitted: dice.chance(admissionChance(age)) })
}

const dispositions = [
  ['Emergency department now', 35],
  ['Ambulance', 20],
  ['Urgent treatment centre', 15],
  ['Primary care within 6 hours', 20],
  ['Self-care', 10],
] as const

function call111(life: Life, dice: Dice, when: Moment, name: string, complaint: CodeName): void {
  const desk = life.desk(theOnly('ambulance'))
  const waited = dice.chance(0.8) ? 0 : dice.between(1, 8)
  desk.put(
    when + waited + 12,
    encounter(desk, `urgent-${name}-111`, {
      class: 'VR',
      from: when + waited,
      to: when + waited + 12,
      type: inWords('NHS 111 call'),
      reason: coded(complaint),
      by: colleague(theOnly('ambulance'), 'Paramedic', dice.below(6)),
      extension: [
        namedMoment('call-received', when),
        { url: `${ownExtension}/disposition`, valueString: dice.weighted(dispositions) },
      ],
    }),
  )
}

/** Mean minutes from clock start to the first vehicle, by category: about what category 2 is said to reach. Settings. */
const responseMinutes = { '1': 8, '2': 28, '3': 110, '4': 140 } as const

/** An ambulance: called, arrived, conveyed, handed over. Answers when it reached the hospital; undefined if it took nobody. */
function ambulance(life: Life, dice: Dice, called: Moment, name: string, complaint: CodeName): Moment | undefined {
  const desk = life.desk(theOnly('ambulance'))
  const category = dice.weighted([
    ['1', 10],
    ['2', 58],
    ['3', 26],
    ['4', 6],
  ] as const)
  const clock = called + 2
  // Two thirds fixed, one third chance: skewed as real responses are.
  const arrived = clock + Math.max(3, Math.round(responseMinutes[category] * (0.4 + dice.wait(0.6))))
  const conveyed = dice.chance(0.7)
  const atHospital = arrived + dice.between(30, 75)
  const handover = atHospital + Math.round(5 + dice.wait(9.5))
  const cleared = conveyed ? handover + 12 : arrived + 50
  desk.put(
    cleared,
    encounter(desk, `urgent-${name}-ambulance`, {
      class: 'FLD',
      from: called,
      to: cleared,
      type: inWords(`Ambulance response, category ${category}`),
      reason: coded(complaint),
      by: colleague(theOnly('ambulance'), 'Paramedic', dice.below(6)),
      extension: [
        namedMoment('clock-start', clock),
        namedMoment('first-arrival', arrived),
        ...(conveyed ? [namedMoment('at-hospital', atHospital), namedMoment('handover', handover)] : []),
      ],
    }),
  )
  return conveyed ? Math.min(handover, atHospital + 15) : undefined
}

/** An attendance at A&E. Four hours run from arrival to departure (urgent-care-performance.md). */
function attend(
  life: Life,
  dice: Dice,
  arrival: Moment,
  name: string,
  complaint: CodeName,
  { byAmbulance, admitted }: { readonly byAmbulance: boolean; readonly admitted: boolean },
): void {
  const trust = nearest('acute', life.person.home)
  const desk = life.desk(trust)
  const minor = !byAmbulance && !admitted && dice.chance(0.5)
  const quick = dice.chance(admitted ? figures.fourHours - 0.28 : figures.fourHours + (minor ? 0.17 : 0.04))
  const total = quick ? dice.between(minor ? 25 : 80, 239) : 241 + Math.round(dice.wait(admitted ? 260 : 90))
  const departure = arrival + total
  const seen = arrival + Math.min(total - 15, 20 + Math.round(dice.wait(55)))
  const decided = arrival + Math.round(total * (quick ? 0.75 : 0.45))
  const contact = {
    class: 'EMER' as const,
    from: arrival,
    reason: coded(complaint),
    type: inWords(minor ? 'Type 3 department' : 'Type 1 department'),
    by: colleague(trust, 'Specialty registrar', dice.below(4)),
    extension: [
      { url: `${ownExtension}/arrival-mode`, valueString: byAmbulance ? 'ambulance' : 'other' },
      namedMoment('initial-assessment', arrival + Math.min(total, dice.between(3, 24))),
      namedMoment('seen', seen),
      ...(admitted ? [namedMoment('decision-to-admit', decided)] : []),
    ],
  }
  const entry = `urgent-${name}-attendance`
  desk.put(arrival, encounter(desk, entry, { ...contact, extension: contact.extension.slice(0, 1) }), (death) =>
    encounter(desk, entry, { ...contact, to: death }),
  )
  desk.put(departure, encounter(desk, entry, { ...contact, to: departure }))
  if (admitted) admit(life, dice, departure, name, complaint)
  else life.stays.push([arrival, departure])
}
