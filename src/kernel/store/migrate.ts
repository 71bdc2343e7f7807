import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { Log } from '../../base/log.ts'
import { problem } from '../../base/problem.ts'
import { schemaFingerprint } from './fingerprint.ts'
import { migrations as released } from './migrations/list.ts'
import type { Migration } from './migrations/migration.ts'
import { runStatement } from './statement.ts'

export interface MigrateOptions {
  /** Also run what removes things only older versions needed: when no older server uses the database any more. */
  readonly contract?: boolean
  /** Told after each statement, for a progress bar. */
  readonly onStatement?: (done: number, total: number) => void
}

/** What a run of the migrations did. */
export interface Migrated {
  /** Number of the newest migration in the database. */
  readonly version: number
  /** Statements that were run now; 0 when the database was as it should be. */
  readonly statements: number
  /** Contract statements that still wait. */
  readonly waiting: number
}

/**
 * Brings a database to this version's schema, going on where an earlier run stopped, and refuses one that is not what
 * it should be: made by a newer version, run with other statements, or altered by hand. Safe to call from several
 * processes at once: one works, the others wait.
 */
export async function migrate(
  url: string,
  log: Log,
  migrations: readonly Migration[] = released,
  options: MigrateOptions = {},
): Promise<Migrated> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await connect(client)
  try {
    await checkServer(client)
    await waitForTurn(client, log)
    return await bringUp(client, log, migrations, options)
  } finally {
    await client.end()
  }
}

/** Any number will do, as long as all of Linchpin uses the same for its migrations. */
const lockKey = 5_254_672_001n
const lockPatienceMs = 600_000
const oldestServer = 150_000

async function connect(client: Client): Promise<void> {
  try {
    await client.connect()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw problem('unavailable', `The database cannot be reached: ${reason}`, { cause })
  }
}

async function checkServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`,
  )
  const { version, encoding } = rows[0] ?? { version: 0, encoding: '' }
  if (version < oldestServer) {
    const found = `${Math.floor(version / 10_000)}.${version % 10_000}`
    throw problem('unavailable', `Linchpin needs PostgreSQL 15 or later and this server is ${found}`)
  }
  if (encoding !== 'UTF8') {
    throw problem('unavailable', `Linchpin needs a database with encoding UTF8 and this one has ${encoding}`)
  }
}

/**
 * Takes a lock that lasts as long as the session. It polls: a session that waits inside PostgreSQL holds a snapshot,
 * for which `create index concurrently` in the working session would wait for ever.
 */
async function waitForTurn(client: Client, log: Log): Promise<void> {
  const end = performance.now() + lockPatienceMs
  for (let attempt = 0; ; attempt += 1) {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [lockKey])
    if (rows[0]?.mine === true) return
    if (performance.now() > end) {
      throw problem('unavailable', 'Another process has been changing the schema of this database for ten minutes')
    }
    if (attempt === 10) log.info('Another process is changing the schema of this database: waiting for it')
    await sleep(50)
  }
}

interface Row {
  readonly number: number
  readonly name: string
  readonly checksum: string
  readonly done_statements: number
  readonly fingerprint: string | null
}

async function bringUp(
  client: Client,
  log: Log,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<Migrated> {
  checkNumbers(migrations)
  await client.query(migrationTable)
  const { rows } = await client.query<Row>(
    'select number, name, checksum, done_statements, fingerprint from linchpin_migration order by number',
  )
  checkHistory(rows, migrations)
  await checkDrift(client, rows, migrations)
  const done = new Map(rows.map((row) => [row.number, row.done_statements]))
  const plan = migrations.map((migration) => ({ migration, ...remaining(migration, done, options.contract === true) }))
  const total = plan.reduce((sum, { statements }) => sum + statements.length, 0)
  let statements = 0
  for (const { migration, statements: pending, from } of plan) {
    if (pending.length > 0) log.info({ migration: migration.number, name: migration.name }, 'Changing the schema')
    for (const [index, statement] of pending.entries()) {
      await runStatement(client, statement, progress(migration, from + index + 1))
      statements += 1
      options.onStatement?.(statements, total)
    }
  }
  if (statements > 0) await storeFingerprint(client)
  return { version: migrations.at(-1)?.number ?? 0, statements, waiting: contractsWaiting(plan) }
}

// `fingerprint` is that of the whole schema, on the newest row.
const migrationTable = `create table if not exists linchpin_migration (
  number          int4        primary key,
  name            text        not null,
  checksum        text        not null,
  done_statements int4        not null,
  finished_at     timestamptz,
  fingerprint     text)`

interface Remaining {
  readonly statements: readonly string[]
  /** How many of the migration's statements were done before. */
  readonly from: number
}

function remaining(migration: Migration, done: ReadonlyMap<number, number>, contract: boolean): Remaining {
  const from = done.get(migration.number) ?? 0
  const all = contract ? [...migration.statements, ...(migration.contract ?? [])] : migration.statements
  return { statements: all.slice(from), from }
}

function contractsWaiting(plan: readonly (Remaining & { readonly migration: Migration })[]): number {
  return plan.reduce((sum, { migration, statements, from }) => {
    const all = migration.statements.length + (migration.contract?.length ?? 0)
    return sum + Math.max(0, all - from - statements.length)
  }, 0)
}

const progress = (migration: Migration, done: number): readonly unknown[] => [
  migration.number,
  migration.name,
  checksum(migration),
  done,
  done >= migration.statements.length,
]

/** What a database remembers of a migration, to notice when its text was changed afterwards. */
const checksum = ({ name, statements, contract = [] }: Migration): string =>
  createHash('sha256')
    .update(JSON.stringify([name, statements, contract]))
    .digest('hex')

function checkNumbers(migrations: readonly Migration[]): void {
  for (const [index, { number, name }] of migrations.entries()) {
    if (number !== index + 1) throw problem('fault', `Migration ${number} (${name}) should have number ${index + 1}`)
  }
}

function checkHistory(rows: readonly Row[], migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  for (const row of rows) {
    const migration = known.get(row.number)
    if (migration === undefined) {
      const made = `was made by a newer version of Linchpin (migration ${row.number}, ${row.name})`
      throw problem('unavailable', `This database ${made}. Start that version, or restore a backup made before it.`)
    }
    if (checksum(migration) !== row.checksum) {
      const differs = `Migration ${row.number} (${row.name}) is not the one that this database ran`
      throw problem('unavailable', `${differs}. Start an unaltered version of Linchpin.`)
    }
  }
}

/** Compares the schema with what the last whole run left. After a run that was cut off there is nothing to compare. */
async function checkDrift(client: Client, rows: readonly Row[], migrations: readonly Migration[]): Promise<void> {
  const newest = rows.at(-1)
  if (newest === undefined || newest.fingerprint === null) return
  const isCutOff = rows.some((row) => row.done_statements < (migrations[row.number - 1]?.statements.length ?? 0))
  if (isCutOff || (await schemaFingerprint(client)) === newest.fingerprint) return
  const altered = 'The tables of this database are not as Linchpin left them: somebody altered them by hand'
  throw problem('unavailable', `${altered}. Undo the change, or restore a backup.`)
}

async function storeFingerprint(client: Client): Promise<void> {
  const fingerprint = await schemaFingerprint(client)
  await client.query(
    `update linchpin_migration
        set fingerprint = case when number = (select max(number) from linchpin_migration) then $1 end`,
    [fingerprint],
  )
}
