import type {
  Appointment,
  CarePlan,
  CodeableConcept,
  Communication,
  Flag,
  Provenance,
  Reference,
  RelatedPerson,
  ServiceRequest,
  Task,
} from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'
import { codes } from './codes.ts'
import { at, by, day, type Feed, idOf, subject } from './feed.ts'
import type { Done } from './findings.ts'
import { placeReference } from './places.ts'

/** A plan with what is to be done, each in a sentence. */
export const plan = (
  feed: Feed,
  name: string,
  category: CodeableConcept,
  title: string,
  activities: readonly string[],
  done: Done,
): CarePlan => ({
  resourceType: 'CarePlan',
  id: idOf(feed, name),
  status: 'active',
  intent: 'plan',
  category: [category],
  title,
  subject: subject(feed),
  period: { start: day(feed, done.ago) },
  created: at(feed, done.ago, done.time ?? '12:00'),
  author: by(feed, done.by),
  activity: activities.map((description) => ({ detail: { status: 'in-progress', description } })),
})

/** Something everyone who meets the person must know. */
export const alert = (feed: Feed, name: string, category: string, code: CodeableConcept, done: Done): Flag => ({
  resourceType: 'Flag',
  id: idOf(feed, name),
  status: 'active',
  category: [{ text: category }],
  code,
  subject: subject(feed),
  period: { start: at(feed, done.ago, done.time ?? '12:00') },
  author: by(feed, done.by),
})

/** A change in how care is given that the law asks for (Equality Act 2010, section 20). */
export const adjustment = (feed: Feed, name: string, text: string, done: Done): Flag =>
  alert(feed, name, 'Reasonable adjustment', { ...codes.reasonableAdjustment, text }, done)

export const referral = (
  feed: Feed,
  name: string,
  what: string,
  reason: string,
  done: Done & { readonly urgent?: boolean; readonly to: Reference; readonly completed?: boolean },
): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  id: idOf(feed, name),
  status: done.completed === true ? 'completed' : 'active',
  intent: 'order',
  ...(done.urgent === true ? { priority: 'urgent' } : {}),
  code: { text: what },
  subject: subject(feed),
  authoredOn: at(feed, done.ago, done.time ?? '11:30'),
  requester: by(feed, done.by),
  performer: [done.to],
  reasonCode: [{ text: reason }],
})

/** Work someone must do, due in so many days. */
export const task = (feed: Feed, name: string, description: string, dueIn: number, done: Done): Task => ({
  resourceType: 'Task',
  id: idOf(feed, name),
  status: 'in-progress',
  intent: 'order',
  description,
  for: subject(feed),
  authoredOn: at(feed, done.ago, done.time ?? '12:10'),
  requester: placeReference(feed.place),
  owner: by(feed, done.by),
  restriction: { period: { end: day(feed, -dueIn) } },
})

/** An appointment in so many days. */
export const appointment = (
  feed: Feed,
  name: string,
  what: string,
  inDays: number,
  time: string,
  done: Done,
): Appointment => ({
  resourceType: 'Appointment',
  id: idOf(feed, name),
  status: 'booked',
  serviceType: [{ text: what }],
  description: what,
  start: at(feed, -inDays, time),
  end: at(feed, -inDays, Temporal.PlainTime.from(time).add({ minutes: 20 }).toString()),
  created: at(feed, done.ago, done.time ?? '12:20'),
  participant: [
    { actor: subject(feed), status: 'accepted' },
    { actor: by(feed, done.by), status: 'accepted' },
  ],
})

/** A message from one place about a person, in words. */
export const note = (feed: Feed, name: string, text: string, done: Done): Communication => ({
  resourceType: 'Communication',
  id: idOf(feed, name),
  status: 'completed',
  category: [
    { coding: [{ system: 'https://linchpin.example/CodeSystem/communication-category', code: 'note' }], text: 'Note' },
  ],
  subject: subject(feed),
  sent: at(feed, done.ago, done.time ?? '18:30'),
  sender: by(feed, done.by),
  payload: [{ contentString: text }],
})

/** A relative who helps, as the place knows them. */
export const relative = (
  feed: Feed,
  name: string,
  relationship: CodeableConcept,
  details: Pick<RelatedPerson, 'name' | 'telecom' | 'address' | 'gender'>,
): RelatedPerson => ({
  resourceType: 'RelatedPerson',
  id: idOf(feed, name),
  active: true,
  patient: subject(feed),
  relationship: [relationship],
  ...details,
})

const relationship = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: systems.roleCode, code, display }],
  text: display,
})

/** Kinds of relative, in HL7 v3 RoleCode. */
export const relationships = {
  daughter: relationship('DAUC', 'daughter'),
  mother: relationship('MTH', 'mother'),
  wife: relationship('WIFE', 'wife'),
} as const

/** Says who made an entry when that is not who sends it. */
export const provenance = (
  feed: Feed,
  name: string,
  target: Reference,
  author: Reference,
  done: Omit<Done, 'by'>,
): Provenance => ({
  resourceType: 'Provenance',
  id: idOf(feed, name),
  target: [target],
  recorded: at(feed, done.ago, done.time ?? '18:31'),
  agent: [
    {
      type: { coding: [{ system: systems.provenanceAgent, code: 'author' }] },
      who: author,
      onBehalfOf: placeReference(feed.place),
    },
  ],
})
