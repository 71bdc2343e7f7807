import type { FhirResource } from 'fhir/r4.js'
import type { Context } from '../kernel/access/context.ts'
import type { RecordQuery, WrittenPage } from '../kernel/record/entries.ts'
import type { EntryAuthor } from '../kernel/record/entry-authors.ts'
import type { Review, ReviewDecision, ReviewPage, ReviewPlace } from '../kernel/record/review.ts'
import type { WrittenEntry } from '../kernel/record/written-entries.ts'
import type { Row } from '../kernel/store/database.ts'
import type { FoundPerson, PersonQuery, PersonRecord } from '../kernel/store/record.ts'
import type { ViewQuery } from '../kernel/views/query-views.ts'

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
  /** Who wrote what this actor may see: the choices for `RecordQuery.author`. */
  listAuthors(ctx: Context, personId: string): Promise<readonly EntryAuthor[]>
  /** Throws problem `not-found` when it is not an entry of this person that this actor may see. */
  readEntry(ctx: Context, personId: string, type: string, id: string): Promise<WrittenEntry>
  /** Author, source, subject and received time are the actor's and the clock's, whatever the draft says. */
  addEntry(ctx: Context, personId: string, draft: FhirResource): Promise<WrittenEntry>
  /** Role index-officer only. `decided` ones too when asked, newest decision first. */
  listReviews(ctx: Context, state: 'open' | 'decided'): Promise<ReviewPage>
  readReview(ctx: Context, id: string): Promise<Review>
  readReviewPlace(ctx: Context, id: string): Promise<ReviewPlace>
  decideReview(
    ctx: Context,
    id: string,
    decided: { readonly decision: ReviewDecision; readonly why: string },
  ): Promise<Review>
  undoDecision(ctx: Context, id: string): Promise<Review>
  /** Asks live views by SQL that the capability declares in its `views.ts`. */
  queryViews<Name extends string>(ctx: Context, query: ViewQuery<Name>): Promise<readonly Row[]>
}
