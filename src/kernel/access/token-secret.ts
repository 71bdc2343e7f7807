import { randomBytes } from 'node:crypto'
import { sql } from '../../base/sql.ts'
import { text } from '../store/current.ts'
import type { Database } from '../store/database.ts'

/** The secret tokens are signed with. */
export const tokenSecret = (database: Database): Promise<Uint8Array> => storedSecret(database, 'token-secret')

/** The secret the pages of a search are sealed with. */
export const cursorSecret = (database: Database): Promise<Uint8Array> => storedSecret(database, 'cursor-secret')

/** Made once a database, so that every process on it agrees. */
async function storedSecret(database: Database, name: string): Promise<Uint8Array> {
  const made = randomBytes(32).toString('base64url')
  await database.read(sql`insert into setting (name, value) values (${name}, ${made}) on conflict (name) do nothing`)
  const rows = await database.read(sql`select value from setting where name = ${name}`)
  return Buffer.from(text(rows[0] ?? {}, 'value'), 'base64url')
}
