import { inWords } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { figures } from '../figures.ts'
import { distance, type Organisation, organisations } from '../ics/organisations.ts'
import { type Specialty, specialties } from '../ics/specialties.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf, type Moment } from '../london.ts'
import { encounter, keepAppointment, namedMoment, type RttStatus, rttExtension } from '../make/encounters.ts'
import { letter } from '../make/plans.ts'
import { pathwayOf, type Referred, request } from '../make/treatment.ts'
import { deprivationFactor } from './conditions.ts'
import { operate } from './elective-surgery.ts'
import { patientInitiated } from './follow-up.ts'
import { outcomeOf } from './general-practice.ts'
import type { Desk, Life } from './life.ts'
import { orderTest } from './test-order.ts'
import { clinicTime, occurrences } from './working-hours.ts'

/** A referral-to-treatment pathway as it goes along. */
export interface Pathway {
  readonly life: Life
  readonly dice: Dice
  readonly name: string
  readonly specialty: Specialty
  readonly hospital: Desk
  readonly practice: Desk
  readonly received: Moment
  readonly referral: (
    status: Referred['status'],
    extension?: NonNullable<Referred['extension']>,
  ) => ReturnType<typeof request>
}

const referralBefore = 540

/** Referrals to consultants. They begin before the window, so that the list is as long on its first day as on its last. */
export function electivePathways(life: Life): void {
  const { person } = life
  for (const specialty of specialties) {
    if (specialty.only !== undefined && specialty.only !== person.sex) continue
    const dice = life.dice('elective', specialty.code)
    const age = life.age(dayOf(life.start))
    const rate =
      (specialty.rates[age < 18 ? 0 : age < 65 ? 1 : 2] * deprivationFactor(1.2, person.home.area.decile)) / 1000
    const from = Math.max(dayOf(life.start) - referralBefore, person.born + 30)
    occurrences(dice, from, dayOf(life.until), rate).forEach((day, n) =>
      life.keepIfOpen(() => refer(life, dice.fork(n), specialty, day, n)),
    )
  }
}

function providerOf(dice: Dice, life: Life, { providers }: Specialty): Organisation {
  const offered = organisations.filter(({ ods }) => providers.includes(ods))
  const sorted = offered.toSorted((a, b) => distance(a, life.person.home) - distance(b, life.person.home))
  return dice.weighted(sorted.map((each, at) => [each, at === 0 ? 6 : each.part === 'acute' ? 2 : 1] as const))
}

function refer(life: Life, dice: Dice, specialty: Specialty, day: number, n: number): void {
  const received = clinicTime(dice, day)
  if (life.death !== undefined && received >= life.death) return
  const name = `rtt-${specialty.code.toLowerCase()}-${n}`
  const practice = life.desk(life.person.practice)
  const provider = providerOf(dice, life, specialty)
  const reason = inWords(dice.pick(specialty.reasons))
  const ubrn = `${dice.between(1000, 9999)}${dice.between(1000, 9999)}${dice.between(1000, 9999)}`
  const by = colleague(life.person.practice, 'General practitioner', dice.below(4))
  const urgent = dice.chance(0.12)
  const referral: Pathway['referral'] = (status, extension) =>
    request(practice, name, {
      what: inWords(`Referral to ${specialty.name}`),
      when: received,
      status,
      priority: urgent ? 'urgent' : 'routine',
      by,
      to: provider,
      reason,
      specialty: [specialty.code, specialty.name],
      // A pathway identifier made of the booking reference is 20 characters, issued by X09 (waiting-lists.md).
      identifier: [
        { system: 'https://fhir.nhs.uk/Id/UBRN', value: ubrn },
        { system: 'https://linchpin.example/fhir/pathway/X09', value: ubrn.padStart(20, '0') },
      ],
      extension: [namedMoment('clock-start', received), ...(extension ?? [])],
    })
  practice.put(received, referral('active'), (death) =>
    referral('revoked', [namedMoment('clock-stop', death), rttExtension('36')]),
  )
  const pathway: Pathway = { life, dice, name, specialty, hospital: life.desk(provider), practice, received, referral }
  if (dice.chance(0.06)) return advice(pathway)
  firstAppointment(pathway, urgent ? 0.4 : 1)
}

/** Returned with advice: no appointment is needed. */
function advice({ dice, practice, hospital, name, received, referral }: Pathway): void {
  const answered = clinicTime(dice, dayOf(received) + dice.between(2, 14))
  hospital.put(
    answered,
    letter(
      hospital,
      `${name}-advice`,
      inWords('Advice and guidance'),
      'Advice to the practice',
      answered,
      'No appointment is needed now. Advice is given below.',
    ),
  )
  practice.put(answered, referral('completed', [namedMoment('clock-stop', answered), rttExtension('34')]))
}

