import { problem } from '../../../base/problem.ts'

/** The R4 code system of example message events. */
export const eventSystem = 'http://terminology.hl7.org/CodeSystem/message-events'

/** What a message of one event asks for. */
export interface MessageEvent {
  readonly code: string
  readonly display: string
  /** How it is carried out, for whoever reads the CapabilityStatement. */
  readonly mapping: string
  /** Types that the focus of the message may have. */
  readonly focus: readonly string[]
  /** `store`: what the message holds is stored as one transaction; `link`: its two Patients are of one person. */
  readonly does: 'store' | 'link'
  /** Refuses a focus that does not say what the event says. */
  readonly check?: (focus: Readonly<Record<string, unknown>>) => void
}

const stored =
  'Every resource of the message is stored, all or none: under its id where it has one, else under a new one'

const status =
  (...allowed: readonly string[]) =>
  (focus: Readonly<Record<string, unknown>>): void => {
    if (!allowed.includes(String(focus['status'])))
      throw problem('rule', `The focus of this event has status ${allowed.join(' or ')}`, {
        expression: 'MessageHeader.focus',
      })
  }

const administration = (code: string, display: string, check?: MessageEvent['check']): MessageEvent => ({
  code: `MedicationAdministration-${code}`,
  display,
  mapping: stored,
  focus: ['MedicationAdministration'],
  does: 'store',
  ...(check === undefined ? {} : { check }),
})

/** Events that can be carried out as they are meant. Any other is answered with a fatal error. */
export const events: readonly MessageEvent[] = [
  {
    code: 'observation-provide',
    display: 'observation-provide',
    mapping: stored,
    focus: ['Observation'],
    does: 'store',
  },
  {
    code: 'diagnosticreport-provide',
    display: 'diagnosticreport-provide',
    mapping: stored,
    focus: ['DiagnosticReport'],
    does: 'store',
  },
  {
    code: 'admin-notify',
    display: 'admin-notify',
    mapping: stored,
    focus: [
      'Patient',
      'Practitioner',
      'PractitionerRole',
      'Organization',
      'Location',
      'HealthcareService',
      'Endpoint',
      'Device',
    ],
    does: 'store',
  },
  administration('Complete', 'MedicationAdministration-Complete', status('completed', 'stopped', 'not-done')),
  administration('Nullification', 'MedicationAdministration-Nullification', status('entered-in-error')),
  administration('Recording', 'MedicationAdministration-Recording'),
  administration('Update', 'MedicationAdministration-Update'),
  {
    code: 'patient-link',
    display: 'patient-link',
    mapping: 'The two Patients in focus become of one person, as by $merge: the first joins the second',
    focus: ['Patient'],
    does: 'link',
  },
]

/** The element of the CapabilityStatement that says which messages are taken in. */
export const messagingCapability = (base: string): object => ({
  endpoint: [
    {
      protocol: { system: 'http://terminology.hl7.org/CodeSystem/message-transport', code: 'http' },
      address: `${base}/$process-message`,
    },
  ],
  documentation: events.map(({ code, mapping }) => `${code}: ${mapping}.`).join('\n'),
  supportedMessage: events.map(({ code }) => ({
    mode: 'receiver',
    definition: `https://linchpin.example/fhir/MessageDefinition/${code}`,
  })),
})
