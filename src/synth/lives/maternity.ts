import type { Reference } from 'fhir/r4.js'
import { coded, inWords } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { nearest, theOnly } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf, type Moment } from '../london.ts'
import { encounter, stay } from '../make/encounters.ts'
import { bloodPressure, condition, observation } from '../make/findings.ts'
import { immunisation, procedure } from '../make/treatment.ts'
import { demography } from '../people/demography.ts'
import type { Life } from './life.ts'
import { clinicTime } from './working-hours.ts'

/** More births in the late twenties and thirties. */
const fertility = (age: number): number => (age < 20 ? 0.3 : age < 25 ? 0.75 : age < 35 ? 1.4 : age < 40 ? 0.8 : 0.15)

/** Weeks of the routine antenatal contacts. */
const antenatalWeeks = [9, 16, 25, 28, 34, 36, 38] as const

/** Pregnancies: contacts, scans, vaccination against whooping cough, birth, and the child. */
export function maternity(life: Life): void {
  const { person } = life
  if (person.sex !== 'female' || person.home.careHome !== undefined) return
  const dice = life.dice('maternity')
  let day = dayOf(life.start) - 280
  for (let n = 0; day < dayOf(life.until); n++) {
    const age = Math.max(15, life.age(day))
    if (age > 45 || life.age(day) < 15) return
    day += dice.wait(365_000 / (demography.birthsPerThousandWomen * fertility(age)))
    // Asked of the length of time to the conception; at most one child in the window.
    if (day < dayOf(life.until)) {
      pregnancy(life, dice.fork(n), Math.floor(day), n)
      if (life.births.length > 0) return
      day += 400
    }
  }
}

function pregnancy(life: Life, dice: Dice, conceived: number, n: number): void {
  const { person } = life
  const trust = nearest('acute', person.home)
  const hospital = life.desk(trust)
  const born: Moment = at(conceived + 266 + Math.round(dice.normal(0, 9)), dice.below(1440))
  if (!life.free(at(conceived, 0)) && at(conceived, 0) >= life.start) return
  const by = colleague(trust, 'Staff nurse', dice.below(6))
  const noticed = clinicTime(dice, conceived + 40)
  if (noticed >= life.start) {
    const practice = life.desk(person.practice)
    practice.put(
      noticed,
      condition(practice, `pregnancy-${n}`, dice, {
        code: coded('pregnancy'),
        onset: conceived,
        recorded: noticed,
        kind: 'problem-list-item',
      }),
    )
  }
  for (const week of antenatalWeeks) {
    const from = clinicTime(dice, conceived - 14 + week * 7, 20)
    if (from < life.start || from >= born - 1440 || !life.free(from)) continue
    const entry = `pregnancy-${n}-week-${week}`
    hospital.put(
      from + 20,
      encounter(hospital, entry, {
        class: 'AMB',
        from,
        to: from + 20,
        type: inWords(`Antenatal appointment, ${week} weeks`),
        by,
      }),
    )
    hospital.put(
      from + 20,
      bloodPressure(hospital, `${entry}-pressure`, dice.between(100, 138), dice.between(58, 86), { when: from + 5 }),
    )
    if (week === 16 && dice.chance(0.65))
      hospital.put(
        from + 20,
        immunisation(hospital, `${entry}-vaccine`, {
          vaccine: inWords('Whooping cough vaccine'),
          procedure: coded('pertussis'),
          when: from + 15,
          by,
        }),
      )
  }
  birth(life, dice, born, n, by)
}

function birth(life: Life, dice: Dice, born: Moment, n: number, by: Reference): void {
  const { person, settings } = life
  if (born < life.start || born < at(settings.from, 0) || !life.free(born)) return
  const hospital = life.desk(nearest('acute', person.home))
  const admitted = born - dice.between(120, 1100)
  const home = born + dice.between(400, 3600)
  life.stays.push([admitted, home])
  const contact = { class: 'IMP' as const, from: admitted, type: inWords('Maternity'), by }
  const entry = `pregnancy-${n}-stay`
  const method = stay('31')
  hospital.put(admitted, encounter(hospital, entry, { ...contact, hospitalization: method }))
  hospital.put(
    born + 30,
    procedure(hospital, `pregnancy-${n}-birth`, {
      code: inWords(dice.chance(0.38) ? 'Caesarean section' : 'Vaginal birth'),
      from: born - 20,
      to: born,
      by,
      encounter: { reference: `Encounter/${hospital.id(entry)}` },
    }),
  )
  hospital.put(home, encounter(hospital, entry, { ...contact, to: home, hospitalization: stay('31', 'home') }))
  const weight = Math.round(Math.min(4900, Math.max(1500, dice.normal(3350, 480))) / 10) * 10
  life.births.push({ mother: hospital.subject.reference, moment: born, place: hospital.organisation, weight })
}

/** What is written at a child's own birth: the stay, the weight, the mother, the first examination, the health visitor. */
export function newborn(life: Life): void {
  const { person } = life
  if (person.birth === undefined) return
  const { moment, place, weight, mother } = person.birth
  const dice = life.dice('newborn')
  const hospital = life.desk(place)
  const by = colleague(place, 'Staff nurse', dice.below(6))
  const home = moment + dice.between(400, 3600)
  const entry = encounter(hospital, 'birth-stay', {
    class: 'IMP',
    from: moment,
    to: home,
    type: inWords('Birth'),
    by,
    hospitalization: stay('82', 'home'),
  })
  hospital.put(home, entry)
  hospital.put(
    moment + 20,
    observation(hospital, 'birth-weight', {
      code: coded('birthWeight'),
      category: 'vital-signs',
      when: moment + 20,
      value: weight,
      unit: ['g', 'g'],
      by,
    }),
  )
  hospital.put(moment + 25, {
    resourceType: 'RelatedPerson',
    id: hospital.id('mother'),
    active: true,
    patient: hospital.subject,
    relationship: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH', display: 'mother' }] },
    ],
    identifier: [{ system: 'https://linchpin.example/fhir/mother', value: mother }],
  })
  const examined = moment + dice.between(600, 3500)
  hospital.put(
    examined,
    procedure(hospital, 'birth-examination', {
      code: inWords('Newborn and infant physical examination'),
      from: examined - 20,
      to: examined,
      by,
    }),
  )
  const community = life.desk(theOnly('community'))
  const visited = clinicTime(dice, dayOf(moment) + dice.between(10, 14))
  const visitor = colleague(theOnly('community'), 'Health visitor', dice.below(2))
  if (life.free(visited))
    community.put(
      visited + 40,
      encounter(community, 'birth-visit', {
        class: 'HH',
        from: visited,
        to: visited + 40,
        type: inWords('New birth visit'),
        by: visitor,
      }),
    )
}
