import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { problem } from '../../../base/problem.ts'
import { type Sql, sql } from '../../../base/sql.ts'
import { whole } from '../../store/current.ts'
import type { Connection, Database } from '../../store/database.ts'
import { finish } from './finish.ts'
import type { ReleasePlan, Step } from './release-row.ts'
import { writeRows } from './write-rows.ts'

/** What a load did. */
export interface Loaded {
  readonly outcome: 'loaded' | 'unchanged'
  readonly system: string
  readonly version: string
  readonly concepts: number
}

export interface LoadOptions {
  readonly clock: Clock
  /** Told now and then how many rows were read, and of which file. */
  readonly report?: (rows: number, step: string) => void
}

/** Any number will do, as long as every load uses the same. */
const lockKey = 5_254_672_002n

/**
 * Loads a release of a code system. Run again after a kill it goes on where it stopped; run again after it was done it
 * does nothing. The release before is served until the new one is whole, and then removed.
 */
export async function loadRelease(database: Database, plan: ReleasePlan, options: LoadOptions): Promise<Loaded> {
  const client = await database.dedicated()
  try {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [lockKey])
    if (rows[0]?.mine !== true)
      throw problem('conflict', 'Another load of terminology is running. Try again when it is done.')
    return await underLock(database, plan, options)
  } finally {
    await client.end()
  }
}

async function underLock(database: Database, plan: ReleasePlan, { clock, report }: LoadOptions): Promise<Loaded> {
  const checksum = await checksumOf(plan)
  const { system, version } = plan
  const same = await one(
    database,
    sql`select release, concepts from term_release where system = ${system} and checksum = ${checksum} and state = 'current'`,
  )
  if (same !== undefined) return { outcome: 'unchanged', system, version, concepts: whole(same, 'concepts') }
  const begun = await begin(database, plan, checksum, clock)
  let read = 0
  for (const [index, step] of plan.steps.entries()) {
    if (index < begun.step) continue
    let done = 0
    for await (const chunk of step.rows()) {
      done += 1
      read += chunk.length
      if (index === begun.step && done <= begun.done) continue
      const [at, position] = [index, done]
      await database.transaction(async (connection) => {
        await writeRows(connection, begun.release, chunk)
        await note(connection, begun.release, at, position)
      })
      report?.(read, step.name)
    }
    await database.transaction((connection) => note(connection, begun.release, index + 1, 0))
  }
  report?.(read, 'closure')
  const concepts = await finish(database, begun.release, system, clock)
  return { outcome: 'loaded', system, version, concepts }
}

interface Begun {
  readonly release: number
  readonly step: number
  readonly done: number
}

/** The release that was being loaded, or a new one. Another one that was left half-done is given up. */
async function begin(database: Database, plan: ReleasePlan, checksum: string, clock: Clock): Promise<Begun> {
  return database.transaction(async (connection) => {
    await connection.query(
      sql`update term_release set state = 'old' where system = ${plan.system} and state = 'loading' and checksum <> ${checksum}`,
    )
    const [going] = await connection.query(
      sql`select release, step, done from term_release where system = ${plan.system} and state = 'loading'`,
    )
    if (going !== undefined)
      return { release: whole(going, 'release'), step: whole(going, 'step'), done: whole(going, 'done') }
    const [made] = await connection.query(
      sql`insert into term_release (release, system, version, name, state, checksum, step, done, concepts, started)
          select coalesce(max(release), 0) + 1, ${plan.system}, ${plan.version}, ${plan.name}, 'loading', ${checksum}, 0, 0, 0,
            ${clock.now().toString()}::timestamptz from term_release returning release`,
    )
    return { release: whole(made ?? {}, 'release'), step: 0, done: 0 }
  })
}

const note = (connection: Connection, release: number, step: number, done: number) =>
  connection.query(
    sql`update term_release set step = ${step}::int4, done = ${done}::int8 where release = ${release}::int4`,
  )

const one = async (database: Database, statement: Sql) => (await database.read(statement))[0]

/** Of names and contents, so that the same files are known again wherever they lie. */
async function checksumOf({ version, steps }: ReleasePlan): Promise<string> {
  const hash = createHash('sha256').update(version)
  for (const file of new Set(steps.map((step: Step) => step.file))) {
    hash.update(basename(file))
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}
