import type { Appointment, CodeableConcept, Encounter, Extension, Reference } from 'fhir/r4.js'
import type { Desk } from '../lives/life.ts'
import { isoMoment, type Moment } from '../london.ts'
import { organisationReference } from '../people/patient-record.ts'

const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition'
const ukCodes = 'https://fhir.hl7.org.uk/CodeSystem'
export const ownExtension = 'https://linchpin.example/fhir/StructureDefinition'

/** Kinds of contact by how they are classed in FHIR. */
const classes = {
  AMB: 'ambulatory',
  EMER: 'emergency',
  IMP: 'inpatient encounter',
  HH: 'home health',
  VR: 'virtual',
  FLD: 'field',
} as const
export type EncounterClass = keyof typeof classes

/** Referral-to-treatment status of an event (NHS Data Dictionary, REFERRAL TO TREATMENT PERIOD STATUS). */
export const rttStatuses = {
  '10': 'First activity',
  '11': 'First activity after active monitoring',
  '20': 'Subsequent activity',
  '30': 'First treatment',
  '31': 'Active monitoring started by the patient',
  '32': 'Active monitoring started by the professional',
  '33': 'Did not attend the first activity',
  '34': 'Decision not to treat',
  '35': 'Patient declined treatment',
  '36': 'Patient died',
  '90': 'After treatment',
  '91': 'During active monitoring',
} as const
export type RttStatus = keyof typeof rttStatuses

/** Extension of an event on a referral-to-treatment pathway. */
export const rttExtension = (status: RttStatus): Extension => ({
  url: `${ownExtension}/rtt-status`,
  valueCoding: {
    system: 'https://linchpin.example/fhir/CodeSystem/rtt-period-status',
    code: status,
    display: rttStatuses[status],
  },
})

/** A moment that has a name: arrival, handover, decision to admit, told of the diagnosis. */
export const namedMoment = (name: string, moment: Moment): Extension => ({
  url: `${ownExtension}/${name}`,
  valueDateTime: isoMoment(moment),
})

export interface Contact {
  readonly class: EncounterClass
  readonly from: Moment
  /** Absent while it goes on. */
  readonly to?: Moment
  readonly type?: CodeableConcept
  readonly reason?: CodeableConcept
  readonly by?: Reference
  readonly extension?: readonly Extension[]
  readonly hospitalization?: Encounter['hospitalization']
  readonly basedOn?: Reference
  readonly appointment?: Reference
  readonly location?: Encounter['location']
  readonly status?: Encounter['status']
}

/** A visit, call, attendance or stay. */
export const encounter = (desk: Desk, name: string, contact: Contact): Encounter => ({
  resourceType: 'Encounter',
  id: desk.id(name),
  meta: { profile: [`${ukCore}/UKCore-Encounter`] },
  ...(contact.extension === undefined || contact.extension.length === 0 ? {} : { extension: [...contact.extension] }),
  status: contact.status ?? (contact.to === undefined ? 'in-progress' : 'finished'),
  class: {
    system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
    code: contact.class,
    display: classes[contact.class],
  },
  ...(contact.type === undefined ? {} : { type: [contact.type] }),
  subject: desk.subject,
  ...(contact.basedOn === undefined ? {} : { basedOn: [contact.basedOn] }),
  ...(contact.by === undefined ? {} : { participant: [{ individual: contact.by }] }),
  ...(contact.appointment === undefined ? {} : { appointment: [contact.appointment] }),
  period: { start: isoMoment(contact.from), ...(contact.to === undefined ? {} : { end: isoMoment(contact.to) }) },
  ...(contact.reason === undefined ? {} : { reasonCode: [contact.reason] }),
  ...(contact.hospitalization === undefined ? {} : { hospitalization: contact.hospitalization }),
  ...(contact.location === undefined ? {} : { location: contact.location }),
  serviceProvider: organisationReference(desk.organisation),
})

const admissionMethods = {
  '11': 'Elective Admission: Waiting list',
  '21': 'Emergency Admission: Emergency Care Department or dental casualty department of the Health Care Provider',
  '82': 'Other Admission: The birth of a baby in this Health Care Provider',
  '31': 'Maternity Admission: Admitted ante partum',
} as const
export type AdmissionMethod = keyof typeof admissionMethods

/** How somebody was admitted, and where they went afterwards. */
export const stay = (
  method: AdmissionMethod,
  destination?: 'home' | 'care-home' | 'died',
): NonNullable<Encounter['hospitalization']> => ({
  extension: [
    {
      url: `${ukCore}/Extension-UKCore-AdmissionMethod`,
      valueCodeableConcept: {
        coding: [
          { system: `${ukCodes}/UKCore-AdmissionMethodEngland`, code: method, display: admissionMethods[method] },
        ],
      },
    },
  ],
  ...(destination === undefined ? {} : { dischargeDisposition: { coding: [destinations[destination]] } }),
})

const destinationSystem = `${ukCodes}/UKCore-DischargeDestinationEngland`
const destinations = {
  home: { system: destinationSystem, code: '19' },
  'care-home': { system: destinationSystem, code: '85' },
  died: { system: destinationSystem, code: '79' },
} as const

export interface Booking {
  readonly status: Appointment['status']
  readonly from: Moment
  readonly minutes: number
  readonly booked: Moment
  readonly what: CodeableConcept
  readonly with?: Reference
  readonly reason?: CodeableConcept
  readonly cancelled?: string
  readonly extension?: readonly Extension[]
  readonly basedOn?: Reference
}

/** An appointment in one of its states. */
const appointment = (desk: Desk, name: string, booking: Booking): Appointment => ({
  resourceType: 'Appointment',
  id: desk.id(name),
  ...(booking.extension === undefined || booking.extension.length === 0 ? {} : { extension: [...booking.extension] }),
  status: booking.status,
  ...(booking.cancelled === undefined ? {} : { cancelationReason: { text: booking.cancelled } }),
  serviceType: [booking.what],
  ...(booking.reason === undefined ? {} : { reasonCode: [booking.reason] }),
  start: isoMoment(booking.from),
  end: isoMoment(booking.from + booking.minutes),
  created: isoMoment(booking.booked),
  ...(booking.basedOn === undefined ? {} : { basedOn: [booking.basedOn] }),
  participant: [
    { actor: desk.subject, status: 'accepted' },
    ...(booking.with === undefined ? [] : [{ actor: booking.with, status: 'accepted' as const }]),
    {
      actor: { reference: `Location/${desk.organisation.id}-site`, display: desk.organisation.name },
      status: 'accepted',
    },
  ],
})

/** Writes an appointment as booked, and then what came of it; the dead keep none. */
export function keepAppointment(
  desk: Desk,
  name: string,
  booking: Omit<Booking, 'status'>,
  outcome: { readonly status: 'fulfilled' | 'noshow' | 'cancelled'; readonly known: Moment; readonly why?: string },
): void {
  const closed = (why: string) => appointment(desk, name, { ...booking, status: 'cancelled', cancelled: why })
  desk.put(booking.booked, appointment(desk, name, { ...booking, status: 'booked' }), () => closed('Patient died'))
  const { status, why } = outcome
  const last =
    status === 'cancelled' ? closed(why ?? 'Cancelled by the patient') : appointment(desk, name, { ...booking, status })
  desk.put(outcome.known, last)
}
