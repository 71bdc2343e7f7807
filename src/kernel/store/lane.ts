import pg from 'pg'
import { hash64 } from '../../base/hash.ts'
import type { Log } from '../../base/log.ts'
import type { Sql } from '../../base/sql.ts'
import { gather } from './gather.ts'

/** More texts than this are sent without being prepared: each prepared one costs the server memory. */
const mostPrepared = 400
/** A text is prepared when it comes this often. */
const oftenEnough = 2

/**
 * One connection that many requests share: their statements go out one behind the other without waiting, and each commits
 * by itself. It opens when it is needed and opens again when it was lost.
 */
export class Lane {
  readonly #options: pg.ClientConfig
  readonly #log: Log
  readonly #seen = new Map<string, number>()
  #client: Promise<pg.Client> | undefined
  /** Statements under way. */
  pending = 0

  constructor(options: pg.ClientConfig, log: Log) {
    this.#options = options
    this.#log = log
  }

  /** Sends a statement; without a name of its own, a text that comes again is prepared under one made from it. */
  async query(statement: Sql, name?: string): Promise<pg.QueryResult<Record<string, unknown>>> {
    this.pending += 1
    try {
      this.#client ??= this.#open()
      const client = await this.#client
      gather(client)
      const prepared = name ?? this.#nameOf(statement)
      const values = [...statement.values]
      return await client.query(
        prepared === undefined ? { text: statement.text, values } : { text: statement.text, values, name: prepared },
      )
    } finally {
      this.pending -= 1
    }
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined)
    await client?.end()
  }

  #nameOf({ text }: Sql): string | undefined {
    const times = (this.#seen.get(text) ?? 0) + 1
    if (times === 1 && this.#seen.size >= mostPrepared) return undefined
    this.#seen.set(text, times)
    return times < oftenEnough ? undefined : statementName('s', { text })
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#options, pipeline: true })
    const forget = (): void => {
      this.#client = undefined
    }
    client.on('error', (error) => {
      this.#log.warn({ error: error.message }, 'A read connection ended')
      forget()
    })
    client.on('end', forget)
    try {
      await client.connect()
      return client
    } catch (error) {
      forget()
      throw error
    }
  }
}

/** A name for a statement whose text is put together from parts: the same text, the same prepared statement. */
export const statementName = (prefix: string, { text }: Pick<Sql, 'text'>): string =>
  `${prefix}_${BigInt.asUintN(64, hash64(text)).toString(36)}`
