import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Log } from '../../base/log.ts'
import { Problem, problem } from '../../base/problem.ts'
import type { Sql } from '../../base/sql.ts'
import { gather } from './gather.ts'
import { Lane } from './lane.ts'

export type Row = Readonly<Record<string, unknown>>

/** One connection inside a transaction. Statements sent without waiting go out together. */
export interface Connection {
  /** `name` makes it a prepared statement: give one to every text that is sent often. */
  query(statement: Sql, name?: string): Promise<Row[]>
  /** Sends chunks through COPY … FROM STDIN. Only inside `copyTransaction`. */
  copy(into: string, chunks: readonly Buffer[]): Promise<void>
}

// Whole numbers of 64 bits come as text from the driver; ours are keys, so they become bigints. Instants stay text.
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === 20) return (value: string) => BigInt(value)
    if (oid === 1184 || oid === 1114 || oid === 1082) return (value: string) => value
    return pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text')
  },
}

/** SQLSTATEs after which the same transaction may be tried again with fresh state: others changed what it had looked at. */
const retryable = new Set(['40001', '40P01', '55P03', '23505'])
const attempts = 6

const sqlState = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Turns a failure of the database into a problem a caller can act on; anything unexpected stays as it was. */
function databaseProblem(error: unknown): unknown {
  const state = sqlState(error)
  if (error instanceof Problem) return error
  if (retryable.has(state))
    return problem('conflict', 'Others are changing the same records. Try again.', { cause: error })
  if (state === '22021')
    return problem('invalid', 'A text holds a character that cannot be stored or searched for', { cause: error })
  if (state === '57014')
    return problem('unavailable', 'This takes too long. Ask for less, or add what narrows it.', { cause: error })
  if (state === '53100')
    return problem('unavailable', 'The disk of the database is full. Nothing was stored.', { cause: error })
  const gone = state === '' || state.startsWith('08') || state.startsWith('57P') || state.startsWith('E')
  if (gone && error instanceof Error && isConnectionFailure(error))
    return problem('unavailable', 'The database is not answering. Try again in a moment.', { cause: error })
  return error
}

function isConnectionFailure(error: Error): boolean {
  const state = sqlState(error)
  return (
    /terminat|not queryable|closed|connect|ECONN|EPIPE|timeout/i.test(error.message) ||
    state.startsWith('08') ||
    state.startsWith('57P')
  )
}

/** A search that takes longer is ended. */
export const longestSearchMs = 20_000

/** The connections to PostgreSQL: a pipelined lane for short reads, a pool for transactions. */
export class Database {
  readonly #options: pg.PoolConfig
  readonly #pool: pg.Pool
  readonly #copyPool: pg.Pool
  readonly #reads: Lane
  readonly #searches: readonly [Lane, Lane, Lane]

