import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBConnection } from '@duckdb/node-api'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { key64, whole } from '../store/current.ts'
import type { Database } from '../store/database.ts'
import type { FoundView } from './find-view.ts'
import { writeParquet } from './parquet.ts'
import { audited } from './run-operation.ts'
import { runLive, runOnDemand } from './run-view.ts'

/** Buckets that the resources of a view are spread over, by a hash of their ids. */
const buckets = 16

/** Where the rows of an export come from, kept beside them as `_lineage.json`. */
export interface Lineage {
  readonly view: string
  /** Hash of the definition. */
  readonly version: string
  readonly resource: string
  /** The feed had got so far when the rows were read: the next export goes on from there. */
  readonly position: string
  readonly exportedAt: string
  readonly files: readonly { readonly path: string; readonly rows: number; readonly position: string }[]
}

/** A resource's bucket; MD5, so that it is the same in every version of PostgreSQL and elsewhere. */
const bucketOf = sql`('x' || substr(md5(r.id), 1, 2))::bit(8)::int4 % ${buckets}::int4`

/** Writes a view to a folder as Parquet, partitioned; after the first time only the partitions in which something changed. */
export async function exportView(ctx: Context, found: FoundView, folder: string): Promise<Lineage> {
  const { database } = ctx.store
  const { definition } = found.view
  const name = definition.name || definition.id || 'view'
  const target = join(folder, name)
  mkdirSync(target, { recursive: true, mode: 0o700 })
  const before = readLineage(target)
  const version = createHash('sha256').update(JSON.stringify(definition)).digest('hex')
  const position = await ctx.store.feed.position()
  const known = before?.version === version ? before : undefined
  const due =
    known === undefined ? allBuckets : await changedBuckets(database, definition.resource, BigInt(known.position))
  const files = new Map(known?.files.map((file) => [file.path, file]))
  for (const bucket of due) {
    const path = `bucket=${String(bucket).padStart(2, '0')}/part.parquet`
    const filter = { visible: visible(ctx.actor), about: sql`${bucketOf} = ${bucket}::int4` }
    const { view, live } = found
    const batches = audited(
      ctx,
      view,
      live === undefined ? runOnDemand(database, view, filter) : runLive(database, live, filter),
    )
    mkdirSync(join(target, `bucket=${String(bucket).padStart(2, '0')}`), { recursive: true, mode: 0o700 })
    const made = join(target, `${path}.new`)
    const rows = await writeParquet(made, view.columns, batches, { view: name, version, position: String(position) })
    // A reader finds the file before or the file after, and nothing between.
    renameSync(made, join(target, path))
    files.set(path, { path, rows, position: String(position) })
  }
  const exportedAt = ctx.clock.now().toString({ smallestUnit: 'millisecond' })
  const lineage = {
    view: name,
    version,
    resource: definition.resource,
    position: String(position),
    exportedAt,
    files: [...files.values()],
  }
  writeFileSync(join(target, '_lineage.json.new'), `${JSON.stringify(lineage, null, 2)}\n`, { mode: 0o600 })
  renameSync(join(target, '_lineage.json.new'), join(target, '_lineage.json'))
  return lineage
}

const allBuckets = Array.from({ length: buckets }, (_, bucket) => bucket)

function readLineage(folder: string): Lineage | undefined {
  const path = join(folder, '_lineage.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Lineage) : undefined
}

async function changedBuckets(database: Database, resource: string, position: bigint): Promise<readonly number[]> {
  const [oldest] = await database.read(sql`select coalesce(min(pos), 0) as pos from feed`)
  // What the feed no longer holds may have changed anything.
  if (key64(oldest ?? {}, 'pos') > position + 1n) return allBuckets
  const rows = await database.search(
    sql`select distinct ${bucketOf} as bucket from feed r where r.pos > ${position}::int8 and r.rtype = ${typeNumber(resource) ?? 0}::int2 order by 1`,
  )
  return rows.map((row) => whole(row, 'bucket'))
}

const sqlTimeoutMs = 30_000
const mostRows = 10_000

/**
 * Answers SQL over exported views, each a table of its name. What is asked can reach nothing else: no other files, no network, no
 * settings; and it ends after a while.
 */
export async function queryExports(
  folder: string,
  statement: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const connection = await DuckDBConnection.create()
  try {
    const names = readdirSync(folder).filter(
      (name) => /^[A-Za-z][A-Za-z0-9_]*$/.test(name) && existsSync(join(folder, name, '_lineage.json')),
    )
    for (const name of names) {
      const files = join(folder, name, '*', '*.parquet').replaceAll("'", "''")
      await connection.run(`create view "${name}" as select * from read_parquet('${files}', hive_partitioning = true)`)
    }
    const allowed = folder.replaceAll("'", "''")
    await connection.run(
      `set allowed_directories = ['${allowed}/']; set enable_external_access = false; set lock_configuration = true`,
    )
    const timer = setTimeout(() => connection.interrupt(), sqlTimeoutMs)
    try {
      const found = await connection.runAndReadUntil(statement, mostRows)
      return found.getRowObjectsJson().slice(0, mostRows)
    } catch (cause) {
      throw problem(
        'invalid',
        `The query cannot be answered: ${cause instanceof Error ? cause.message.slice(0, 500) : ''}`,
        { cause },
      )
    } finally {
      clearTimeout(timer)
    }
  } finally {
    connection.closeSync()
  }
}
