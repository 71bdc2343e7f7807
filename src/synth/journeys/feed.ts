import type { Bundle, FhirResource, Identifier, Patient, Reference } from 'fhir/r4.js'
import { londonZone } from '../../base/clock.ts'
import { systems } from '../../kernel/fhir/systems.ts'
import { type Place, placeReference, placeResources, staffReference } from './places.ts'

/** What one place sends about one person. */
export interface Feed {
  readonly place: Place
  /** Names the person in ids: `maya`. */
  readonly person: string
  /** The journeys happen up to this day. */
  readonly today: Temporal.PlainDate
}

/** One place's records of one person, as a collection to be imported in that place's name. */
export interface DemoBundle {
  /** ODS code of the organisation that sends it. */
  readonly source: string
  readonly bundle: Bundle<FhirResource>
}

/** Id of something a place holds about a person. The same on every run, so that seeding twice changes nothing. */
export const idOf = (feed: Feed, name: string): string => `demo-${feed.place.key}-${feed.person}-${name}`

/** Reference to something else that the place holds about the person. */
export const own = (feed: Feed, type: FhirResource['resourceType'], name: string): Reference => ({
  reference: `${type}/${idOf(feed, name)}`,
})

export const subject = (feed: Feed): Reference => own(feed, 'Patient', 'patient')

/** Reference to a member of the place's staff. */
export const by = (feed: Feed, key: string): Reference => staffReference(feed.place, key)

/** The day so many days before today; negative for days to come. */
export const day = (feed: Feed, ago: number): string => feed.today.subtract({ days: ago }).toString()

/** The birthday of someone of an age; never 1 January, which stands for "not known". */
export function bornBefore(today: Temporal.PlainDate, age: Temporal.DurationLike): string {
  const born = today.subtract(age)
  return (born.dayOfYear === 1 ? born.add({ days: 1 }) : born).toString()
}

/** A time of such a day, with London's offset. */
export function at(feed: Feed, ago: number, time: string): string {
  const plainTime = Temporal.PlainTime.from(time)
  const moment = feed.today.subtract({ days: ago }).toZonedDateTime({ timeZone: londonZone, plainTime })
  return moment.toString({ timeZoneName: 'never', smallestUnit: 'second' })
}

/** An NHS number as a source states it. */
export const nhsNumber = (value: string, verified = true): Identifier => ({
  ...(verified
    ? {
        extension: [
          {
            url: systems.nhsNumberVerificationExtension,
            valueCodeableConcept: { coding: [{ system: systems.nhsNumberVerification, code: '01' }] },
          },
        ],
      }
    : {}),
  system: systems.nhsNumber,
  value,
})

/** A number of the place's own. */
export const localNumber = (feed: Feed, value: string): Identifier => ({
  system: `https://linchpin.example/${feed.place.ods}/patient`,
  value,
  assigner: placeReference(feed.place),
})

/** The person as the place has them. */
export const patient = (feed: Feed, details: Omit<Patient, 'resourceType'>): Patient => ({
  resourceType: 'Patient',
  id: idOf(feed, 'patient'),
  active: true,
  managingOrganization: placeReference(feed.place),
  ...details,
})

/** Puts what a place holds about a person into one collection. */
export function demoBundle(feed: Feed, resources: readonly FhirResource[]): DemoBundle {
  const all: readonly FhirResource[] = [...placeResources(feed.place), ...resources]
  const entry = all.map((resource) => ({
    fullUrl: `https://linchpin.example/fhir/R4/${resource.resourceType}/${resource.id ?? ''}`,
    resource,
  }))
  const bundle: Bundle<FhirResource> = { resourceType: 'Bundle', id: idOf(feed, 'bundle'), type: 'collection', entry }
  return { source: feed.place.ods, bundle }
}