  constructor(url: string, log: Log, applicationName = 'linchpin') {
    this.#options = { connectionString: url, application_name: applicationName, keepAlive: true, types }
    this.#reads = new Lane(this.#options, log)
    const searchLane = (): Lane => new Lane({ ...this.#options, statement_timeout: longestSearchMs }, log)
    this.#searches = [searchLane(), searchLane(), searchLane()]
    this.#pool = new pg.Pool({ ...this.#options, max: 8, pipeline: true, idleTimeoutMillis: 30_000 })
    this.#copyPool = new pg.Pool({ ...this.#options, max: 4, idleTimeoutMillis: 5_000 })
    for (const pool of [this.#pool, this.#copyPool]) {
      pool.on('error', (error) => log.warn({ error: error.message }, 'An idle database connection ended'))
      // The pool listens only while a connection is idle. One lost at work fails its statements; unheard, it would end the process.
      pool.on('connect', (client) => client.on('error', () => undefined))
    }
  }

  /** A short read, pipelined with those of other requests. Must be one statement that commits by itself. */
  read(statement: Sql, name?: string): Promise<Row[]> {
    return rowsOf(this.#reads.query(statement, name))
  }

  /** The read lane as a connection, for functions that work inside and outside a transaction. */
  get reading(): Pick<Connection, 'query'> {
    return { query: (statement, name) => this.read(statement, name) }
  }

  /**
   * A read that may take long; it shares a connection with the fewest others, and holds up no short read. One that must end
   * after a time of its own gets a connection of its own.
   */
  search(statement: Sql, timeoutMs?: number): Promise<Row[]> {
    if (timeoutMs !== undefined)
      return this.transaction(async (connection) => {
        await connection.query(rawSql(`set local statement_timeout = ${Math.trunc(timeoutMs)}`))
        return connection.query(statement)
      })
    const [first, ...others] = this.#searches
    const lane = others.reduce((best, each) => (each.pending < best.pending ? each : best), first)
    return rowsOf(lane.query(statement))
  }

  /** The search lanes as a connection. Each statement commits by itself and ends after `longestSearchMs`. */
  get searching(): Pick<Connection, 'query'> {
    return { query: (statement) => this.search(statement) }
  }

  /** Runs `work` in one transaction; after a deadlock or serialisation failure again, with fresh state. */
  async transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#run(pipelinedConnection, this.#pool, work)
  }

  /** As `transaction`, on a connection that can COPY (statements are not pipelined). */
  async copyTransaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#run(copyingConnection, this.#copyPool, work)
  }

  async #run<T>(open: Opener, pool: pg.Pool, work: (connection: Connection) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await runOnce(open, pool, work)
      } catch (error) {
        if (!retryable.has(sqlState(error)) || attempt === attempts) throw databaseProblem(error)
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt))
      }
    }
  }

  /** Throws when the database does not answer. */
  async ping(): Promise<void> {
    await this.read(rawSql('select 1'), 'ping')
  }

  /** Puts a table right after a bulk load, so that neither its statistics nor its clean-up are left for later. */
  async settle(
    table: 'res' | 'shared' | 'res_str' | 'res_date' | 'res_num' | 'res_words' | 'match_key' | 'outbox' | 'feed',
  ): Promise<void> {
    await this.#pool.query(`vacuum (analyze) ${table}`)
  }

  /** A connection of its own, for LISTEN and locks that live as long as the session. The caller ends it. */
  async dedicated(): Promise<pg.Client> {
    const client = new pg.Client(this.#options)
    await client.connect()
    return client
  }

  async close(): Promise<void> {
    const lanes = [this.#reads, ...this.#searches]
    await Promise.all([...lanes.map((lane) => lane.close()), this.#pool.end(), this.#copyPool.end()])
  }
}

async function rowsOf(result: Promise<pg.QueryResult<Row>>): Promise<Row[]> {
  try {
    return (await result).rows
  } catch (error) {
    throw databaseProblem(error)
  }
}

const named = (name: string | undefined): { name: string } | object => (name === undefined ? {} : { name })

const rawSql = (text: string): Sql => ({ text, values: [], strings: [text] })

type Opener = (client: pg.ClientBase) => Connection

const send = async (client: pg.ClientBase, statement: Sql, name: string | undefined): Promise<Row[]> => {
  const result = await client.query<Row>({ text: statement.text, values: [...statement.values], ...named(name) })
  return result.rows
}

const pipelinedConnection: Opener = (client) => {
  const told = firstFailure()
  return {
    query: (statement, name) => {
      gather(client)
      return send(client, statement, name).catch(told)
    },
    copy: () => Promise.reject(new Error('COPY needs a connection that is not pipelined')),
  }
}

/**
 * After one statement of a transaction has failed, those sent along with it fail for that alone. Whichever of them its
 * caller hears of first, the cause is what failed first: it says whether the transaction can be tried again.
 */
function firstFailure(): (error: unknown) => never {
  let first: unknown
  return (error) => {
    first ??= error
    throw sqlState(error) === '25P02' ? first : error
  }
}

/** One statement after another, since COPY and pipelining do not go together. */
const copyingConnection: Opener = (client) => {
  let last: Promise<unknown> = Promise.resolve()
  const next = <T>(work: () => Promise<T>): Promise<T> => {
    const following = last.then(work)
    last = following.catch(() => undefined)
    return following
  }
  return {
    query: (statement, name) => next(() => send(client, statement, name)),
    copy: (into, chunks) => next(() => pipeline(chunks, client.query(copyFrom(into)))),
  }
}

async function runOnce<T>(open: Opener, pool: pg.Pool, work: (connection: Connection) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    const connection = open(client)
    // Not awaited: on a pipelined connection it leaves with the first statement of the work.
    const begun = connection.query(rawSql('begin'))
    begun.catch(() => undefined)
    const result = await work(connection)
    await begun
    const committed = await client.query('commit')
    if (committed.command !== 'COMMIT') throw problem('fault', 'The transaction was rolled back')
    return result
  } catch (error) {
    broken = await rollBack(client, error)
    throw error
  } finally {
    client.release(broken)
  }
}

/** Ends the transaction; an error means the connection cannot be used again. */
async function rollBack(client: pg.PoolClient, cause: unknown): Promise<Error | undefined> {
  if (cause instanceof Error && isConnectionFailure(cause) && !(cause instanceof Problem)) return cause
  try {
    await client.query('rollback')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('rollback failed')
  }
}
