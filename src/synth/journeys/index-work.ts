import type { Patient } from 'fhir/r4.js'
import { contact } from './entries.ts'
import { type DemoBundle, demoBundle, type Feed, nhsNumber, patient } from './feed.ts'
import { type Place, places } from './places.ts'

type Details = Pick<Patient, 'identifier' | 'name' | 'gender' | 'birthDate' | 'address' | 'multipleBirthBoolean'>

/** A person as the surgery has them, and as the hospital has someone who may be the same. */
interface Case {
  readonly person: string
  readonly surgery: Details
  readonly hospital: Details
}

const home = (line: string, postalCode: string): Details['address'] => [{ line: [line], city: 'Leeds', postalCode }]

/** Records the person index cannot decide about by itself: work for the index officer. */
const cases: readonly Case[] = [
  {
    // One number, two birth dates: kept apart until a source mends its data.
    person: 'margaret',
    surgery: {
      identifier: [nhsNumber('9990000042')],
      name: [{ family: 'Hill', given: ['Margaret'] }],
      gender: 'female',
      birthDate: '1958-06-21',
      address: home('5 Beech Road', 'LS9 9ZZ'),
    },
    hospital: {
      identifier: [nhsNumber('9990000042', false)],
      name: [{ family: 'HILL', given: ['MARGARET'] }],
      gender: 'female',
      birthDate: '1985-06-21',
      address: home('5 BEECH ROAD', 'LS9 9ZZ'),
    },
  },
  {
    // Twins, the hospital without a number: the same birth date, family name and address are not enough.
    person: 'ava',
    surgery: {
      identifier: [nhsNumber('9990000050')],
      name: [{ family: 'Brown', given: ['Ava'] }],
      gender: 'female',
      birthDate: '2017-03-14',
      address: home('71 Mill Street', 'LS10 9ZZ'),
      multipleBirthBoolean: true,
    },
    hospital: {
      name: [{ family: 'Brown', given: ['Isla'] }],
      gender: 'female',
      birthDate: '2017-03-14',
      address: home('71 Mill Street', 'LS10 9ZZ'),
      multipleBirthBoolean: true,
    },
  },
  {
    // Moved and known by a short form: one person, probably.
    person: 'robert',
    surgery: {
      identifier: [nhsNumber('9990000069')],
      name: [{ family: 'Kociński', given: ['Robert'] }],
      gender: 'male',
      birthDate: '1990-11-02',
      address: home('Flat 8, Canal Wharf', 'LS11 9ZZ'),
    },
    hospital: {
      name: [{ family: 'Kocinski', given: ['Bob'] }],
      gender: 'male',
      birthDate: '1990-11-02',
      address: home('3 Station Road', 'LS12 9ZZ'),
    },
  },
]

/** Three people whose records need a human's eyes. */
export function indexWork(today: Temporal.PlainDate): readonly DemoBundle[] {
  const feed = (place: Place, person: string): Feed => ({ place, person, today })
  return cases.flatMap(({ person, surgery, hospital }) => {
    const [one, other] = [feed(places.surgery, person), feed(places.hospital, person)]
    return [
      demoBundle(one, [
        patient(one, surgery),
        contact(one, 'visit', 'clinic', 'GP appointment', 'Check-up', { ago: 200, by: 'lee' }),
      ]),
      demoBundle(other, [
        patient(other, hospital),
        contact(other, 'visit', 'clinic', 'Outpatient appointment', 'New referral', { ago: 6, by: 'adeyemi' }),
      ]),
    ]
  })
}
