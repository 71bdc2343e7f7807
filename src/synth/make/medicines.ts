import type { CodeableConcept, MedicationDispense, MedicationRequest, Reference } from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'
import type { Organisation } from '../ics/organisations.ts'
import type { Desk } from '../lives/life.ts'
import { isoMoment, type Moment } from '../london.ts'
import { organisationReference } from '../people/patient-record.ts'

const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition'

export interface Prescribed {
  readonly what: CodeableConcept
  readonly dose: string
  readonly when: Moment
  readonly repeat: boolean
  readonly days: number
  readonly quantity: number
  readonly by: Reference
  readonly reason?: Reference
  readonly to: Organisation
  readonly status: MedicationRequest['status']
}

/** A medicine prescribed once, or again and again. */
export const prescription = (desk: Desk, name: string, what: Prescribed): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  id: desk.id(name),
  meta: { profile: [`${ukCore}/UKCore-MedicationRequest`] },
  status: what.status,
  intent: 'order',
  category: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/medicationrequest-category',
          code: 'community',
          display: 'Community',
        },
      ],
    },
  ],
  medicationCodeableConcept: what.what,
  subject: desk.subject,
  authoredOn: isoMoment(what.when),
  requester: what.by,
  ...(what.reason === undefined ? {} : { reasonReference: [what.reason] }),
  courseOfTherapyType: {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy',
        code: what.repeat ? 'continuous' : 'acute',
      },
    ],
  },
  dosageInstruction: [{ text: what.dose }],
  substitution: { allowedBoolean: false },
  dispenseRequest: {
    quantity: { value: what.quantity },
    expectedSupplyDuration: { value: what.days, unit: 'days', system: systems.ucum, code: 'd' },
    performer: organisationReference(what.to),
  },
})

/** What a pharmacy handed out. */
export const dispense = (
  desk: Desk,
  name: string,
  what: {
    readonly what: CodeableConcept
    readonly when: Moment
    readonly quantity: number
    readonly days: number
    readonly request: string
  },
): MedicationDispense => ({
  resourceType: 'MedicationDispense',
  id: desk.id(name),
  status: 'completed',
  medicationCodeableConcept: what.what,
  subject: desk.subject,
  performer: [{ actor: organisationReference(desk.organisation) }],
  authorizingPrescription: [{ reference: `MedicationRequest/${what.request}` }],
  quantity: { value: what.quantity },
  daysSupply: { value: what.days, unit: 'days', system: systems.ucum, code: 'd' },
  whenHandedOver: isoMoment(what.when),
})
