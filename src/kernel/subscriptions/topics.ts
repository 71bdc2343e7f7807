/** When a topic speaks: of which types, after which changes, and what must hold of the version before and the new one. */
export interface Trigger {
  /** Every type unless given. */
  readonly types?: readonly string[]
  readonly changes: readonly ('create' | 'update' | 'delete')[]
  /** Searches of the type; without one nothing is asked of that version. */
  readonly previous?: string
  readonly current?: string
  /** Both must hold, not one of them. */
  readonly both: boolean
  /** Whether `previous` holds of a resource that is new, and `current` of one that is deleted. */
  readonly whenCreated: boolean
  readonly whenDeleted: boolean
}

/** Something that subscribers can be told of (FHIR R5 SubscriptionTopic, as the R4 backport uses it). */
export interface Topic {
  readonly url: string
  readonly title: string
  readonly description: string
  readonly triggers: readonly Trigger[]
}

const base = 'https://linchpin.example/fhir/SubscriptionTopic/'

/** A change into a state: it holds now, and did not before. */
const becomes = (type: string, now: string, before: string): Trigger => ({
  types: [type],
  changes: ['create', 'update'],
  previous: before,
  current: now,
  both: true,
  whenCreated: true,
  whenDeleted: false,
})

/** The topics that every Linchpin has. Values are codes of FHIR R4's own value sets. */
export const builtInTopics: readonly Topic[] = [
  {
    url: `${base}resource-changed`,
    title: 'Resource changed',
    description: 'A resource was created, updated or deleted. Filters say of which types and which ones.',
    triggers: [{ changes: ['create', 'update', 'delete'], both: false, whenCreated: true, whenDeleted: true }],
  },
  {
    url: `${base}encounter-start`,
    title: 'Encounter started',
    description: 'An Encounter is in progress and was not before.',
    triggers: [becomes('Encounter', 'status=in-progress', 'status:not=in-progress')],
  },
  {
    url: `${base}encounter-end`,
    title: 'Encounter ended',
    description: 'An Encounter is finished and was not before.',
    triggers: [becomes('Encounter', 'status=finished', 'status:not=finished')],
  },
  {
    url: `${base}result-available`,
    title: 'Result available',
    description: 'A DiagnosticReport is final, amended, corrected or appended, or such a report has changed.',
    triggers: [
      {
        types: ['DiagnosticReport'],
        changes: ['create', 'update'],
        current: 'status=final,amended,corrected,appended',
        both: false,
        whenCreated: true,
        whenDeleted: false,
      },
    ],
  },
  {
    url: `${base}document-added`,
    title: 'Document added',
    description: 'A DocumentReference is current and was not before.',
    triggers: [becomes('DocumentReference', 'status=current', 'status:not=current')],
  },
  {
    url: `${base}referral-sent`,
    title: 'Referral sent',
    description: 'A ServiceRequest is active and was not before.',
    triggers: [becomes('ServiceRequest', 'status=active', 'status:not=active')],
  },
  {
    url: `${base}appointment-changed`,
    title: 'Appointment made, changed or cancelled',
    description: 'An Appointment was created, updated or deleted.',
    triggers: [
      {
        types: ['Appointment'],
        changes: ['create', 'update', 'delete'],
        both: false,
        whenCreated: true,
        whenDeleted: true,
      },
    ],
  },
]
