/** The only source of the current time, so that a test can choose it. */
export interface Clock {
  now(): Temporal.Instant
}

export const systemClock: Clock = { now: () => Temporal.Now.instant() }

/** A clock that stands still until it is moved. */
export class SettableClock implements Clock {
  #instant: Temporal.Instant

  constructor(instant: string) {
    this.#instant = Temporal.Instant.from(instant)
  }

  now(): Temporal.Instant {
    return this.#instant
  }

  advance(duration: Temporal.DurationLike): void {
    this.#instant = this.#instant.add(duration)
  }
}

/** Linchpin serves England: a date without a zone is a day in this one. */
export const londonZone = 'Europe/London'

/** For libraries that take nothing else. */
export const asDate = (epochMs: number): Date => new Date(epochMs)
