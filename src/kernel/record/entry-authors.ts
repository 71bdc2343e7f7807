import { type Sql, sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { authorReference } from '../search/author.ts'
import { text } from '../store/current.ts'
import { textArray } from '../store/wire.ts'
import { auditRecord } from './audit-record.ts'
import { authorNames } from './authors.ts'
import { resolvePerson } from './open-person.ts'
import { ofTypes, timelineTypes } from './timeline-types.ts'

/** Someone who wrote in a record. `key` stands for them in a query; people of one name are one. */
export interface EntryAuthor {
  readonly key: string
  readonly name: string
}

/** Who wrote what the actor may see of a person's record, by name: the choices of a filter. */
export async function listAuthors(ctx: Context, personId: string): Promise<readonly EntryAuthor[]> {
  const { key } = await resolvePerson(ctx, personId)
  const names = await namesByAuthor(ctx, key)
  await auditRecord(ctx, key, 'read', [])
  const first = new Map<string, string>()
  for (const [author, name] of names) if (!first.has(name)) first.set(name, author)
  return [...first]
    .map(([name, author]) => ({ key: author, name }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en-GB'))
}

/** Rows written by an author, or by another of the same name: one person may be known to each source apart. */
export async function writtenBy(ctx: Context, key: bigint, author: string): Promise<Sql> {
  const names = await namesByAuthor(ctx, key)
  const name = names.get(author)
  const same = [...names].flatMap(([each, itsName]) => (itsName === name ? [each] : []))
  return sql`r.author = any(${textArray(same)}::text[])`
}

/** The name of each author of rows that the actor may see; those without a name are left out. */
async function namesByAuthor(ctx: Context, key: bigint): Promise<ReadonlyMap<string, string>> {
  const reading = ctx.store.database.reading
  const seen = sql`r.person = ${key}::int8 and r.author not in ('', 'Linchpin') and ${ofTypes(timelineTypes)} and ${visible(ctx.actor, key)}`
  const rows = await reading.query(sql`select distinct r.author from res r where ${seen} order by r.author`)
  const authors = rows.map((row) => text(row, 'author'))
  const known = await authorNames(reading, authors)
  const unknown = authors.filter((author) => !known.get(author))
  if (unknown.length === 0) return new Map(known)
  // A feed may name its author beside a reference to someone it never sent.
  const examples = await reading.query(
    sql`select distinct on (r.author) r.author, r.body from res r where ${seen} and r.author = any(${textArray(unknown)}::text[]) order by r.author`,
  )
  const said = examples.map((row) => [text(row, 'author'), displayOf(text(row, 'body'))] as const)
  return new Map([...known, ...said].filter(([, name]) => name !== ''))
}

const displayOf = (body: string): string => authorReference(JSON.parse(body))?.display ?? ''
