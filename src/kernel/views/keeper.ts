import type pg from 'pg'
import { Problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Feed } from '../feed/feed.ts'
import { type Builder, buildView } from './build.ts'
import { type LiveView, readLiveViews } from './live-views.ts'
import { changeViews, type DeclaredView, dropRetired, reconcileViews } from './registry.ts'

/** Session lock that elects the one process that builds views. */
const keeperLock = 7004
const idleMs = 5_000

/** Keeps the tables of live views in step with their definitions: one process of all on a database does it. */
export class ViewKeeper {
  readonly #builder: Builder
  readonly #declared: readonly DeclaredView[]
  readonly #feed: Feed | undefined
  #closing = false
  #loop: Promise<void> | undefined
  #wake: (() => void) | undefined
  #dirty = true

  constructor(builder: Builder, declared: readonly DeclaredView[], feed?: Feed) {
    this.#builder = builder
    this.#declared = declared
    this.#feed = feed
  }

  start(): void {
    this.#loop ??= this.#follow()
  }

  async stop(): Promise<void> {
    this.#closing = true
    this.#wake?.()
    await this.#loop
  }

  /** Elected for as long as the connection lasts; a process that dies frees the lock with it. */
  async #follow(): Promise<void> {
    const stopListening = this.#feed?.listen((events) => {
      if (!events.some(({ type }) => type === 'ViewDefinition')) return
      this.#dirty = true
      this.#wake?.()
    })
    let client: pg.Client | undefined
    while (!this.#closing) {
      try {
        client ??= await this.#connect()
        if (await elected(client)) await this.#work()
      } catch (error) {
        this.#builder.log.warn(
          { error: error instanceof Error ? error.message : 'unknown' },
          'A view could not be built yet',
        )
        await client?.end().catch(() => undefined)
        client = undefined
      }
      await this.#pause()
    }
    stopListening?.()
    await client?.end().catch(() => undefined)
  }

  async #connect(): Promise<pg.Client> {
    const client = await this.#builder.database.dedicated()
    client.on('error', () => undefined)
    return client
  }

  async #work(): Promise<void> {
    do {
      this.#dirty = false
      await bringUp(this.#builder, this.#declared)
    } while (this.#dirty && !this.#closing)
  }

  async #pause(): Promise<void> {
    if (this.#closing || this.#dirty) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, idleMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** Asking again in the same session is answered the same. */
async function elected(client: pg.Client): Promise<boolean> {
  const result = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [keeperLock])
  return result.rows[0]?.mine === true
}

/** Reconciles once and builds whatever has begun, oldest first. For whoever holds the keeper's lock. */
export async function bringUp(builder: Builder, declared: readonly DeclaredView[]): Promise<void> {
  const { database } = builder
  await reconcileViews(database, declared)
  for (const view of await readLiveViews(database.reading))
    if (view.state === 'building')
      await buildView(builder, view).catch((error: unknown) => noteFailure(builder, view, error))
  await dropRetired(database)
}

/** What another try cannot mend is not tried again, and the table before goes on being served; anything else is taken up anew. */
async function noteFailure({ database, log }: Builder, view: LiveView, error: unknown): Promise<void> {
  const note = error instanceof Error ? error.message.slice(0, 300) : 'unknown'
  log.error({ view: view.name, error: note }, 'A view could not be built')
  await database.read(sql`update live_view set note = ${note} where id = ${view.id}::int4`)
  if (!(error instanceof Problem) || error.kind === 'unavailable') throw error
  await changeViews(database, (connection) =>
    connection.query(sql`update live_view set state = 'failed' where id = ${view.id}::int4`),
  )
}
