import type { CarePlan, CodeableConcept, DocumentReference, Flag, Reference, Task } from 'fhir/r4.js'
import { inWords } from '../codes.ts'
import type { Desk } from '../lives/life.ts'
import { type Day, isoDay, isoMoment, type Moment } from '../london.ts'
import { organisationReference } from '../people/patient-record.ts'

/** A plan with what is to be done, each in a sentence. */
export const carePlan = (
  desk: Desk,
  name: string,
  what: {
    readonly kind: CodeableConcept
    readonly title: string
    readonly from: Day
    readonly to?: Day
    readonly activities: readonly string[]
    readonly by?: Reference
    readonly status?: CarePlan['status']
  },
): CarePlan => ({
  resourceType: 'CarePlan',
  id: desk.id(name),
  status: what.status ?? 'active',
  intent: 'plan',
  category: [what.kind],
  title: what.title,
  subject: desk.subject,
  period: { start: isoDay(what.from), ...(what.to === undefined ? {} : { end: isoDay(what.to) }) },
  ...(what.by === undefined ? {} : { author: what.by }),
  activity: what.activities.map((description) => ({ detail: { status: 'in-progress', description } })),
})

/** Something everyone who meets the person must know. */
export const flag = (
  desk: Desk,
  name: string,
  category: string,
  code: CodeableConcept,
  from: Day,
  text: string,
): Flag => ({
  resourceType: 'Flag',
  id: desk.id(name),
  status: 'active',
  category: [inWords(category)],
  code: { ...code, text },
  subject: desk.subject,
  period: { start: isoDay(from) },
})

/** Work for somebody: to be done, or done. */
export const task = (
  desk: Desk,
  name: string,
  what: {
    readonly what: string
    readonly status: Task['status']
    readonly from: Moment
    readonly to?: Moment
    readonly owner?: Reference
    readonly focus?: Reference
    readonly business?: string
    readonly extension?: Task['extension']
    readonly priority?: Task['priority']
  },
): Task => ({
  resourceType: 'Task',
  id: desk.id(name),
  ...(what.extension === undefined ? {} : { extension: what.extension }),
  status: what.status,
  ...(what.business === undefined ? {} : { businessStatus: inWords(what.business) }),
  intent: 'order',
  ...(what.priority === undefined ? {} : { priority: what.priority }),
  code: inWords(what.what),
  ...(what.focus === undefined ? {} : { focus: what.focus }),
  for: desk.subject,
  authoredOn: isoMoment(what.from),
  lastModified: isoMoment(what.to ?? what.from),
  ...(what.owner === undefined ? {} : { owner: what.owner }),
})

/** A letter or summary in plain text. */
export const letter = (
  desk: Desk,
  name: string,
  kind: CodeableConcept,
  title: string,
  when: Moment,
  text: string,
): DocumentReference => ({
  resourceType: 'DocumentReference',
  id: desk.id(name),
  status: 'current',
  type: kind,
  subject: desk.subject,
  date: isoMoment(when),
  author: [organisationReference(desk.organisation)],
  description: title,
  content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(text).toString('base64'), title } }],
})
