import type { Patient } from 'fhir/r4.js'
import type { Source } from '../store/record.ts'

/** One of the two records in a review. */
export interface ReviewSide {
  readonly source: Source
  readonly patient: Patient
  readonly receivedTime: string
  /** Golden Person this Patient belongs to now. */
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

/** Where an open review stands among those that wait, and which is next. */
export interface ReviewPlace {
  /** From 1; absent when it does not wait. */
  readonly place?: number
  readonly total: number
  /** The next that waits; after the last, the first. */
  readonly next?: string
}

/** Open reviews, oldest first, and how many there are in all. */
export interface ReviewPage {
  readonly reviews: readonly Review[]
  readonly total: number
}
