import { randomUUID } from 'node:crypto'
import type { Log } from '../../base/log.ts'
import { Problem, problem } from '../../base/problem.ts'
import type { Connection } from '../store/database.ts'
import type { Store } from '../store/store.ts'
import type { Job, JobKind } from './job.ts'
import { JobLost } from './queue.ts'

/** A job at work, as its handler sees it. */
export interface RunningJob {
  readonly job: Job
  readonly store: Store
  readonly log: Log
  /** Aborted when this process stops or the job is no longer its own: end between two steps. */
  readonly signal: AbortSignal
  readonly folder: string
  /** Keeps how far it is, in the same transaction as what was done. Throws when the job is no longer ours. */
  save(connection: Pick<Connection, 'query'>, checkpoint: unknown, progress: string): Promise<void>
}

/** Does the jobs of one kind, from the beginning or from a checkpoint. Answers the result. */
export type JobHandler = (running: RunningJob) => Promise<unknown>

/** What a job that ended badly tells. */
export interface JobFailure {
  readonly status: number
  readonly issues: Problem['issues']
}

export interface JobSettings {
  /** Jobs that one process works on at once. */
  readonly atOnce: number
  /** How long results and files are kept. */
  readonly keepMs: number
}

const idleMs = 2_000
const beatMs = 10_000
const sweepMs = 60_000

/** Takes jobs and does them, for as long as the process lives. */
export class JobRunner {
  readonly #store: Store
  readonly #log: Log
  readonly #handlers: Readonly<Record<JobKind, JobHandler>>
  readonly #settings: JobSettings
  readonly #holder = randomUUID()
  readonly #stopping = new AbortController()
  readonly #loops: Promise<void>[] = []
  readonly #wakes = new Set<() => void>()
  #stopListening: (() => void) | undefined
  #sweep: NodeJS.Timeout | undefined

  constructor(store: Store, log: Log, handlers: Readonly<Record<JobKind, JobHandler>>, settings: JobSettings) {
    this.#store = store
    this.#log = log
    this.#handlers = handlers
    this.#settings = settings
  }

  start(): void {
    this.#stopListening = this.#store.jobs.listen(() => this.#wake())
    for (let n = 0; n < this.#settings.atOnce; n += 1) this.#loops.push(this.#loop())
    this.#sweep = setInterval(() => {
      this.#store.jobs.removeExpired().catch((error: unknown) => this.#warn(error, 'Old jobs could not be removed'))
    }, sweepMs)
  }

  /** Gives unfinished jobs back at their checkpoints, for another process or the next start. */
  async stop(): Promise<void> {
    this.#stopListening?.()
    clearInterval(this.#sweep)
    this.#stopping.abort()
    this.#wake()
    await Promise.all(this.#loops)
  }

  #wake(): void {
    for (const wake of this.#wakes) wake()
  }

  async #loop(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const job = await this.#store.jobs.claim(this.#holder).catch((error: unknown) => {
        this.#warn(error, 'The next job could not be asked for')
        return undefined
      })
      if (job === undefined) await this.#pause()
      else await this.#work(job).catch((error: unknown) => this.#warn(error, 'A job was left to be taken up again'))
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#wakes.delete(done)
        resolve()
      }
      const timer = setTimeout(done, idleMs)
      this.#wakes.add(done)
      if (this.#stopping.signal.aborted) done()
    })
  }

  async #work(job: Job): Promise<void> {
    const { jobs } = this.#store
    const holding = { id: job.id, holder: this.#holder }
    if (job.state === 'failed') {
      const given = problem('fault', 'The job was begun again and again and got no further')
      return jobs.end(holding, 'failed', failureOf(given), this.#settings.keepMs)
    }
    const lost = new AbortController()
    const heart = setInterval(() => {
      // A beat that fails is no loss yet: the lease outlasts several.
      jobs.beat(job.id, this.#holder).then(
        (ours) => ours || lost.abort(),
        () => undefined,
      )
    }, beatMs)
    try {
      const running: RunningJob = {
        job,
        store: this.#store,
        log: this.#log,
        signal: AbortSignal.any([this.#stopping.signal, lost.signal]),
        folder: jobs.folder(job.id),
        save: (connection, checkpoint, progress) => jobs.save(connection, holding, { checkpoint, progress }),
      }
      const result = await this.#handlers[job.kind](running)
      await jobs.end(holding, 'done', result, this.#settings.keepMs)
    } catch (error) {
      await this.#ended(job, error)
    } finally {
      clearInterval(heart)
    }
  }

  /** A job whose database is away, or whose process stops, is left at its checkpoint; any other failure is its end. */
  async #ended(job: Job, error: unknown): Promise<void> {
    const { jobs } = this.#store
    if (this.#stopping.signal.aborted) return jobs.release(job.id, this.#holder)
    if (error instanceof JobLost) {
      if (!(await jobs.exists(job.id))) await jobs.clean(job.id)
      return
    }
    if (error instanceof Problem && error.kind === 'unavailable') throw error
    if (!(error instanceof Problem) || error.kind === 'fault') this.#warn(error, 'A job failed')
    await jobs.end({ id: job.id, holder: this.#holder }, 'failed', failureOf(error), this.#settings.keepMs)
  }

  #warn(error: unknown, message: string): void {
    if (!this.#stopping.signal.aborted)
      this.#log.warn({ error: error instanceof Error ? error.stack : 'unknown' }, message)
  }
}

function failureOf(error: unknown): JobFailure {
  const known = error instanceof Problem ? error : problem('fault', 'Something went wrong here. The job has ended.')
  return { status: known.status, issues: known.issues }
}

/** Ends a step of a job that may not go on. */
export function mustGoOn(signal: AbortSignal): void {
  if (signal.aborted) throw new JobLost()
}
