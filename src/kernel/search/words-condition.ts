import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { text } from '../store/current.ts'
import { textArray } from '../store/wire.ts'
import { type Criterion, unescapeValue } from './criterion.ts'
import { type Means, tableOf } from './filter-condition.ts'
import { resourceIn } from './targets.ts'
import { wordPosition } from './word-index.ts'
import { narrativeWord, parameterWord, wordsOf } from './words.ts'
import { answersWords, beginnings, parseWordQuery, tsqueryOf, type WordQuery } from './words-syntax.ts'

/** Whether a criterion is answered by the word index: `_text`, `_content`, and what codes are called. */
export const isTextCriterion = ({ parameter, modifier }: Criterion): boolean =>
  modifier === '' ? wholeTexts.has(parameter.code) : modifier === 'text' && parameter.type === 'token'

/** Changes that the word index may lie behind: they are looked through one by one. */
export const mostUnread = 20_000

/**
 * The condition of a text criterion on a row `r`. The word index follows the feed; what it has not read yet is read here,
 * so that a search finds what was just written.
 */
export async function wordsCondition(means: Means, type: string, criterion: Criterion): Promise<Sql> {
  const { query, name } = asked(criterion)
  const fresh = await unread(means, type)
  const found = fresh.filter(({ body }) => answersWords(query, name, wordsOf(resourceIn(body)))).map(({ id }) => id)
  return sql`(exists (select 1 from res_words t where t.words @@ ${tsqueryOf(query, name)}::tsquery
      and (t.person, t.rtype, t.id, t.ver) = (r.person, r.rtype, r.id, r.ver))
    or r.id = any(${textArray(found)}::text[]))`
}

const wholeTexts: ReadonlySet<string> = new Set(['_text', '_content'])

interface Asked {
  readonly query: WordQuery
  readonly name: (word: string) => string
}

function asked({ parameter, values }: Criterion): Asked {
  const { code } = parameter
  const texts = values.map(unescapeValue)
  if (!wholeTexts.has(code)) {
    const of = texts.map((each) => beginnings(each, `${code}:text`))
    return { query: { kind: 'any', of }, name: (word) => parameterWord(code, word) }
  }
  const of = texts.map((each) => parseWordQuery(each, code))
  return { query: { kind: 'any', of }, name: code === '_text' ? narrativeWord : (word) => word }
}

/** Rows of a type that the word index has not read in their present version. */
async function unread({ connection, visible }: Means, type: string): Promise<readonly { id: string; body: string }[]> {
  const changed = sql`select rtype, id from outbox union all select rtype, id from feed where pos > ${wordPosition}`
  const [behind] = await connection.query(
    sql`select 1 as n from (select 1 from (${changed}) c limit ${mostUnread + 1}::int4) m having count(*) > ${mostUnread}::int4`,
  )
  if (behind !== undefined)
    throw problem('unavailable', 'The word index is still reading what was loaded. Try again in a few minutes.')
  const rows = await connection.query(
    sql`select distinct r.id, r.body from (${changed}) c join ${tableOf(type)} r on (r.rtype, r.id) = (c.rtype, c.id)
        where c.rtype = ${typeNumber(type) ?? 0}::int2 and ${visible}`,
  )
  return rows.map((row) => ({ id: text(row, 'id'), body: text(row, 'body') }))
}
