import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Actor } from '../access/actor.ts'
import type { Context } from '../access/context.ts'
import { text } from '../store/current.ts'
import type { Connection, Database } from '../store/database.ts'
import { type Job, type JobKind, jobOf } from './job.ts'
import { dropList } from './list-table.ts'

/** A job is taken over when its holder has not said for so long that it lives. */
const leaseMs = 30_000
/** Jobs that one client may have waiting or under way: more would be a flood. */
const mostUnfinished = 50
/** Times a job may be begun again without getting any further. */
const mostAttempts = 5

/** Ends the work on a job that was cancelled, or that another process has taken over. */
export class JobLost extends Error {}

const columns = sql`id, kind, actor, purpose, request_id, request, body, state, progress, checkpoint, result,
  (extract(epoch from created) * 1000)::float8 as created_ms, (extract(epoch from coalesce(expires, created)) * 1000)::float8 as expires_ms`

/** The jobs of a database: asked for here, done by whichever process takes them. */
export class JobQueue {
  readonly #database: Database
  readonly #clock: Clock
  readonly #home: string | undefined
  readonly #listeners = new Set<() => void>()

  /** `home` is the folder that all processes on this database share; without it no job can write files. */
  constructor(database: Database, clock: Clock, home: string | undefined) {
    this.#database = database
    this.#clock = clock
    this.#home = home
  }

  /** Calls back when a job was asked for in this process. Answers how to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Folder of a job's files. */
  folder(id: string): string {
    if (this.#home === undefined) throw problem('unavailable', 'This process keeps no files')
    return joinPath(this.#home, 'jobs', id)
  }

  /** Asks for a job and answers its id; kept before anyone is told of it. */
  async enqueue(
    ctx: Pick<Context, 'actor' | 'purpose' | 'requestId'>,
    asked: { readonly kind: JobKind; readonly request: unknown; readonly body?: string },
  ): Promise<string> {
    const id = randomUUID()
    const now = this.#now()
    const { kind: actorKind, id: actorId } = ctx.actor
    const rows = await this.#database.read(
      sql`insert into job (id, kind, actor, purpose, request_id, request, body, state, attempts, created, progress)
          select ${id}, ${asked.kind}, ${JSON.stringify(ctx.actor)}::jsonb, ${ctx.purpose}, ${ctx.requestId},
            ${JSON.stringify(asked.request)}::jsonb, ${asked.body ?? ''}, 'queued', 0, ${now}::timestamptz, 'waiting to begin'
          where (select count(*) from job where state in ('queued', 'running') and actor->>'kind' = ${actorKind} and actor->>'id' = ${actorId})
            < ${mostUnfinished}::int4
          returning id`,
      'job_enqueue',
    )
    if (rows.length === 0)
      throw problem(
        'too-many',
        `You have ${mostUnfinished} jobs waiting or under way. Wait for one to end, or delete it.`,
      )
    for (const listener of this.#listeners) listener()
    return id
  }

  /** A job of this actor; whoever else asks hears that there is none. */
  async find(id: string, actor: Actor): Promise<Job> {
    const rows = await this.#database.read(
      sql`select ${columns} from job where id = ${id} and actor->>'kind' = ${actor.kind} and actor->>'id' = ${actor.id}`,
      'job_find',
    )
    if (rows[0] === undefined) throw problem('not-found', 'There is no such job')
    return jobOf(rows[0])
  }

  /** Ends a job of this actor and removes all that it made. A process at work on it notices at its next step. */
  async remove(id: string, actor: Actor): Promise<void> {
    await this.find(id, actor)
    await this.#forget(id)
  }

  /** Removes jobs whose time is over. */
  async removeExpired(): Promise<void> {
    const rows = await this.#database.read(
      sql`select id from job where state in ('done', 'failed') and expires < ${this.#now()}::timestamptz`,
    )
    for (const row of rows) await this.#forget(text(row, 'id'))
  }

  /** Removes what a job made that is there no more. */
  async clean(id: string): Promise<void> {
    await dropList(this.#database, id)
    if (this.#home !== undefined) await rm(this.folder(id), { recursive: true, force: true })
  }

  /** Takes a job that waits, or whose holder has died. */
  async claim(holder: string): Promise<Job | undefined> {
    const rows = await this.#database.read(
      sql`update job set state = case when attempts >= ${mostAttempts}::int4 then 'failed' else 'running' end,
            holder = ${holder}, lease = ${this.#later(leaseMs)}::timestamptz, attempts = attempts + 1
          where id = (select id from job where state in ('queued', 'running') and (lease is null or lease < ${this.#now()}::timestamptz)
            order by created limit 1 for update skip locked)
          returning ${columns}`,
      'job_claim',
    )
    return rows[0] === undefined ? undefined : jobOf(rows[0])
  }

  /** Says that the holder lives. False when the job is no longer its own. */
  async beat(id: string, holder: string): Promise<boolean> {
    const rows = await this.#database.read(
      sql`update job set lease = ${this.#later(leaseMs)}::timestamptz where id = ${id} and holder = ${holder} and state = 'running' returning id`,
      'job_beat',
    )
    return rows.length > 0
  }

  /** Gives a job back unfinished, for another process to go on at once. */
  async release(id: string, holder: string): Promise<void> {
    await this.#database.read(
      sql`update job set lease = null, holder = null, attempts = greatest(attempts - 1, 0) where id = ${id} and holder = ${holder} and state = 'running'`,
    )
  }

  /** Keeps how far a job is, in the caller's transaction: with it, what was done and where to go on are one. */
  async save(
    connection: Pick<Connection, 'query'>,
    job: { readonly id: string; readonly holder: string },
    at: { readonly checkpoint: unknown; readonly progress: string },
  ): Promise<void> {
    const rows = await connection.query(
      sql`update job set checkpoint = ${JSON.stringify(at.checkpoint)}::jsonb, progress = ${at.progress}, attempts = 0,
            lease = ${this.#later(leaseMs)}::timestamptz
          where id = ${job.id} and holder = ${job.holder} and state = 'running' returning id`,
      'job_save',
    )
    if (rows.length === 0) throw new JobLost()
  }

  /** Ends a job: its result and files are kept for `keepMs`. */
  async end(
    job: { readonly id: string; readonly holder: string },
    state: 'done' | 'failed',
    result: unknown,
    keepMs: number,
  ): Promise<void> {
    const now = this.#now()
    const rows = await this.#database.read(
      sql`update job set state = ${state}, result = ${JSON.stringify(result)}::jsonb, ended = ${now}::timestamptz,
            expires = ${this.#later(keepMs)}::timestamptz, holder = null, lease = null, body = ''
          where id = ${job.id} and holder = ${job.holder} returning id`,
      'job_end',
    )
    if (rows.length === 0) throw new JobLost()
  }

  /** Whether a job is still there, whoever holds it. */
  async exists(id: string): Promise<boolean> {
    return (await this.#database.read(sql`select 1 from job where id = ${id}`, 'job_exists')).length > 0
  }

  async #forget(id: string): Promise<void> {
    await this.#database.read(sql`delete from job where id = ${id}`)
    await this.clean(id)
  }

  readonly #now = (): string => this.#clock.now().toString()
  readonly #later = (ms: number): string => this.#clock.now().add({ milliseconds: ms }).toString()
}
