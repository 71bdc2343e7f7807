import type { Practitioner, PractitionerRole, Reference, Schedule, Slot } from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'
import { coded, inWords } from '../codes.ts'
import { diceOf } from '../dice.ts'
import { staffReference } from '../journeys/places.ts'
import { at, type Day, isoMoment } from '../london.ts'
import { families, givenNames } from '../people/names.ts'
import { isWorkingDay } from '../working-days.ts'
import { type Organisation, organisations, type Part } from './organisations.ts'

/** A member of staff and the hours of their rota. */
export interface Colleague {
  readonly id: string
  readonly name: { readonly prefix?: string; readonly given: string; readonly family: string }
  readonly role: string
  readonly shift: Shift
}

type Shift = 'clinic' | 'early' | 'late' | 'night'

const hours: Readonly<Record<Shift, readonly [start: string, end: string]>> = {
  clinic: ['08:30:00', '18:00:00'],
  early: ['07:00:00', '15:00:00'],
  late: ['13:30:00', '21:30:00'],
  night: ['21:00:00', '23:59:00'],
}

type Post = readonly [role: string, count: number, shift: Shift, doctor?: 'Dr']

const posts: Readonly<Partial<Record<Part, readonly Post[]>>> = {
  practice: [
    ['General practitioner', 4, 'clinic', 'Dr'],
    ['Practice nurse', 2, 'clinic'],
    ['Healthcare assistant', 1, 'clinic'],
    ['Clinical pharmacist', 1, 'clinic'],
  ],
  acute: [
    ['Consultant', 12, 'clinic', 'Dr'],
    ['Specialty registrar', 4, 'late', 'Dr'],
    ['Staff nurse', 6, 'early'],
    ['Night nurse', 3, 'night'],
  ],
  elective: [
    ['Consultant', 4, 'clinic', 'Dr'],
    ['Theatre nurse', 2, 'early'],
  ],
  community: [
    ['District nurse', 4, 'early'],
    ['Physiotherapist', 3, 'clinic'],
    ['Health visitor', 2, 'clinic'],
  ],
  'mental-health': [
    ['Psychological therapist', 4, 'clinic'],
    ['Consultant psychiatrist', 2, 'clinic', 'Dr'],
    ['Community psychiatric nurse', 3, 'clinic'],
  ],
  ambulance: [['Paramedic', 6, 'late']],
  'diagnostic-centre': [
    ['Radiographer', 3, 'clinic'],
    ['Cardiac physiologist', 1, 'clinic'],
  ],
  pharmacy: [['Pharmacist', 2, 'clinic']],
  'care-home': [['Care worker', 3, 'early']],
  'home-care': [['Home carer', 3, 'early']],
  council: [['Social worker', 3, 'clinic']],
}

const roster = new Map(organisations.map((each) => [each.ods, colleaguesOf(each)]))

function colleaguesOf(at: Organisation): readonly Colleague[] {
  return (posts[at.part] ?? []).flatMap(([role, count, shift, prefix]) =>
    Array.from({ length: count }, (_, n): Colleague => {
      const id = `ics-staff-${at.ods.toLowerCase()}-${role.toLowerCase().replace(/[^a-z]/g, '')}-${n + 1}`
      const dice = diceOf('staff', id)
      const given = dice.pick(givenNames[dice.pick(['female', 'male'] as const)].middle)
      return {
        id,
        role,
        shift,
        name: { ...(prefix === undefined ? {} : { prefix }), given, family: dice.pick(families) },
      }
    }),
  )
}

const staffOf = (at: Organisation): readonly Colleague[] => roster.get(at.ods) ?? []

const nameOf = ({ name }: Colleague): string => [name.prefix, name.given, name.family].filter(Boolean).join(' ')

