import type { Reference } from 'fhir/r4.js'
import { type CodeName, coded, inWords } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { figures } from '../figures.ts'
import { theOnly } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { dayOf, type Moment, minuteOf } from '../london.ts'
import { encounter, keepAppointment, namedMoment, ownExtension } from '../make/encounters.ts'
import { bloodPressure, condition, reportResults } from '../make/findings.ts'
import { dispense, prescription } from '../make/medicines.ts'
import { request } from '../make/treatment.ts'
import { deprivationFactor } from './conditions.ts'
import type { Life } from './life.ts'
import { clinicTime, occurrences } from './working-hours.ts'

interface Complaint {
  readonly reason: CodeName
  readonly weight: (age: number) => number
  readonly medicine?: readonly [name: string, dose: string, days: number, quantity: number]
  readonly pharmacyFirst?: boolean
}

/** Why people see their practice, and what they may be given for it. Medicines in words: no dm+d code we were sure of. */
const complaints: readonly Complaint[] = [
  { reason: 'coldOrCough', weight: (age) => (age < 10 ? 5 : 2) },
  {
    reason: 'chestInfection',
    weight: (age) => (age > 60 ? 2.2 : 0.8),
    medicine: ['Amoxicillin 500mg capsules', 'One three times a day', 5, 15],
  },
  {
    reason: 'soreThroat',
    weight: (age) => (age < 25 ? 2 : 0.7),
    pharmacyFirst: true,
    medicine: ['Phenoxymethylpenicillin 250mg tablets', 'Two four times a day', 5, 40],
  },
  { reason: 'earInfection', weight: (age) => (age < 10 ? 2.5 : 0.3), pharmacyFirst: true },
  {
    reason: 'urineInfection',
    weight: (age) => (age > 15 ? 1.3 : 0.3),
    pharmacyFirst: true,
    medicine: ['Nitrofurantoin 100mg modified-release capsules', 'One twice a day', 3, 6],
  },
  {
    reason: 'backPain',
    weight: (age) => (age > 25 ? 2.2 : 0.2),
    medicine: ['Naproxen 500mg tablets', 'One twice a day with food', 14, 28],
  },
  { reason: 'rash', weight: () => 1.4, medicine: ['Hydrocortisone 1% cream', 'Thinly once or twice a day', 14, 30] },
  { reason: 'headache', weight: (age) => (age > 15 ? 1.1 : 0.3) },
  { reason: 'abdominalPain', weight: () => 1.2 },
  { reason: 'tiredness', weight: (age) => (age > 15 ? 1.4 : 0.2) },
  { reason: 'anxiety', weight: (age) => (age > 12 && age < 70 ? 1.5 : 0.3) },
]

/** How often a year, by age; higher where people are poorer. A setting. */
function contactsAYear(life: Life, age: number): number {
  const byAge = age < 5 ? 5.4 : age < 18 ? 2.6 : age < 45 ? 4.2 : age < 65 ? 5.2 : age < 80 ? 7.6 : 9
  const women = life.person.sex === 'female' && age > 15 && age < 50 ? 1.3 : 1
  return byAge * women * deprivationFactor(1.25, life.person.home.area.decile)
}

/** Contacts with the practice for something new. */
export function generalPractice(life: Life): void {
  const dice = life.dice('gp')
  const days = occurrences(
    dice,
    dayOf(life.start),
    dayOf(life.until) + 7,
    contactsAYear(life, life.age(dayOf(life.start))),
  )
  days.forEach((day, n) => contact(life, dice.fork(n), day, n))
}

const channels = [
  ['face to face', 0.64],
  ['telephone', 0.26],
  ['online', 0.08],
  ['home visit', 0.02],
] as const

function contact(life: Life, dice: Dice, day: number, n: number): void {
  const { person } = life
  const age = life.age(day)
  const complaint = dice.weighted(complaints.map((each) => [each, each.weight(age)] as const))
  const from = clinicTime(dice, day)
  const booked = from - Math.min(dice.wait(5) * 1440, 20 * 1440) - 30
  const asked = Math.floor(booked / 10) * 10
  if (complaint.pharmacyFirst === true && age >= 16 && age < 65 && person.sex === 'female' && dice.chance(0.35))
    return pharmacyFirst(life, dice, from, complaint, n)
  if (!life.free(from) || !life.free(asked)) return
  const desk = life.desk(person.practice)
  const by = colleague(person.practice, dice.chance(0.62) ? 'General practitioner' : 'Practice nurse', dice.below(4))
  const minutes = 10
  const kept = outcomeOf(dice, figures.practiceMissed, from)
  const channel = dice.weighted(channels)
  const what = inWords('General consultation')
  const booking = {
    from,
    minutes,
    booked: asked,
    what,
    with: by,
    reason: coded(complaint.reason),
    extension: [{ url: `${ownExtension}/channel`, valueString: channel }],
  }
  keepAppointment(desk, `gp-${n}`, booking, kept)
  if (kept.status !== 'fulfilled') return
  desk.put(
    from + minutes,
    encounter(desk, `gp-${n}-visit`, {
      class: channel === 'telephone' || channel === 'online' ? 'VR' : channel === 'home visit' ? 'HH' : 'AMB',
      from,
      to: from + minutes + dice.below(8),
      type: what,
      reason: coded(complaint.reason),
      by,
      appointment: { reference: `Appointment/${desk.id(`gp-${n}`)}` },
    }),
  )
  if (age > 40 && channel === 'face to face' && dice.chance(0.45))
    desk.put(
      from + 5,
      bloodPressure(desk, `gp-${n}-pressure`, dice.between(108, 158), dice.between(62, 94), { when: from + 5 }),
    )
  if (age > 12 && dice.chance(0.13)) bloodTests(life, dice, from, n)
  if (dice.chance(0.35)) diagnosis(life, dice, from, complaint, n, by)
  if (complaint.medicine !== undefined && dice.chance(0.6)) acute(life, dice, from + minutes, complaint, n, by)
}

