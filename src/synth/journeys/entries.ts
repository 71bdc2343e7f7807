import type {
  AllergyIntolerance,
  CodeableConcept,
  Condition,
  DocumentReference,
  Encounter,
  Immunization,
  MedicationDispense,
  MedicationRequest,
  MedicationStatement,
  Procedure,
} from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'
import { at, by, day, type Feed, idOf, subject } from './feed.ts'
import type { Done } from './findings.ts'
import { placeReference } from './places.ts'

const coded = (system: string, code: string): CodeableConcept => ({ coding: [{ system, code }] })

/** A problem; `ended` days ago when it is over. */
export const condition = (
  feed: Feed,
  name: string,
  code: CodeableConcept,
  done: Done & { readonly ended?: number; readonly note?: string },
): Condition => ({
  resourceType: 'Condition',
  id: idOf(feed, name),
  clinicalStatus: coded(systems.conditionClinical, done.ended === undefined ? 'active' : 'resolved'),
  verificationStatus: coded(systems.conditionVerification, 'confirmed'),
  code,
  subject: subject(feed),
  onsetDateTime: day(feed, done.ago),
  ...(done.ended === undefined ? {} : { abatementDateTime: day(feed, done.ended) }),
  recordedDate: at(feed, done.ago, done.time ?? '11:00'),
  recorder: by(feed, done.by),
  ...(done.note === undefined ? {} : { note: [{ text: done.note }] }),
})

/** An allergy, with the reaction in words; or "no known allergy" when there is none. */
export const allergy = (
  feed: Feed,
  name: string,
  code: CodeableConcept,
  done: Done & { readonly reaction?: string; readonly severe?: boolean },
): AllergyIntolerance => ({
  resourceType: 'AllergyIntolerance',
  id: idOf(feed, name),
  clinicalStatus: coded(systems.allergyClinical, 'active'),
  verificationStatus: coded(systems.allergyVerification, 'confirmed'),
  ...(done.severe === true ? { criticality: 'high' } : {}),
  code,
  patient: subject(feed),
  recordedDate: at(feed, done.ago, done.time ?? '11:00'),
  recorder: by(feed, done.by),
  ...(done.reaction === undefined
    ? {}
    : {
        reaction: [
          { manifestation: [{ text: done.reaction }], severity: done.severe === true ? 'severe' : 'moderate' },
        ],
      }),
})

/** A prescription; `stopped` says that it is over. */
export const prescription = (
  feed: Feed,
  name: string,
  medicine: CodeableConcept,
  dose: string,
  done: Done & { readonly stopped?: boolean; readonly reason?: CodeableConcept },
): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  id: idOf(feed, name),
  status: done.stopped === true ? 'stopped' : 'active',
  intent: 'order',
  medicationCodeableConcept: medicine,
  subject: subject(feed),
  authoredOn: at(feed, done.ago, done.time ?? '11:00'),
  requester: by(feed, done.by),
  ...(done.reason === undefined ? {} : { reasonCode: [done.reason] }),
  dosageInstruction: [{ text: dose }],
})

/** A medicine someone says is being taken. */
export const medicine = (
  feed: Feed,
  name: string,
  code: CodeableConcept,
  dose: string,
  done: Done,
): MedicationStatement => ({
  resourceType: 'MedicationStatement',
  id: idOf(feed, name),
  status: 'active',
  medicationCodeableConcept: code,
  subject: subject(feed),
  effectivePeriod: { start: day(feed, done.ago) },
  dateAsserted: at(feed, done.ago, done.time ?? '11:00'),
  informationSource: by(feed, done.by),
  dosage: [{ text: dose }],
})

/** A medicine handed over by a pharmacy. */
export const supply = (
  feed: Feed,
  name: string,
  code: CodeableConcept,
  dose: string,
  done: Done,
): MedicationDispense => ({
  resourceType: 'MedicationDispense',
  id: idOf(feed, name),
  status: 'completed',
  medicationCodeableConcept: code,
  subject: subject(feed),
  performer: [{ actor: by(feed, done.by) }],
  whenHandedOver: at(feed, done.ago, done.time ?? '16:10'),
  dosageInstruction: [{ text: dose }],
})

const encounterClasses = {
  clinic: 'AMB',
  emergency: 'EMER',
  home: 'HH',
  stay: 'IMP',
  phone: 'VR',
  community: 'FLD',
} as const

/** A contact; a stay lasts `days`. */
export const contact = (
  feed: Feed,
  name: string,
  kind: keyof typeof encounterClasses,
  title: string,
  reason: string,
  done: Done & { readonly days?: number },
): Encounter => ({
  resourceType: 'Encounter',
  id: idOf(feed, name),
  status: 'finished',
  class: { system: systems.actCode, code: encounterClasses[kind] },
  type: [{ text: title }],
  subject: subject(feed),
  participant: [{ individual: by(feed, done.by) }],
  period: {
    start: at(feed, done.ago, done.time ?? '10:00'),
    end: at(feed, done.ago - (done.days ?? 0), done.days === undefined ? laterThan(done.time ?? '10:00') : '14:00'),
  },
  reasonCode: [{ text: reason }],
  serviceProvider: placeReference(feed.place),
})

const laterThan = (time: string): string =>
  Temporal.PlainTime.from(time).add({ minutes: 20 }).toString({ smallestUnit: 'minute' })

export const vaccination = (feed: Feed, name: string, vaccine: CodeableConcept, done: Done): Immunization => ({
  resourceType: 'Immunization',
  id: idOf(feed, name),
  status: 'completed',
  vaccineCode: vaccine,
  patient: subject(feed),
  occurrenceDateTime: at(feed, done.ago, done.time ?? '09:45'),
  primarySource: true,
  performer: [{ actor: by(feed, done.by) }],
})

export const procedure = (feed: Feed, name: string, code: CodeableConcept, outcome: string, done: Done): Procedure => ({
  resourceType: 'Procedure',
  id: idOf(feed, name),
  status: 'completed',
  code,
  subject: subject(feed),
  performedDateTime: at(feed, done.ago, done.time ?? '13:00'),
  recorder: by(feed, done.by),
  performer: [{ actor: by(feed, done.by) }],
  outcome: { text: outcome },
})

/** A letter or form with its text inside. */
export const document = (
  feed: Feed,
  name: string,
  type: CodeableConcept,
  title: string,
  lines: readonly string[],
  done: Done,
): DocumentReference => ({
  resourceType: 'DocumentReference',
  id: idOf(feed, name),
  status: 'current',
  type,
  subject: subject(feed),
  date: at(feed, done.ago, done.time ?? '17:00'),
  author: [by(feed, done.by)],
  custodian: placeReference(feed.place),
  description: title,
  content: [
    {
      attachment: {
        contentType: 'text/plain; charset=utf-8',
        language: 'en-GB',
        title,
        data: Buffer.from(lines.join('\n\n'), 'utf8').toString('base64'),
      },
    },
  ],
})
