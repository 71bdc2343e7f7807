import type { CodeableConcept, Device, Immunization, Procedure, Reference, ServiceRequest } from 'fhir/r4.js'
import { inWords } from '../codes.ts'
import type { Organisation } from '../ics/organisations.ts'
import { specialtySystem } from '../ics/register.ts'
import type { Desk } from '../lives/life.ts'
import { type Day, isoDay, isoMoment, type Moment } from '../london.ts'
import { organisationReference } from '../people/patient-record.ts'
import { ownExtension } from './encounters.ts'

const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition'

export interface Referred {
  readonly what: CodeableConcept
  readonly when: Moment
  readonly status: ServiceRequest['status']
  readonly priority: 'routine' | 'urgent' | 'asap'
  readonly by?: Reference
  readonly to: Organisation
  readonly specialty?: readonly [code: string, name: string]
  readonly reason?: CodeableConcept
  readonly identifier?: ServiceRequest['identifier']
  readonly extension?: ServiceRequest['extension']
  /** Another way of sorting it, in words. */
  readonly category?: string
}

function categories(what: Referred): Pick<ServiceRequest, 'category'> {
  const found = [
    ...(what.specialty === undefined
      ? []
      : [
          {
            coding: [{ system: specialtySystem, code: what.specialty[0], display: what.specialty[1] }],
            text: what.specialty[1],
          },
        ]),
    ...(what.category === undefined ? [] : [inWords(what.category)]),
  ]
  return found.length === 0 ? {} : { category: found }
}

/** A referral, or the order of a test. */
export const request = (desk: Desk, name: string, what: Referred): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  id: desk.id(name),
  ...(what.extension === undefined ? {} : { extension: what.extension }),
  ...(what.identifier === undefined ? {} : { identifier: what.identifier }),
  status: what.status,
  intent: 'order',
  ...categories(what),
  priority: what.priority,
  code: what.what,
  subject: desk.subject,
  authoredOn: isoMoment(what.when),
  ...(what.by === undefined ? {} : { requester: what.by }),
  performer: [organisationReference(what.to)],
  ...(what.reason === undefined ? {} : { reasonCode: [what.reason] }),
})

/** Something done to somebody. */
export const procedure = (
  desk: Desk,
  name: string,
  what: {
    readonly code: CodeableConcept
    readonly from: Moment
    readonly to: Moment
    readonly by?: Reference
    readonly encounter?: Reference
    readonly basedOn?: Reference
    readonly device?: Reference
    readonly side?: string
  },
): Procedure => ({
  resourceType: 'Procedure',
  id: desk.id(name),
  ...(what.basedOn === undefined ? {} : { basedOn: [what.basedOn] }),
  status: 'completed',
  code: what.code,
  subject: desk.subject,
  ...(what.encounter === undefined ? {} : { encounter: what.encounter }),
  performedPeriod: { start: isoMoment(what.from), end: isoMoment(what.to) },
  ...(what.by === undefined ? {} : { performer: [{ actor: what.by }] }),
  ...(what.side === undefined ? {} : { bodySite: [inWords(what.side)] }),
  ...(what.device === undefined ? {} : { focalDevice: [{ manipulated: what.device }] }),
})

/** A thing that stays in the body, with its unique device identifier. */
export const implant = (
  desk: Desk,
  name: string,
  what: {
    readonly kind: string
    readonly maker: string
    readonly model: string
    readonly gtin: string
    readonly lot: string
    readonly serial: string
    readonly expires: Day
    readonly scanned: boolean
  },
): Device => ({
  resourceType: 'Device',
  id: desk.id(name),
  udiCarrier: [
    {
      deviceIdentifier: what.gtin,
      issuer: 'http://hl7.org/fhir/NamingSystem/gs1-di',
      carrierHRF: `(01)${what.gtin}(17)${isoDay(what.expires).slice(2).replaceAll('-', '')}(10)${what.lot}(21)${what.serial}`,
      entryType: what.scanned ? 'barcode' : 'manual',
    },
  ],
  status: 'active',
  manufacturer: what.maker,
  expirationDate: isoDay(what.expires),
  lotNumber: what.lot,
  serialNumber: what.serial,
  deviceName: [{ name: what.model, type: 'model-name' }],
  type: inWords(what.kind),
  patient: desk.subject,
})

/** A vaccine given, or refused. */
export const immunisation = (
  desk: Desk,
  name: string,
  what: {
    readonly vaccine: CodeableConcept
    readonly procedure?: CodeableConcept
    readonly when: Moment
    readonly dose?: number
    readonly by?: Reference
    readonly declined?: boolean
    readonly lot?: string
  },
): Immunization => ({
  resourceType: 'Immunization',
  id: desk.id(name),
  meta: { profile: [`${ukCore}/UKCore-Immunization`] },
  ...(what.procedure === undefined
    ? {}
    : {
        extension: [{ url: `${ukCore}/Extension-UKCore-VaccinationProcedure`, valueCodeableConcept: what.procedure }],
      }),
  status: what.declined === true ? 'not-done' : 'completed',
  ...(what.declined === true
    ? {
        statusReason: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
              code: 'PATOBJ',
              display: 'patient objection',
            },
          ],
        },
      }
    : {}),
  vaccineCode: what.vaccine,
  patient: desk.subject,
  occurrenceDateTime: isoMoment(what.when),
  primarySource: true,
  ...(what.lot === undefined ? {} : { lotNumber: what.lot }),
  ...(what.by === undefined ? {} : { performer: [{ actor: what.by }] }),
  ...(what.dose === undefined ? {} : { protocolApplied: [{ doseNumberPositiveInt: what.dose }] }),
})

/** Extension that holds a pathway's identifier, so that events of one pathway are found. */
export const pathwayOf = (id: string) => ({
  url: `${ownExtension}/pathway`,
  valueReference: { reference: `ServiceRequest/${id}` },
})
