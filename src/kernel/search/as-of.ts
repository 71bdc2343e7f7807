import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Connection, Row } from '../store/database.ts'
import { int2Array, int4Array, int8Array, textArray, timestampArray } from '../store/wire.ts'
import { extract, type SearchColumns } from './extract.ts'
import { tableOf } from './filter-condition.ts'
import { isPersonScoped } from './home.ts'
import { resourceIn } from './targets.ts'
import { wordsOf } from './words.ts'

/** Most resources that may change between the first page and a later one. */
export const mostChanged = 2000

/**
 * Resources of a type that changed after an instant, as they were at it, as tables in front of a select: the same
 * condition that is asked of the stored rows can be asked of `old`. A row whose sort key changes between two pages is so
 * found once, where it was. What was deleted since is left out. Undefined when nothing changed.
 */
export async function asOf(
  connection: Pick<Connection, 'query'>,
  type: string,
  instantMs: number,
): Promise<Sql | undefined> {
  const history = isPersonScoped(type) ? sql`res_hist` : sql`shared_hist`
  const instant = sql`to_timestamp(${instantMs}::float8 / 1000)`
  const rows = await connection.query(
    sql`select r.person, r.rtype, r.id, h.ver, (extract(epoch from h.updated) * 1000)::float8 as ms, h.source, h.author, h.body
        from ${tableOf(type)} r cross join lateral (select * from ${history} h
          where (h.person, h.rtype, h.id) = (r.person, r.rtype, r.id) and h.updated <= ${instant} order by h.ver desc limit 1) h
        where r.rtype = ${typeNumber(type) ?? 0}::int2 and r.updated > ${instant} and r.ver > 1 and h.body <> ''
        limit ${mostChanged + 1}::int4`,
  )
  if (rows.length > mostChanged)
    throw problem('conflict', 'Too much has changed since the first page. Start again from it.')
  return rows.length === 0 ? undefined : tables(rows)
}

function tables(rows: readonly Row[]): Sql {
  const all: readonly Old[] = rows.map((row) => {
    const resource = resourceIn(text(row, 'body'))
    return { row, columns: extract(resource), words: [...wordsOf(resource)] }
  })
  const own = <T>(items: (old: Old) => readonly T[]) =>
    all.flatMap((old) => items(old).map((each) => ({ ...old, each })))
  const keys = (of: readonly { readonly row: Row }[]): Sql =>
    sql`${int8Array(of.map(({ row }) => key64(row, 'person')))}::int8[], ${int2Array(of.map(({ row }) => whole(row, 'rtype')))}::int2[],
      ${textArray(of.map(({ row }) => text(row, 'id')))}::text[]`
  const strings = own(({ columns }) => columns.strings)
  const dates = own(({ columns }) => columns.dates)
  const numbers = own(({ columns }) => columns.numbers)
  const tokens = own(({ columns }) => columns.tokens)
  const words = own((old) => old.words)
  return sql`with res_str as (select person, rtype, id, key, val collate "C" as val, raw, nullif(whole, '') collate "C" as whole from unnest(${keys(strings)},
      ${int8Array(strings.map(({ each }) => each.key))}::int8[], ${textArray(strings.map(({ each }) => each.value))}::text[],
      ${int8Array(strings.map(({ each }) => each.raw))}::int8[], ${textArray(strings.map(({ each }) => each.whole ?? ''))}::text[])
      u(person, rtype, id, key, val, raw, whole)),
    res_date as (select * from unnest(${keys(dates)}, ${int8Array(dates.map(({ each }) => each.key))}::int8[],
      ${timestampArray(dates.map(({ each }) => each.low))}::timestamptz[], ${timestampArray(dates.map(({ each }) => each.high))}::timestamptz[])
      u(person, rtype, id, key, low, high)),
    res_num as (select person, rtype, id, key, low::numeric, high::numeric, coded, code, unit, nullif(canon, 0) as canon,
      nullif(canon_low, '')::numeric as canon_low, nullif(canon_high, '')::numeric as canon_high from unnest(${keys(numbers)},
      ${int8Array(numbers.map(({ each }) => each.key))}::int8[], ${textArray(numbers.map(({ each }) => each.low))}::text[],
      ${textArray(numbers.map(({ each }) => each.high))}::text[], ${int8Array(numbers.map(({ each }) => each.coded))}::int8[],
      ${int8Array(numbers.map(({ each }) => each.code))}::int8[], ${int8Array(numbers.map(({ each }) => each.unit))}::int8[],
      ${int8Array(numbers.map(({ each }) => each.canonical?.unit ?? 0n))}::int8[],
      ${textArray(numbers.map(({ each }) => each.canonical?.low ?? ''))}::text[],
      ${textArray(numbers.map(({ each }) => each.canonical?.high ?? ''))}::text[])
      u(person, rtype, id, key, low, high, coded, code, unit, canon, canon_low, canon_high)),
    res_words as (select person, rtype, id, ver, array_to_tsvector(array_agg(word)) as words from unnest(${keys(words)},
      ${int4Array(words.map(({ row }) => whole(row, 'ver')))}::int4[], ${textArray(words.map(({ each }) => each))}::text[])
      u(person, rtype, id, ver, word) group by person, rtype, id, ver),
    tokens as (select rtype, id, array_agg(token) as toks from unnest(${keys(tokens)},
      ${int8Array(tokens.map(({ each }) => each))}::int8[]) u(person, rtype, id, token) group by rtype, id),
    ${oldRows(all, keys(all))} `
}

interface Old {
  readonly row: Row
  readonly columns: SearchColumns
  readonly words: readonly string[]
}

const oldRows = (all: readonly Old[], keys: Sql): Sql =>
  sql`old as (select n.person, n.rtype, n.id collate "C" as id, n.ver, n.updated, n.code, n.date, n.source, n.author, n.body,
    coalesce(k.toks, '{}') as toks
    from unnest(${keys}, ${int4Array(all.map(({ row }) => whole(row, 'ver')))}::int4[],
      ${timestampArray(all.map(({ row }) => whole(row, 'ms')))}::timestamptz[], ${int8Array(all.map(({ columns }) => columns.code))}::int8[],
      ${timestampArray(all.map(({ columns }) => columns.date))}::timestamptz[], ${textArray(all.map(({ row }) => text(row, 'source')))}::text[],
      ${textArray(all.map(({ row }) => text(row, 'author')))}::text[], ${textArray(all.map(({ row }) => text(row, 'body')))}::text[])
      n(person, rtype, id, ver, updated, code, date, source, author, body)
    left join tokens k on (k.rtype, k.id) = (n.rtype, n.id))`
