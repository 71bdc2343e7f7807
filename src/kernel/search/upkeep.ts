import type { Log } from '../../base/log.ts'
import { sql } from '../../base/sql.ts'
import type { Feed } from '../feed/feed.ts'
import { text } from '../store/current.ts'
import type { Database } from '../store/database.ts'
import { readWords } from './word-index.ts'

const idleMs = 5_000
const retryMs = 10_000
/** Changed rows beyond which the planner's picture of a table is out of date, and the same as a share of all. */
const changedRows = 5_000
const changedShare = 0.1

/** Keeps search right in the background: words of what changed, and statistics after many writes. */
export class SearchUpkeep {
  readonly #database: Database
  readonly #log: Log
  readonly #stopListening: () => void
  #wake: (() => void) | undefined
  #closing = false
  readonly #loop: Promise<void>

  constructor(database: Database, feed: Feed, log: Log) {
    this.#database = database
    this.#log = log
    this.#stopListening = feed.listen(() => this.#wake?.())
    this.#loop = this.#run()
  }

  /** Ends after the step under way. */
  async close(): Promise<void> {
    this.#closing = true
    this.#stopListening()
    this.#wake?.()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#closing) {
      try {
        const done = await readWords(this.#database)
        if (done > 0) continue
        await keepStatistics(this.#database)
        await this.#pause(idleMs)
      } catch (error) {
        this.#log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'Upkeep of search goes on later')
        await this.#pause(retryMs)
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#closing) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}

const kept = ['res', 'shared', 'res_str', 'res_date', 'res_num', 'res_words'] as const

/** Puts tables right that changed much since they were looked at last: PostgreSQL's own turn may come after the rush. */
export async function keepStatistics(database: Database): Promise<readonly string[]> {
  const rows = await database.read(
    sql`select relname::text as name from pg_stat_user_tables
        where n_mod_since_analyze > ${changedRows}::int8 and n_mod_since_analyze > ${changedShare}::float8 * n_live_tup`,
    'stale_statistics',
  )
  const stale = new Set(rows.map((row) => text(row, 'name')))
  const found = kept.filter((table) => stale.has(table))
  for (const table of found) await database.settle(table)
  return found
}
