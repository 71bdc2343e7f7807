import type { Clock } from '../../base/clock.ts'
import { type Problem, problem } from '../../base/problem.ts'
import { commit } from './commit.ts'
import type { Connection, Database } from './database.ts'
import { type ReferencePolicy, strictReferences } from './integrity.ts'
import { nameOf, type Operation, type Outcome } from './operation.ts'

/** Commits that may run at once; while they do, writes gather and share the next one. */
const lanes = 2
const mostInOneCommit = 100
/** More than this waiting means the database cannot keep up: callers are told to come back. */
const mostWaiting = 10_000

/** What a transaction writes, and how its answer is made. */
export interface TransactionPlan<T> {
  readonly operations: readonly Operation[]
  /** Names that `later` is going to store. */
  readonly promised?: ReadonlySet<string>
  /** Puts the caller's place of an operation before the reason why it was refused. */
  readonly refusedAs?: (operation: Operation, refusal: Problem) => unknown
  /** What can only be made once the operations are written; its outcomes follow theirs. */
  readonly later?: (connection: Connection) => Promise<readonly Operation[]>
  /** Runs after the writes, still inside; what it returns is called after the commit: no answer speaks of less. */
  readonly finish: (connection: Connection, outcomes: readonly Outcome[]) => Promise<() => T>
}

interface Waiting {
  readonly operation: Operation
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

/** Takes single writes and commits them together: each caller is answered after the commit that holds its write. */
export class Writer {
  readonly #database: Database
  readonly #clock: Clock
  readonly #committed: () => void
  readonly #references: ReferencePolicy
  readonly #queue: Waiting[] = []
  #running = 0

  /** `committed` is told after each commit, so that the feed can follow at once. */
  constructor(database: Database, clock: Clock, committed: () => void, references = strictReferences) {
    this.#references = references
    this.#database = database
    this.#clock = clock
    this.#committed = committed
  }

  /** One write of its own; resolves after its commit. */
  write(operation: Operation): Promise<Outcome> {
    if (this.#queue.length >= mostWaiting)
      return Promise.reject(problem('too-many', 'Too many writes are waiting. Try again in a moment.'))
    return new Promise((resolve, reject) => {
      this.#queue.push({ operation, resolve, reject })
      this.#start()
    })
  }

  /** All or none, in one database transaction. */
  async transaction<T>(prepare: (connection: Connection) => Promise<TransactionPlan<T>>): Promise<T> {
    const answer = await this.#database.transaction(async (connection) => {
      const plan = await prepare(connection)
      const nowMs = this.#clock.now().epochMilliseconds
      const refusedAs = plan.refusedAs === undefined ? {} : { refusedAs: plan.refusedAs }
      const options = { atomic: true, copy: false, nowMs, references: this.#references, ...refusedAs }
      const promised = plan.promised === undefined ? {} : { promised: plan.promised }
      const outcomes = await commit(connection, plan.operations, { ...options, ...promised })
      const later = (await plan.later?.(connection)) ?? []
      const more = later.length === 0 ? [] : await commit(connection, later, options)
      return plan.finish(connection, [...outcomes, ...more])
    })
    this.#committed()
    return answer()
  }

  #start(): void {
    while (this.#running < lanes && this.#queue.length > 0) {
      const batch = this.#takeBatch()
      this.#running += 1
      void this.#commit(batch).finally(() => {
        this.#running -= 1
        this.#start()
      })
    }
  }

  /** The next writes in order; a resource that is in the batch already waits for the next one. */
  #takeBatch(): Waiting[] {
    const batch: Waiting[] = []
    const names = new Set<string>()
    const later: Waiting[] = []
    while (this.#queue.length > 0 && batch.length < mostInOneCommit) {
      const waiting = this.#queue.shift()
      if (waiting === undefined) break
      const name = nameOf(waiting.operation.type, waiting.operation.id)
      if (names.has(name)) later.push(waiting)
      else {
        names.add(name)
        batch.push(waiting)
      }
    }
    this.#queue.unshift(...later)
    return batch
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const operations = batch.map((waiting) => waiting.operation)
      const nowMs = this.#clock.now().epochMilliseconds
      const options = { atomic: false, copy: false, nowMs, references: this.#references }
      const outcomes = await this.#database.transaction((connection) => commit(connection, operations, options))
      outcomes.forEach((outcome, index) => batch[index]?.resolve(outcome))
      this.#committed()
    } catch (error) {
      // One bad write must not take the others with it: each gets its own try and its own error.
      if (batch.length > 1) for (const waiting of batch) await this.#commit([waiting])
      else batch[0]?.reject(error)
    }
  }
}
