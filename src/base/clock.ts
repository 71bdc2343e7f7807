/** The only source of the current time, so that a test can choose it. */
export interface Clock {
  now(): Temporal.Instant
}

export const systemClock: Clock = { now: () => Temporal.Now.instant() }

/** Linchpin serves England: a date without a zone is a day in this one. */
export const londonZone = 'Europe/London'

/** For libraries that take nothing else. */
export const asDate = (epochMs: number): Date => new Date(epochMs)