/** Whether people come: missed and cancelled ones are known when the time comes, or some days before. */
export function outcomeOf(dice: Dice, missed: number, from: Moment, cancelled = 0.06) {
  const drawn = dice.real()
  if (drawn < missed) return { status: 'noshow' as const, known: from + 20 }
  if (drawn < missed + cancelled) return { status: 'cancelled' as const, known: from - 60 * dice.between(2, 20) }
  return { status: 'fulfilled' as const, known: from + 10 }
}

/** Blood is taken some days after the contact; the hospital's laboratory reports. */
function bloodTests(life: Life, dice: Dice, seen: Moment, n: number): void {
  const when = clinicTime(dice, dayOf(seen) + dice.between(1, 6))
  if (!life.free(when)) return
  const range = (low: number, high: number) => ({
    when,
    category: 'laboratory' as const,
    value: dice.between(low, high),
  })
  reportResults(life.desk(theOnly('acute')), `gp-${n}-blood`, dice, {
    title: coded('bloodCount'),
    when,
    results: [
      { code: coded('haemoglobin'), ...range(104, 160), unit: ['g/L', 'g/L'], range: [120, 160] },
      { code: coded('platelets'), ...range(150, 400), unit: ['10*9/L', '10*9/L'], range: [150, 400] },
      { code: coded('alt'), ...range(9, 62), unit: ['IU/L', '[IU]/L'], range: [5, 50] },
    ],
  })
}

function diagnosis(life: Life, dice: Dice, when: Moment, { reason }: Complaint, n: number, by: Reference): void {
  const desk = life.desk(life.person.practice)
  const about = {
    code: coded(reason),
    onset: dayOf(when) - dice.below(6),
    recorded: when,
    kind: 'encounter-diagnosis' as const,
    by,
  }
  desk.put(when, condition(desk, `gp-${n}-diagnosis`, dice, about))
}

function acute(life: Life, dice: Dice, when: Moment, { medicine, reason }: Complaint, n: number, by: Reference): void {
  if (medicine === undefined) return
  const { person } = life
  const [name, dose, days, quantity] = medicine
  const desk = life.desk(person.practice)
  const about = {
    what: inWords(name),
    dose,
    when,
    repeat: false,
    days,
    quantity,
    by,
    to: person.pharmacy,
    status: 'completed' as const,
  }
  desk.put(when, { ...prescription(desk, `gp-${n}-medicine`, about), reasonCode: [coded(reason)] })
  const collected = when + dice.between(40, 1500)
  const handed =
    minuteOf(collected) > 8 * 60 + 30 && minuteOf(collected) < 18 * 60 ? collected : clinicTime(dice, dayOf(when) + 1)
  const pharmacy = life.desk(person.pharmacy)
  const requestId = desk.id(`gp-${n}-medicine`)
  if (dice.chance(0.93))
    pharmacy.put(
      handed,
      dispense(pharmacy, `gp-${n}-dispensed`, {
        what: inWords(name),
        when: handed,
        quantity,
        days,
        request: requestId,
      }),
    )
}

/** Pharmacy First: sent by the practice, seen by the pharmacist the same day or the next. */
function pharmacyFirst(life: Life, dice: Dice, sent: Moment, complaint: Complaint, n: number): void {
  const { person } = life
  if (!life.free(sent)) return
  const desk = life.desk(person.practice)
  const by = colleague(person.practice, 'General practitioner', dice.below(4))
  const ask = (status: 'active' | 'completed') =>
    request(desk, `gp-${n}-pharmacy`, {
      what: coded('pharmacyFirst'),
      when: sent,
      status,
      priority: 'routine',
      by,
      to: person.pharmacy,
      reason: coded(complaint.reason),
    })
  desk.put(sent, ask('active'))
  const seen = clinicTime(dice, dayOf(sent) + 1)
  if (!life.free(seen)) return
  const pharmacy = life.desk(person.pharmacy)
  pharmacy.put(
    seen,
    encounter(pharmacy, `gp-${n}-pharmacy-visit`, {
      class: 'AMB',
      from: seen,
      to: seen + 15,
      type: coded('pharmacyFirst'),
      reason: coded(complaint.reason),
      by: colleague(person.pharmacy, 'Pharmacist', dice.below(2)),
      extension: [namedMoment('notified-practice', seen + 60)],
    }),
  )
  desk.put(seen + 60, ask('completed'))
}
