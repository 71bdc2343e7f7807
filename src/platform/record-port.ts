import type { FhirResource, Patient } from 'fhir/r4.js'
import type { Context } from '../kernel/access/context.ts'
import type { Entry, EntryQuery, FoundPerson, PersonQuery, PersonRecord, Source } from '../kernel/store/record.ts'

/** An entry with the text it is served as, so that a page shows `70.50` with the digits that were sent. */
export interface WrittenEntry extends Entry {
  /** The stored JSON, byte for byte. `resource` is the same, parsed. */
  readonly json: string
}

/** A question about one person's entries; the extra filters serve results over time. */
export interface RecordQuery extends EntryQuery {
  /** `system|code` of the entry's main code (Observation.code and the like). */
  readonly code?: string
}

/** A page of entries, newest first unless asked otherwise. */
export interface WrittenPage {
  readonly entries: readonly WrittenEntry[]
  /** All entries that match, on every page. */
  readonly total: number
  readonly next?: string
}

/** One of the two records in a review. */
export interface ReviewSide {
  readonly source: Source
  readonly patient: Patient
  readonly receivedTime: string
  /** Golden Person this Patient belongs to now; absent while it is kept apart in quarantine. */
  readonly person?: string
  readonly entryCount: number
  readonly firstEvent?: string
  readonly lastEvent?: string
  /** Allergies in words; an empty list means none recorded. */
  readonly allergies: readonly string[]
}

/** What an index officer may decide about two records. */
export const reviewDecisions = ['same', 'different', 'unsure'] as const
export type ReviewDecision = (typeof reviewDecisions)[number]

/** Two records that may be of one person and need a human's eyes. */
export interface Review {
  readonly id: string
  /** `conflict`: same NHS number, different birth date. It cannot be linked here. */
  readonly kind: 'possible-match' | 'conflict'
  readonly openedTime: string
  /** Same birth date, surname and address, other given name: could be twins. */
  readonly twinWarning: boolean
  readonly left: ReviewSide
  readonly right: ReviewSide
  readonly decided?: {
    readonly decision: ReviewDecision
    readonly why: string
    /** Name of whoever decided. */
    readonly by: string
    readonly time: string
  }
}

/** Open reviews, oldest first, and how many there are in all. */
export interface ReviewPage {
  readonly reviews: readonly Review[]
  readonly total: number
}

/**
 * All that pages ask of the store. Access is decided inside: what the actor may not see is not found, and every
 * call writes its audit row. `personId` is the id of the golden Person.
 */
export interface RecordStore {
  /** At most 50, exact matches first; for staff who may search. */
  findPeople(ctx: Context, query: PersonQuery): Promise<readonly FoundPerson[]>
  /** Throws problem `not-found` when there is no such person for this actor. */
  openPerson(ctx: Context, personId: string): Promise<PersonRecord>
  readEntries(ctx: Context, personId: string, query: RecordQuery): Promise<WrittenPage>
  /** Throws problem `not-found` when it is not an entry of this person that this actor may see. */
  readEntry(ctx: Context, personId: string, type: string, id: string): Promise<WrittenEntry>
  /** Author, source, subject and received time are the actor's and the clock's, whatever the draft says. */
  addEntry(ctx: Context, personId: string, draft: FhirResource): Promise<WrittenEntry>
  /** Role index-officer only. `decided` ones too when asked, newest decision first. */
  listReviews(ctx: Context, state: 'open' | 'decided'): Promise<ReviewPage>
  readReview(ctx: Context, id: string): Promise<Review>
  decideReview(
    ctx: Context,
    id: string,
    decided: { readonly decision: ReviewDecision; readonly why: string },
  ): Promise<Review>
  undoDecision(ctx: Context, id: string): Promise<Review>
}
