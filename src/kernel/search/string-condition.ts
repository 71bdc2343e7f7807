import { hash64 } from '../../base/hash.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { type Criterion, unescapeValue } from './criterion.ts'
import { alternatives, hasValue } from './side-condition.ts'
import { searchText, wholeSearchText } from './text.ts'
import { parameterKey } from './token.ts'

/** The condition of a string criterion on a row `r`; undefined for a modifier that strings do not have. */
export function stringCondition(name: string, { modifier, values }: Criterion): Sql | undefined {
  const compare = Object.hasOwn(comparisons, modifier) ? comparisons[modifier] : undefined
  if (compare === undefined) return undefined
  return alternatives(values.map((value) => hasValue('res_str', parameterKey(name), compare(unescapeValue(value)))))
}

const comparisons: Readonly<Record<string, (value: string) => Sql>> = {
  '': startsWith,
  exact: (value) => sql`s.val = ${searchText(value)} and s.raw = ${hash64(value)}::int8`,
  contains,
  // R4 leaves :text of a string to the server; people use it to find a part of a name or an address.
  text: contains,
  // Only `_filter` asks for these two.
  equals: (value) => sql`s.val = ${searchText(value)} and coalesce(s.whole, s.val) = ${wholeSearchText(value)}`,
  ends: (value) =>
    sql`right(coalesce(s.whole, s.val), char_length(${wholeSearchText(value)}::text)) = ${wholeSearchText(value)}`,
}

function contains(value: string): Sql {
  return sql`position(${wholeSearchText(value)} in coalesce(s.whole, s.val)) > 0`
}

function startsWith(value: string): Sql {
  const text = searchText(value)
  const whole = wholeSearchText(value)
  const range = sql`s.val >= ${text} and s.val < ${`${text}\u{10ffff}`}`
  // The index holds only the beginning of a long text.
  return whole === text ? range : sql`${range} and starts_with(coalesce(s.whole, s.val), ${whole})`
}
