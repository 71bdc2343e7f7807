import type { OpenReview } from '../store/operation.ts'

/** One resource that was not simply stored, and why. */
export interface Exception {
  readonly kind: 'refused' | 'quarantined' | 'review'
  readonly file: string
  readonly place: string
  readonly why: string
}

/** A resource whose content was current once and has been replaced: perhaps old news, perhaps a change back. */
export interface Deferred {
  readonly name: string
  readonly file: string
  readonly place: string
  readonly text: string
}

/** What a worker tells of its work; plain, so that it can be sent between threads. */
export interface AccountData {
  readonly found: number
  readonly stored: number
  readonly unchanged: number
  readonly refused: number
  readonly quarantined: number
  readonly reviews: number
  readonly waiting: number
  readonly exceptions: readonly Exception[]
  readonly missing: readonly string[]
  readonly deferred: readonly Deferred[]
  /** Names of resources that have older versions and came as they stand now. */
  readonly confirmed: readonly string[]
}

/** Exceptions and missing names are listed up to here; the counts are always whole. */
const mostListed = 10_000

/** Accounts for every resource of an import: nothing disappears. */
export class Account {
  found = 0
  stored = 0
  unchanged = 0
  refused = 0
  quarantined = 0
  reviews = 0
  waiting = 0
  readonly exceptions: Exception[] = []
  readonly deferred: Deferred[] = []
  readonly confirmed: string[] = []
  readonly #missing = new Set<string>()

  refuse(file: string, place: string, why: string): void {
    this.refused += 1
    this.#list({ kind: 'refused', file, place, why })
  }

  /** Something that should have been a resource and could not even be read. */
  missOut(file: string, place: string, why: string): void {
    this.found += 1
    this.refuse(file, place, why)
  }

  /** A Patient that is stored apart until a human has looked. */
  review(file: string, place: string, name: string, review: OpenReview): void {
    const kind = review.kind === 'conflict' ? 'quarantined' : 'review'
    if (kind === 'quarantined') this.quarantined += 1
    else this.reviews += 1
    this.#list({ kind, file, place: `${place} (${name})`, why: review.because })
  }

  noteMissing(name: string): void {
    if (this.#missing.size < mostListed) this.#missing.add(name)
  }

  get missing(): readonly string[] {
    return [...this.#missing]
  }

  /** Adds what another account counted. */
  add(other: AccountData): void {
    this.found += other.found
    this.stored += other.stored
    this.unchanged += other.unchanged
    this.refused += other.refused
    this.quarantined += other.quarantined
    this.reviews += other.reviews
    this.waiting += other.waiting
    for (const exception of other.exceptions) this.#list(exception)
    for (const name of other.missing) this.noteMissing(name)
    this.deferred.push(...other.deferred)
    this.confirmed.push(...other.confirmed)
  }

  /** What was counted since the last take; counting starts again. */
  take(): AccountData {
    const { found, stored, unchanged, refused, quarantined, reviews, waiting } = this
    const counts = { found, stored, unchanged, refused, quarantined, reviews, waiting }
    const lists = { exceptions: [...this.exceptions], deferred: [...this.deferred], confirmed: [...this.confirmed] }
    const data = { ...counts, ...lists, missing: this.missing }
    this.found = this.stored = this.unchanged = this.refused = this.quarantined = this.reviews = this.waiting = 0
    this.exceptions.length = 0
    this.deferred.length = 0
    this.confirmed.length = 0
    this.#missing.clear()
    return data
  }

  #list(exception: Exception): void {
    if (this.exceptions.length < mostListed) this.exceptions.push(exception)
  }
}
