import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBAppender, DuckDBConnection } from '@duckdb/node-api'
import type { ColumnKind } from './column-kind.ts'
import type { ViewColumn } from './compile-view.ts'
import type { RowBatch } from './run-view.ts'

/** Types of Parquet columns, in DuckDB's words. JSON is text that DuckDB, Spark and Trino can read as JSON. */
const duckTypes: Readonly<Record<ColumnKind['name'], string>> = {
  text: 'varchar',
  boolean: 'boolean',
  integer: 'bigint',
  decimal: 'double',
  date: 'varchar',
  timestamp: 'varchar',
  json: 'varchar',
}

/** How a column of text is to be read when it is written to the file. */
const casts: Readonly<Partial<Record<ColumnKind['name'], string>>> = { date: 'date', timestamp: 'timestamptz' }

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** Writes rows to a Parquet file (snappy), with what they are of in its metadata. Answers how many rows it holds. */
export async function writeParquet(
  path: string,
  columns: readonly ViewColumn[],
  batches: AsyncIterable<Pick<RowBatch, 'rows'>>,
  metadata: Readonly<Record<string, string>>,
): Promise<number> {
  const connection = await DuckDBConnection.create()
  try {
    await connection.run(
      `create table t (${columns.map(({ name, kind }) => `${quoted(name)} ${duckTypes[kind.name]}`).join(', ')})`,
    )
    const appender = await connection.createAppender('t')
    let rows = 0
    for await (const batch of batches)
      for (const row of batch.rows) {
        columns.forEach(({ kind }, index) => append(appender, kind.name, row[index]))
        appender.endRow()
        rows += 1
      }
    appender.closeSync()
    const selected = columns.map(({ name, kind }) =>
      casts[kind.name] === undefined ? quoted(name) : `${quoted(name)}::${casts[kind.name]} as ${quoted(name)}`,
    )
    const facts = Object.entries(metadata).map(([key, value]) => `${key}: ${text(value)}`)
    await connection.run(
      `copy (select ${selected.join(', ')} from t) to ${text(path)} (format parquet, compression snappy, kv_metadata {${facts.join(', ')}})`,
    )
    return rows
  } finally {
    connection.closeSync()
  }
}

function append(appender: DuckDBAppender, kind: ColumnKind['name'], value: unknown): void {
  if (value === null || value === undefined) appender.appendNull()
  else if (kind === 'boolean') appender.appendBoolean(value === true)
  else if (kind === 'integer') appender.appendBigInt(BigInt(Number(value)))
  else if (kind === 'decimal') appender.appendDouble(Number(value))
  else appender.appendVarchar(typeof value === 'string' && kind !== 'json' ? value : JSON.stringify(value))
}

/** Rows as the bytes of a Parquet file, which is gone once they are read. */
export async function parquetBytes(
  columns: readonly ViewColumn[],
  batches: AsyncIterable<RowBatch>,
  metadata: Readonly<Record<string, string>>,
): Promise<AsyncIterable<Uint8Array>> {
  const folder = await mkdtemp(join(tmpdir(), 'linchpin-rows-'))
  const path = join(folder, 'rows.parquet')
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await writeParquet(path, columns, batches, metadata)
  } catch (error) {
    await remove()
    throw error
  }
  const bytes = createReadStream(path)
  bytes.once('close', () => void remove())
  return bytes
}
