import type { Client } from 'pg'

/**
 * Runs one statement of a migration and records it, as one: after a crash it has either happened and is recorded, or
 * neither. `progress` is (number, name, checksum, statements done, whether all are).
 */
export async function runStatement(client: Client, statement: string, progress: readonly unknown[]): Promise<void> {
  if (concurrently.test(statement)) {
    await client.query('update linchpin_migration set fingerprint = null')
    await runConcurrently(client, statement)
    await client.query(recordProgress, [...progress])
    return
  }
  await client.query('begin')
  try {
    await client.query(statement)
    await client.query(recordProgress, [...progress])
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback').catch(() => undefined)
    throw cause
  }
}

// A run that has begun and not ended has no fingerprint: the schema is between two known states.
const recordProgress = `
insert into linchpin_migration (number, name, checksum, done_statements, finished_at)
values ($1, $2, $3, $4, case when $5 then now() end)
on conflict (number) do update
   set done_statements = excluded.done_statements,
       finished_at = coalesce(linchpin_migration.finished_at, excluded.finished_at),
       fingerprint = null`

const concurrently =
  /^\s*(?:create\s+(?:unique\s+)?|drop\s+)index\s+concurrently\s+(?:if\s+(?:not\s+)?exists\s+)?(\w+)/i

/**
 * Building an index without blocking writers cannot be part of a transaction. Cut off, it leaves an index that is not
 * valid, to be dropped first; or a whole one that was not recorded, to be left alone.
 */
async function runConcurrently(client: Client, statement: string): Promise<void> {
  const name = concurrently.exec(statement)?.[1] ?? ''
  const { rows } = await client.query<{ valid: boolean }>(
    'select indisvalid as valid from pg_index where indexrelid = to_regclass($1)',
    [name],
  )
  const existing = rows[0]
  const isDrop = /^\s*drop/i.test(statement)
  if (isDrop ? existing === undefined : existing?.valid === true) return
  if (!isDrop && existing !== undefined) await client.query(`drop index concurrently ${name}`)
  await client.query(statement)
}
