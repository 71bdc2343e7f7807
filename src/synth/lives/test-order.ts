import { type CodeName, coded } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { figures } from '../figures.ts'
import { nearest, type Organisation, theOnly } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf, type Moment } from '../london.ts'
import { keepAppointment } from '../make/encounters.ts'
import { reportResults } from '../make/findings.ts'
import { procedure, request } from '../make/treatment.ts'
import { outcomeOf } from './general-practice.ts'
import type { Desk, Life } from './life.ts'
import { clinicTime } from './working-hours.ts'

/** The tests of the diagnostic waiting times return that we order (waiting-lists.md, DM01). */
export const dm01: Partial<Record<CodeName, string>> = {
  mri: 'MRI',
  ct: 'CT',
  chestCt: 'CT',
  ultrasound: 'Non-obstetric ultrasound',
  echocardiogram: 'Echocardiography',
  boneScan: 'DEXA',
  colonoscopy: 'Colonoscopy',
  gastroscopy: 'Gastroscopy',
  cystoscopy: 'Cystoscopy',
}

const atCentre: readonly CodeName[] = ['mri', 'ct', 'chestCt', 'ultrasound', 'echocardiogram', 'boneScan']

export interface Order {
  readonly test: CodeName
  readonly when: Moment
  readonly from: Desk
  readonly urgent: boolean
  /** Where, when it must be there; else the diagnostic centre or the nearest hospital. */
  readonly place?: Organisation
}

/** A test: ordered, booked, done, reported. Answers when it was reported. */
export function orderTest(life: Life, dice: Dice, name: string, order: Order): Moment {
  const { test, when, from: orderer, urgent } = order
  const hospital = nearest('acute', life.person.home)
  const place = order.place ?? (atCentre.includes(test) && dice.chance(0.4) ? theOnly('diagnostic-centre') : hospital)
  const scale = urgent ? 5 : figures.testDays
  // Skewed: half wait less than the median, few wait very long.
  const days = Math.max(1, scale * Math.exp(dice.normal(0, urgent ? 0.4 : 0.6)))
  const done = clinicTime(dice, dayOf(when) + Math.round(days), 30)
  const ask = (status: 'active' | 'completed' | 'revoked') =>
    request(orderer, name, {
      what: coded(test),
      when,
      status,
      priority: urgent ? 'urgent' : 'routine',
      to: place,
      category: dm01[test] ?? 'Imaging',
    })
  orderer.put(when, ask('active'), () => ask('revoked'))
  const desk = life.desk(place)
  const booked = Math.min(done - 1440, when + dice.between(1, 5) * 1440)
  const by =
    place.part === 'diagnostic-centre'
      ? colleague(place, 'Radiographer', dice.below(3))
      : colleague(place, 'Consultant', dice.below(12))
  const basedOn = { reference: `ServiceRequest/${orderer.id(name)}` }
  const booking = { from: done, minutes: 30, booked: Math.max(when, booked), what: coded(test), with: by, basedOn }
  const kept = outcomeOf(dice, urgent ? 0.02 : 0.04, done, 0.03)
  keepAppointment(desk, `${name}-booking`, booking, kept)
  // Missed or moved: the next one is some days later, and is kept.
  const real = kept.status === 'fulfilled' ? done : clinicTime(dice, dayOf(done) + dice.between(4, 16), 30)
  if (kept.status !== 'fulfilled')
    keepAppointment(
      desk,
      `${name}-booking-2`,
      { ...booking, from: real, booked: Math.max(kept.known, when) },
      { status: 'fulfilled', known: real + 10 },
    )
  desk.put(real + 30, procedure(desk, `${name}-done`, { code: coded(test), from: real, to: real + 30, by, basedOn }))
  const reported = reportResults(desk, `${name}-report`, dice, {
    title: coded(test),
    when: real,
    results: [],
    basedOn,
    afterMinutes: dice.between(1, urgent ? 3 : 6) * 1440,
    conclusion: dice.chance(0.7) ? 'Nothing of concern.' : 'Changes that fit the symptoms; see the report.',
  })
  orderer.put(reported, ask('completed'))
  return Math.max(reported, at(dayOf(reported), 9 * 60))
}

/** Tests that practices order without a referral. */
export function directTests(life: Life): void {
  const dice = life.dice('direct-tests')
  const age = life.age(dayOf(life.start))
  const yearly = age < 18 ? 0.02 : age < 65 ? 0.12 : 0.22
  const practice = life.desk(life.person.practice)
  let n = 0
  for (
    let day = dayOf(life.start) + dice.wait(365 / yearly);
    day <= dayOf(life.until);
    day += dice.wait(365 / yearly)
  ) {
    const own = dice.fork(n)
    const when = clinicTime(own, Math.floor(day))
    const test = own.weighted([
      ['ultrasound', 5],
      ['echocardiogram', 2],
      ['boneScan', 1],
      ['ct', 1],
      ['gastroscopy', 1],
      ['mri', 2],
    ] as const)
    if (life.free(when)) orderTest(life, own, `test-${n}`, { test, when, from: practice, urgent: false })
    n += 1
  }
}
