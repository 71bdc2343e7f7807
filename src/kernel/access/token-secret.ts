import { randomBytes } from 'node:crypto'
import { sql } from '../../base/sql.ts'
import { text } from '../store/current.ts'
import type { Database } from '../store/database.ts'

/** The secret tokens are signed with: made once a database, so that every process on it agrees. */
export async function tokenSecret(database: Database): Promise<Uint8Array> {
  const made = randomBytes(32).toString('base64url')
  await database.read(
    sql`insert into setting (name, value) values ('token-secret', ${made}) on conflict (name) do nothing`,
  )
  const rows = await database.read(sql`select value from setting where name = 'token-secret'`)
  return Buffer.from(text(rows[0] ?? {}, 'value'), 'base64url')
}
