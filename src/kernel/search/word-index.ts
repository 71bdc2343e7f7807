import { sql } from '../../base/sql.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Connection, Database, Row } from '../store/database.ts'
import { int2Array, int4Array, int8Array, textArray } from '../store/wire.ts'
import { resourceIn } from './targets.ts'
import { wordsOf } from './words.ts'

/** Feed position up to which the word index has read, as an SQL expression. */
export const wordPosition = sql`coalesce((select value::int8 from setting where name = 'word-index'), 0)`

const lockClass = 7004
const mostEvents = 500

/**
 * Reads the next changes of the feed into the word index, in one transaction; answers how many. Whichever process asks
 * first does it. A kill leaves nothing half done: position and words are written together.
 */
export const readWords = (database: Database): Promise<number> =>
  database.transaction(async (connection) => {
    const [lock] = await connection.query(sql`select pg_try_advisory_xact_lock(${lockClass}::int4, 1) as mine`)
    if (lock?.['mine'] !== true) return 0
    const events = await connection.query(
      sql`select pos, rtype, id from feed where pos > ${wordPosition} order by pos limit ${mostEvents}::int4`,
    )
    const last = events.at(-1)
    if (last === undefined) return 0
    const names = [...new Map(events.map((event) => [`${whole(event, 'rtype')}/${text(event, 'id')}`, event])).values()]
    await replaceWords(connection, names)
    await connection.query(
      sql`insert into setting (name, value) values ('word-index', ${String(key64(last, 'pos'))})
          on conflict (name) do update set value = excluded.value`,
    )
    return events.length
  })

async function replaceWords(connection: Connection, names: readonly Row[]): Promise<void> {
  const keys = sql`unnest(${int2Array(names.map((each) => whole(each, 'rtype')))}::int2[],
    ${textArray(names.map((each) => text(each, 'id')))}::text[]) k(rtype, id)`
  const [rows, shared] = await Promise.all([
    connection.query(
      sql`select r.person, r.rtype, r.id, r.ver, r.body from ${keys} join res r on (r.rtype, r.id) = (k.rtype, k.id)`,
    ),
    connection.query(
      sql`select r.person, r.rtype, r.id, r.ver, r.body from ${keys} join shared r on (r.rtype, r.id) = (k.rtype, k.id)`,
    ),
    connection.query(sql`delete from res_words t using ${keys} where (t.rtype, t.id) = (k.rtype, k.id)`),
  ])
  const all = [...rows, ...shared].map((row) => ({ row, words: [...wordsOf(resourceIn(text(row, 'body')))] }))
  if (all.length === 0) return
  await connection.query(
    sql`insert into res_words (person, rtype, id, ver, words)
        select n.person, n.rtype, n.id, n.ver, array_to_tsvector(w.words[n.first:n.last]) from unnest(
          ${int8Array(all.map(({ row }) => key64(row, 'person')))}::int8[], ${int2Array(all.map(({ row }) => whole(row, 'rtype')))}::int2[],
          ${textArray(all.map(({ row }) => text(row, 'id')))}::text[], ${int4Array(all.map(({ row }) => whole(row, 'ver')))}::int4[],
          ${int4Array(ends(all, 1))}::int4[], ${int4Array(ends(all, 0))}::int4[]) n(person, rtype, id, ver, first, last),
          (select ${textArray(all.flatMap((each) => each.words))}::text[] as words) w`,
  )
}

/** The 1-based ends of each row's words when all lie end to end: the first when `shift` is 1, the last when it is 0. */
function ends(all: readonly { readonly words: readonly string[] }[], shift: 0 | 1): readonly number[] {
  let before = 0
  return all.map(({ words }) => {
    const first = before + 1
    before += words.length
    return shift === 1 ? first : before
  })
}