interface Visit {
  readonly status: RttStatus
  readonly from: Moment
  readonly order: number
  readonly booked: Moment
}

/** An appointment in a clinic: whether it was kept; the attendance when it was. */
function visit(pathway: Pathway, { status, from, order, booked }: Visit): boolean {
  const { hospital, dice, name, specialty } = pathway
  const by = colleague(hospital.organisation, 'Consultant', dice.below(12))
  const what = inWords(`${specialty.name} clinic`)
  const kept = outcomeOf(dice, figures.clinicMissed, from, 0.08)
  const missedFirst = kept.status === 'noshow' && order === 1 ? '33' : status
  const basedOn = { reference: `ServiceRequest/${pathway.practice.id(name)}` }
  const event = kept.status === 'cancelled' ? [] : [rttExtension(missedFirst)]
  const why = dice.chance(0.4) ? 'Cancelled by the hospital' : 'Cancelled by the patient'
  keepAppointment(
    hospital,
    `${name}-clinic-${order}`,
    { from, minutes: 30, booked, what, with: by, basedOn, extension: event },
    { ...kept, why },
  )
  if (kept.status !== 'fulfilled') return false
  const appointment = { reference: `Appointment/${hospital.id(`${name}-clinic-${order}`)}` }
  hospital.put(
    from + 30,
    encounter(hospital, `${name}-seen-${order}`, {
      class: dice.chance(0.2) ? 'VR' : 'AMB',
      from,
      to: from + 20,
      type: what,
      by,
      basedOn,
      appointment,
      extension: [rttExtension(status), pathwayOf(pathway.practice.id(name))],
    }),
  )
  return true
}

function firstAppointment(pathway: Pathway, scale: number): void {
  const { dice, received } = pathway
  const days = figures.firstAppointmentDays * scale * Math.exp(dice.normal(0, 0.7))
  let from = clinicTime(dice, dayOf(received) + Math.round(days), 30)
  const booked = received + dice.between(1, 12) * 1440
  for (let order = 1; order <= 3; order++) {
    // A booking of a working day before at the latest.
    if (visit(pathway, { status: '10', from, order, booked: Math.min(booked, from - 1440) }))
      return afterFirst(pathway, from, order)
    if (order === 3) break
    from = clinicTime(dice, dayOf(from) + dice.between(14, 42), 30)
  }
  discharge(pathway, from + 2880, '34')
}

function afterFirst(pathway: Pathway, seen: Moment, order: number): void {
  const { life, dice, specialty, hospital, name } = pathway
  const admitted = specialty.operations.length > 0 && dice.chance(specialty.admitted)
  let ready = seen
  if (dice.chance(specialty.tested))
    ready = orderTest(life, dice, `${name}-test`, {
      test: dice.pick(specialty.tests),
      when: seen + 20,
      from: hospital,
      urgent: false,
    })
  else if (!admitted && dice.chance(0.55)) return discharge(pathway, seen + 30, dice.chance(0.75) ? '30' : '34')
  const next = clinicTime(dice, dayOf(ready) + Math.round(dice.wait(30)) + 7, 30)
  const status: RttStatus = admitted ? '20' : '30'
  const came = visit(pathway, { status, from: next, order: order + 10, booked: Math.max(seen + 60, ready - 2880) })
  const decided = came ? next : clinicTime(dice, dayOf(next) + 28, 30)
  if (!came) visit(pathway, { status, from: decided, order: order + 11, booked: next + 1440 })
  if (admitted) operate(pathway, decided + 20, discharge)
  else discharge(pathway, decided + 30, status)
}

/** The clock stops, the practice gets a letter. */
function discharge(pathway: Pathway, when: Moment, status: RttStatus): void {
  const { practice, hospital, name, referral, dice, specialty } = pathway
  const sent = at(dayOf(when) + dice.between(1, 6), 15 * 60)
  hospital.put(
    sent,
    letter(
      hospital,
      `${name}-letter`,
      inWords('Clinic letter'),
      `${specialty.name}: outcome`,
      sent,
      'Seen and treated as agreed. The practice may refer again if symptoms return.',
    ),
  )
  practice.put(when, referral('completed', [namedMoment('clock-stop', when), rttExtension(status)]))
  if (status === '30') patientInitiated(pathway, when)
}
