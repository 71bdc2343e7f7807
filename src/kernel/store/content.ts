import { randomUUID } from 'node:crypto'
import { type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { whole } from './current.ts'
import type { Database } from './database.ts'
import { keysOf, type RowKey } from './rows.ts'

/** Bytes of a part: a multiple of three, so that the base64 of a content is that of its parts, one after the other. */
const partBytes = 3 * 87_381

/** Bytes kept outside a resource. */
export interface Content {
  readonly id: string
  readonly size: number
}

/**
 * Stores bytes as they come, a part at a time; memory stays that of a part. They are committed before whatever names
 * them: if that fails, they are taken away again.
 */
export async function storeContent(database: Database, bytes: AsyncIterable<Uint8Array>): Promise<Content> {
  const id = randomUUID()
  let size = 0
  let part = 0
  try {
    for await (const each of inParts(bytes)) {
      await database.read(
        sql`insert into content (id, part, bytes) values (${id}, ${part}::int4, ${each}::bytea)`,
        'content_add',
      )
      size += each.length
      part += 1
    }
    return { id, size }
  } catch (error) {
    await dropContent(database, id)
    throw error
  }
}

/** Extension by which a stored Binary names its content. Never leaves the server. */
export const contentUrl = 'https://linchpin.example/fhir/StructureDefinition/content'

/** Ids of the contents that any version of some Binaries names, as a table `n (id)`. */
export const contentsOf = (rows: readonly RowKey[]): Sql => {
  const binaries = rows.filter(({ rtype }) => rtype === typeNumber('Binary'))
  const named = sql`substring(b.body from ${`"url":"${contentUrl}","valueString":"([0-9a-f-]{36})"`})`
  return sql`(select ${named} as id from res b join ${keysOf(binaries)} on (b.person, b.rtype, b.id) = (k.person, k.rtype, k.id)
      union select ${named} from res_hist b join ${keysOf(binaries)} on (b.person, b.rtype, b.id) = (k.person, k.rtype, k.id)) n`
}

/** Takes away bytes that nothing names. */
export async function dropContent(database: Database, id: string): Promise<void> {
  await database.read(sql`delete from content where id = ${id}`)
}

/** The bytes again, a part at a time. */
export async function* readContent(database: Database, id: string): AsyncGenerator<Buffer> {
  for (let part = 0; ; part += 1) {
    const [row] = await database.read(
      sql`select bytes, part from content where id = ${id} and part = ${part}::int4`,
      'content_read',
    )
    const bytes = row?.['bytes']
    if (!Buffer.isBuffer(bytes) || whole(row ?? {}, 'part') !== part) return
    yield bytes
  }
}

async function* inParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let length = 0
  for await (const each of bytes) {
    waiting.push(each)
    length += each.length
    if (length < partBytes) continue
    const all = Buffer.concat(waiting)
    let at = 0
    for (; all.length - at >= partBytes; at += partBytes) yield all.subarray(at, at + partBytes)
    waiting = at === all.length ? [] : [all.subarray(at)]
    length = all.length - at
  }
  if (length > 0) yield Buffer.concat(waiting)
}
