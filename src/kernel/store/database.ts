import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { hash64 } from '../../base/hash.ts'
import { isObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'
import { Problem, problem } from '../../base/problem.ts'
import type { Sql } from '../../base/sql.ts'

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

/** The connections to PostgreSQL: a pipelined lane for short reads, a pool for transactions. */
export class Database {
  readonly #options: pg.PoolConfig
  readonly #pool: pg.Pool
  readonly #copyPool: pg.Pool
  readonly #log: Log
  #lane: Promise<pg.Client> | undefined

  constructor(url: string, log: Log, applicationName = 'linchpin') {
    this.#log = log
    this.#options = { connectionString: url, application_name: applicationName, keepAlive: true, types }
    this.#pool = new pg.Pool({ ...this.#options, max: 8, pipeline: true, idleTimeoutMillis: 30_000 })
    this.#copyPool = new pg.Pool({ ...this.#options, max: 4, idleTimeoutMillis: 5_000 })
    for (const pool of [this.#pool, this.#copyPool]) {
      pool.on('error', (error) => log.warn({ error: error.message }, 'An idle database connection ended'))
      // The pool listens only while a connection is idle. One lost at work fails its statements; unheard, it would end the process.
      pool.on('connect', (client) => client.on('error', () => undefined))
    }
  }

  async #readLane(): Promise<pg.Client> {
    this.#lane ??= this.#openLane()
    return this.#lane
  }

  async #openLane(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#options, pipeline: true })
    const forget = (): void => {
      this.#lane = undefined
    }
    client.on('error', (error) => {
      this.#log.warn({ error: error.message }, 'The read connection ended')
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

  /** A short read, pipelined with those of other requests. Must be one statement that commits by itself. */
  async read(statement: Sql, name?: string): Promise<Row[]> {
    try {
      const client = await this.#readLane()
      gather(client)
      const result = await client.query({ text: statement.text, values: [...statement.values], ...named(name) })
      return result.rows
    } catch (error) {
      throw databaseProblem(error)
    }
  }

  /** The read lane as a connection, for functions that work inside and outside a transaction. */
  get reading(): Pick<Connection, 'query'> {
    return { query: (statement, name) => this.read(statement, name) }
  }

  /** A read that may take long, on a connection of its own so that it holds nobody up. */
  async search(statement: Sql, timeoutMs = 30_000): Promise<Row[]> {
    return this.#run(pipelinedConnection, this.#pool, async (connection) => {
      await connection.query(rawSql(`set local statement_timeout = ${Math.trunc(timeoutMs)}`))
      return connection.query(statement)
    })
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
    table: 'res' | 'shared' | 'res_str' | 'res_date' | 'res_num' | 'match_key' | 'outbox' | 'feed',
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
    const lane = await this.#lane?.catch(() => undefined)
    await Promise.all([lane?.end(), this.#pool.end(), this.#copyPool.end()])
  }
}

/** A name for a statement whose text is put together from parts: the same text, the same prepared statement. */
export const statementName = (prefix: string, statement: Sql): string =>
  `${prefix}_${BigInt.asUintN(64, hash64(statement.text)).toString(36)}`

const named = (name: string | undefined): { name: string } | object => (name === undefined ? {} : { name })

const rawSql = (text: string): Sql => ({ text, values: [], strings: [text] })

type Opener = (client: pg.ClientBase) => Connection

const send = async (client: pg.ClientBase, statement: Sql, name: string | undefined): Promise<Row[]> => {
  const result = await client.query<Row>({ text: statement.text, values: [...statement.values], ...named(name) })
  return result.rows
}

/** Statements sent in one turn of the event loop leave in one write: a system call each would cost more than they do. */
function gather(client: pg.ClientBase): void {
  const connection: unknown = 'connection' in client ? client.connection : undefined
  const stream = isObject(connection) ? connection['stream'] : undefined
  if (!(stream instanceof Writable) || stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
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
