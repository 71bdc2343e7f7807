import type { FhirResource } from 'fhir/r4.js'
import { type Dice, diceOf } from '../dice.ts'
import type { Organisation } from '../ics/organisations.ts'
import { at, type Day, type Moment } from '../london.ts'
import { patientRecord } from '../people/patient-record.ts'
import { ageOn, type Person } from '../people/person.ts'
import type { SynthSettings } from '../settings.ts'
import type { ConditionName } from './conditions.ts'

/** Something an organisation wrote. `known` is when its record could first show it, which may be long after it happened. */
export interface Written {
  readonly source: string
  readonly resource: FhirResource
  readonly known: Moment
}

/** What becomes of something open when the person dies: a later version of it. */
export type Closing = (moment: Moment) => FhirResource

interface Draft extends Written {
  readonly closing?: Closing
  readonly afterDeath: boolean
}

/** An organisation's way of writing about one person. */
export interface Desk {
  readonly organisation: Organisation
  readonly person: Person
  readonly subject: { readonly reference: string }
  /** Id of something of this person's: the same on every run. */
  id(name: string): string
  /** Writes a resource as known from a moment; the same id again is a later version of it. */
  put(known: Moment, resource: FhirResource, closing?: Closing): void
}

/**
 * One person's life in the window: event generators read it and write to it, in a fixed order. They write whatever
 * follows, as if time did not end; what is not known yet at the end of the window, or lies after death, is left out.
 */
export interface Life {
  readonly person: Person
  readonly settings: SynthSettings
  /** The window, less the time before birth. */
  readonly start: Moment
  readonly until: Moment
  /** When they die, if within the window. */
  death: Moment | undefined
  /** Onset of long-term conditions, before the window or in it. */
  readonly conditions: Map<ConditionName, Day>
  /** Days in hospital, so that nobody is in two places at once. */
  readonly stays: (readonly [from: Moment, to: Moment])[]
  /** Children born in the window, to be made after their mother. */
  readonly births: NonNullable<Person['birth']>[]
  dice(...parts: readonly (string | number)[]): Dice
  age(day: Day): number
  desk(organisation: Organisation): Desk
  /** Whether the person can come somewhere: born, alive, not in hospital. */
  free(moment: Moment): boolean
  /** Drops what the work wrote if all of it was over before the window began. */
  keepIfOpen(work: () => void): void
  putAfterDeath(organisation: Organisation, known: Moment, resource: FhirResource): void
}

export interface LivingLife extends Life {
  /** What is known by the end of the window and was not known by `after`: the last version of each, or all with `after`. */
  written(after?: Moment): readonly Written[]
}

export function beginLife(person: Person, settings: SynthSettings): LivingLife {
  const drafts: Draft[] = []
  const patients: Draft[] = []
  const desks = new Map<string, Desk>()
  const dice = diceOf('life', person.key)
  const life: LivingLife = {
    person,
    settings,
    start: Math.max(at(settings.from, 0), person.birth?.moment ?? 0),
    until: settings.until,
    death: undefined,
    conditions: new Map(),
    stays: [],
    births: [],
    dice: (...parts) => dice.fork(...parts),
    age: (day) => ageOn(person, day),
    free: (moment) =>
      moment >= life.start &&
      moment < (life.death ?? Infinity) &&
      !life.stays.some(([from, to]) => moment >= from && moment < to),
    desk(organisation) {
      const known = desks.get(organisation.ods)
      if (known !== undefined) return known
      const made = deskOf(organisation, life, drafts, patients)
      desks.set(organisation.ods, made)
      return made
    },
    keepIfOpen(work) {
      const mark = drafts.length
      work()
      if (drafts.slice(mark).every(({ known }) => known < life.start)) drafts.length = mark
    },
    putAfterDeath: (organisation, known, resource) =>
      void drafts.push({ source: organisation.ods, resource, known, afterDeath: true }),
    written: (after) =>
      after === undefined ? lastVersions([...patients, ...drafts], life) : versionsSince(patients, drafts, life, after),
  }
  return life
}

function deskOf(organisation: Organisation, life: LivingLife, drafts: Draft[], registered: Draft[]): Desk {
  const { person } = life
  const patients = patientRecord(person, organisation)
  const [first] = patients
  const id = first?.resource.id ?? ''
  const subject = { reference: `Patient/${id}` }
  let isRegistered = false
  return {
    organisation,
    person,
    subject,
    id: (name) => `${person.key}-${name}`,
    put(moment, resource, closing) {
      // An organisation has a record of a person from its first entry on; a practice from the beginning.
      if (!isRegistered)
        for (const each of patients)
          registered.push({
            source: organisation.ods,
            resource: each.resource,
            known: life.start - 1,
            afterDeath: true,
          })
      isRegistered = true
      drafts.push({ source: organisation.ods, resource, known: moment, afterDeath: false, ...(closing && { closing }) })
    },
  }
}

const nameOf = ({ resource }: Draft): string => `${resource.resourceType}/${resource.id ?? ''}`

/** The record that entries are filed under, of somebody who was registered twice. */
const firstNameOf = (each: Draft): string => nameOf(each).replace(/-again$/, '')

/** All versions that may be written by the end, those of one resource in their order, closed at death. */
function versions(drafts: readonly Draft[], life: LivingLife): readonly Draft[] {
  const { death, until } = life
  const kept = drafts.filter(
    (each) => each.known <= until && (death === undefined || each.afterDeath || each.known < death),
  )
  if (death === undefined || death > until) return kept
  const last = new Map(kept.toSorted((a, b) => a.known - b.known).map((each) => [nameOf(each), each]))
  const closed = [...last.values()].flatMap((each): Draft[] =>
    each.closing === undefined
      ? []
      : [{ source: each.source, resource: each.closing(death), known: death + 1440, afterDeath: true }],
  )
  return [...kept, ...closed.filter((each) => each.known <= until)]
}

function lastVersions(drafts: readonly Draft[], life: LivingLife): readonly Written[] {
  const last = new Map<string, Draft>()
  const patients = new Set<string>()
  for (const each of versions(drafts, life)) {
    const name = nameOf(each)
    const before = last.get(name)
    if (before === undefined || before.known <= each.known) last.set(name, each)
    if (each.resource.resourceType !== 'Patient') patients.add(subjectOf(each))
  }
  return [...last.values()].filter(
    (each) => each.resource.resourceType !== 'Patient' || patients.has(firstNameOf(each)),
  )
}

function versionsSince(
  patients: readonly Draft[],
  drafts: readonly Draft[],
  life: LivingLife,
  after: Moment,
): readonly Written[] {
  const fresh = versions(drafts, life).filter((each) => each.known > after)
  const needed = new Set(fresh.map(subjectOf))
  const deceased = new Set(fresh.map(nameOf))
  // The Patient of an organisation that writes for the first time comes along; if it was there it is unchanged.
  const along = patients.filter((each) => needed.has(firstNameOf(each)) && !deceased.has(nameOf(each)))
  return [...along, ...fresh.toSorted((a, b) => a.known - b.known)]
}

/** `Patient/…` that something is about. */
function subjectOf({ resource }: Draft): string {
  if ('subject' in resource && resource.subject !== undefined && !Array.isArray(resource.subject))
    return 'reference' in resource.subject ? (resource.subject.reference ?? '') : ''
  if ('patient' in resource) return resource.patient?.reference ?? ''
  if (resource.resourceType === 'Task') return resource.for?.reference ?? ''
  if (resource.resourceType === 'Appointment') return resource.participant[0]?.actor?.reference ?? ''
  return ''
}
