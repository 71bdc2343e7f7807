import type { FhirResource, Patient, Person } from 'fhir/r4.js'

/** Kind of place a source organisation is. Decides the "setting" filter of the timeline. */
export const settings = [
  'general-practice',
  'hospital',
  'community',
  'mental-health',
  'social-care',
  'care-home',
  'pharmacy',
  'ambulance',
  'person',
  'other',
] as const
export type Setting = (typeof settings)[number]

/** An organisation that has sent entries. `code` is its ODS code; empty when the source did not say who it is. */
export interface Source {
  readonly code: string
  readonly name: string
  readonly setting: Setting
  /** When its newest entry was received (RFC 3339). */
  readonly lastReceived?: string
  /** When its newest entry happened (RFC 3339). */
  readonly lastEvent?: string
}

/** One entry of a person's record, with everything a reader needs to judge it. */
export interface Entry {
  readonly type: string
  readonly id: string
  readonly version: number
  readonly source: Source
  /** Who made it, in words: "Dr Jane Lee", "Margaret Hill (daughter)". Empty when the source did not say. */
  readonly author: string
  /** Who added it when it was the person or a carer: shown as "Added by you" / "Added by your carer". */
  readonly assertedBy: 'professional' | 'person' | 'carer'
  /** When it happened (RFC 3339 instant; midnight Europe/London when only a day is known). Absent when not stated. */
  readonly eventTime?: string
  /** When Linchpin received it (RFC 3339 instant). */
  readonly receivedTime: string
  readonly resource: FhirResource
}

export interface EntryQuery {
  /** FHIR resource types; absent means all that a timeline shows. */
  readonly types?: readonly string[]
  /** ODS code of the source. */
  readonly source?: string
  readonly setting?: Setting
  /** Who wrote it: a key of `listAuthors`. */
  readonly author?: string
  /** First and last day (inclusive, Europe/London) of the event, `YYYY-MM-DD`. */
  readonly from?: string
  readonly to?: string
  readonly order?: 'newest' | 'oldest'
  /** At most 200; 50 when absent. */
  readonly limit?: number
  /** Opaque; from the page before. */
  readonly after?: string
}

/** A person as the index knows them: the golden Person, the Patients of each source, and those sources. */
export interface PersonRecord {
  readonly person: Person
  /** What each source holds, as it sent it. */
  readonly patients: readonly { readonly source: Source; readonly patient: Patient; readonly receivedTime: string }[]
  readonly sources: readonly Source[]
  /** Feed position this was read at: the page asks for changes after it. */
  readonly position: string
}

export interface PersonQuery {
  /** Ten digits, any spacing. */
  readonly nhsNumber?: string
  readonly family?: string
  readonly given?: string
  /** `YYYY-MM-DD`, `YYYY-MM` or `YYYY`. */
  readonly birthDate?: string
}

/** A row of a search for people. At most 50 come back, exact matches first. */
export interface FoundPerson {
  readonly person: Person
  readonly exact: boolean
  /** The number searched for is an old one of this person. */
  readonly superseded: boolean
  readonly sourceCount: number
}
