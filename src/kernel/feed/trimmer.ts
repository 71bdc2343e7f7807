import type { Log } from '../../base/log.ts'
import { sql } from '../../base/sql.ts'
import type { Store } from '../store/store.ts'

export interface TrimSettings {
  /** Days for which the feed is kept; 0 keeps it whole. */
  readonly feedDays: number
  /** Days for which events of subscriptions can be asked for again, and dead letters wait. */
  readonly eventDays: number
}

const hourMs = 3_600_000
const rowsAtOnce = 10_000

/**
 * Cuts the feed behind everybody who reads it, a few rows at a time. What subscriptions are still to be matched against
 * stays, and so does the last row: positions go on from it.
 */
export async function trimFeed(store: Store, { feedDays, eventDays }: TrimSettings): Promise<number> {
  let removed = 0
  const before = (days: number): string =>
    store.clock
      .now()
      .subtract({ hours: 24 * days })
      .toString()
  const cut = async (statement: ReturnType<typeof sql>): Promise<void> => {
    for (;;) {
      const rows = await store.database.read(statement)
      removed += rows.length
      if (rows.length < rowsAtOnce) return
    }
  }
  if (feedDays > 0)
    await cut(
      sql`delete from feed where pos in (select pos from feed where at < ${before(feedDays)}::timestamptz
            and pos < (select max(pos) from feed)
            and pos <= coalesce((select value::int8 from setting where name = 'subscription-position'), 0)
          order by pos limit ${rowsAtOnce}::int4) returning pos`,
    )
  // Events that an endpoint has yet to take are kept as long as it is tried; a websocket nobody opens has a limit.
  await cut(
    sql`delete from subscription_event where (subscription, number) in (select e.subscription, e.number from subscription_event e
          left join subscription s on s.id = e.subscription
          where e.at < ${before(eventDays)}::timestamptz and (s.id is null or e.number <= s.delivered or s.status in ('error', 'off') or s.spec->>'channel' = 'websocket')
          limit ${rowsAtOnce}::int4) returning number`,
  )
  return removed
}

/** Trims now and then, for as long as the process lives. */
export class Trimmer {
  readonly #store: Store
  readonly #log: Log
  readonly #settings: TrimSettings
  #timer: NodeJS.Timeout | undefined
  #working: Promise<void> = Promise.resolve()

  constructor(store: Store, log: Log, settings: TrimSettings) {
    this.#store = store
    this.#log = log
    this.#settings = settings
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#working = trimFeed(this.#store, this.#settings).then(
        () => undefined,
        (error: unknown) =>
          this.#log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'The feed could not be cut'),
      )
    }, hourMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#working
  }
}