/** A colleague of a role, chosen by a number: the same number, the same colleague. */
export function colleague(at: Organisation, role: string, choice: number): Reference {
  const all = staffOf(at).filter((each) => each.role === role)
  const found = all[choice % Math.max(1, all.length)]
  if (found !== undefined) return { reference: `Practitioner/${found.id}`, display: nameOf(found) }
  const [first] = at.place?.staff ?? []
  if (at.place !== undefined && first !== undefined) return staffReference(at.place, first.key)
  throw new Error(`${at.name} has no ${role}`)
}

const organisationReference = (at: Organisation): Reference => ({
  reference: `Organization/${at.id}`,
  identifier: { system: systems.odsOrganisation, value: at.ods },
  display: at.name,
})

/** The staff of an organisation with their roles and rotas. */
export function staffResources(at: Organisation): readonly (Practitioner | PractitionerRole)[] {
  return staffOf(at).flatMap((each): (Practitioner | PractitionerRole)[] => [
    {
      resourceType: 'Practitioner',
      id: each.id,
      active: true,
      name: [
        {
          use: 'official',
          family: each.name.family,
          given: [each.name.given],
          ...(each.name.prefix === undefined ? {} : { prefix: [each.name.prefix] }),
        },
      ],
    },
    {
      resourceType: 'PractitionerRole',
      id: `${each.id}-role`,
      active: true,
      practitioner: { reference: `Practitioner/${each.id}`, display: nameOf(each) },
      organization: organisationReference(at),
      code: [each.role === 'General practitioner' ? coded('gp') : inWords(each.role)],
      availableTime: [rota(each.shift)],
    },
  ])
}

const rota = (shift: Shift) => ({
  daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri', ...(shift === 'clinic' ? [] : (['sat', 'sun'] as const))] as (
    | 'mon'
    | 'tue'
    | 'wed'
    | 'thu'
    | 'fri'
    | 'sat'
    | 'sun'
  )[],
  availableStartTime: hours[shift][0],
  availableEndTime: hours[shift][1],
})

const bookable: readonly string[] = ['General practitioner', 'Practice nurse', 'Consultant', 'Radiographer']
const slotMinutes = { 'General practitioner': 15, 'Practice nurse': 20, Consultant: 30, Radiographer: 30 } as const
const slotsAhead = 10

/** What can be booked in the working days after a day: one schedule each for two colleagues of a kind, and its slots. */
export function clinics(at: Organisation, today: Day): readonly (Schedule | Slot)[] {
  const open = bookable.flatMap((role) =>
    staffOf(at)
      .filter((each) => each.role === role)
      .slice(0, 2),
  )
  return open.flatMap((each) => scheduleOf(at, each, today))
}

function scheduleOf(where: Organisation, each: Colleague, today: Day): readonly (Schedule | Slot)[] {
  const id = `${each.id}-clinic`
  const days: Day[] = []
  for (let day = today + 1; days.length < slotsAhead; day++) if (isWorkingDay(day)) days.push(day)
  const [first = today, last = today] = [days[0], days.at(-1)]
  const minutes = Object.entries(slotMinutes).find(([role]) => role === each.role)?.[1] ?? 15
  const dice = diceOf('slots', id)
  const slots = days.flatMap((day) =>
    Array.from({ length: 6 }, (_, n): Slot => {
      const start = at(day, 9 * 60 + n * minutes * 2)
      return {
        resourceType: 'Slot',
        id: `${id}-${day}-${n}`,
        schedule: { reference: `Schedule/${id}` },
        status: dice.chance(0.7) ? 'busy' : 'free',
        start: isoMoment(start),
        end: isoMoment(start + minutes),
      }
    }),
  )
  return [
    {
      resourceType: 'Schedule',
      id,
      active: true,
      serviceType: [inWords(each.role)],
      actor: [{ reference: `Practitioner/${each.id}`, display: nameOf(each) }, organisationPlace(where)],
      planningHorizon: { start: isoMoment(at(first, 8 * 60)), end: isoMoment(at(last, 18 * 60)) },
    },
    ...slots,
  ]
}

const organisationPlace = (where: Organisation): Reference => ({
  reference: `Location/${where.id}-site`,
  display: where.name,
})
