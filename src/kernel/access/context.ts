import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Store } from '../store/store.ts'
import type { Actor, Purpose } from './actor.ts'

/** What every handler is given: who asks, why, and the means to answer. */
export interface Context {
  readonly actor: Actor
  readonly purpose: Purpose
  /** Given back to the caller and written to the audit, so that one can be found from the other. */
  readonly requestId: string
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}
