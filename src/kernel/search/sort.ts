import { problem } from '../../base/problem.ts'
import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import type { Position } from './cursor.ts'
import { searchParameter, whyNotIndexed } from './parameters.ts'
import { parameterKey, parameterName } from './token.ts'

/** One key of a sorted search. Rows without a value come last in either direction. */
export interface SortKey {
  readonly by: 'id' | 'updated' | 'string' | 'date' | 'number'
  /** Key in the side table, for those that have one. */
  readonly key: bigint
  readonly descending: boolean
}

/** Decodes `_sort=a,-b`. A parameter that has no exact order is refused by name. */
export function sortKeysOf(type: string, value: string): readonly SortKey[] {
  const names = value.split(',').filter((name) => name !== '')
  if (names.length > mostKeys) throw problem('invalid', `_sort has at most ${mostKeys} keys`, { expression: '_sort' })
  return names.map((name) => {
    const descending = name.startsWith('-')
    const code = descending ? name.slice(1) : name
    const by = orderOf(type, code)
    if (by === undefined)
      throw problem('invalid', `Linchpin does not sort ${type} by "${code}"`, { expression: '_sort' })
    return { by, key: parameterKey(parameterName(type, code)), descending }
  })
}

/** The parts of a statement over rows `r` that sort it. */
export interface SortSql {
  /** Follows the table: makes the keys that lie in side tables. */
  readonly joins: Sql
  /** Follows the select list: the keys as text, `k0`, `k1`, … */
  readonly columns: Sql
  readonly order: Sql
  /** Holds for the rows on the far side of the position. */
  readonly beyond: Sql
}

/** Sorts by the keys and then by id, so that the order is total; backward from a position when it says so. */
export function sortSql(keys: readonly SortKey[], from: Position | undefined): SortSql {
  const backward = from?.backward === true
  const all = [...keys.map((key, index) => expressionOf(key, index)), idExpression]
  const values = from === undefined ? [] : [...keys.map((_, index) => from.keys[index] ?? null), from.id]
  return {
    joins: join(keys.map(joinOf), ''),
    columns: join(
      keys.map((_, index) => sql`, (${all[index]?.value ?? sql`null`})::text as ${identifier(`k${index}`)}`),
      '',
    ),
    order: join(
      all.map((each) => orderBy(each, backward)),
      ', ',
    ),
    beyond: from === undefined ? sql`` : sql` and ${beyond(all, values, 0, backward)}`,
  }
}

const mostKeys = 8

function orderOf(type: string, code: string): SortKey['by'] | undefined {
  if (code === '_id') return 'id'
  if (code === '_lastUpdated') return 'updated'
  const parameter = searchParameter(type, code)
  if (parameter === undefined || whyNotIndexed(parameter) !== undefined) return undefined
  return parameter.type === 'string' || parameter.type === 'date' || parameter.type === 'number'
    ? parameter.type
    : undefined
}

interface Expression {
  readonly value: Sql
  readonly cast: Sql
  readonly descending: boolean
  readonly nullable: boolean
}

const casts = {
  id: sql`text`,
  updated: sql`timestamptz`,
  string: sql`text`,
  date: sql`timestamptz`,
  number: sql`numeric`,
} as const
const idExpression: Expression = { value: sql`r.id`, cast: casts.id, descending: false, nullable: false }

function expressionOf({ by, descending }: SortKey, index: number): Expression {
  const common = { cast: casts[by], descending }
  if (by === 'id') return { ...common, value: sql`r.id`, nullable: false }
  if (by === 'updated') return { ...common, value: sql`r.updated`, nullable: false }
  return { ...common, value: sql`${identifier(`s${index}`)}.v`, nullable: true }
}

const sideColumns = { string: ['res_str', 'val'], date: ['res_date', 'low'], number: ['res_num', 'low'] } as const

/** Of several values the lowest counts going up and the highest going down (R4 search, sorting). A range counts by its beginning. */
function joinOf({ by, key, descending }: SortKey, index: number): Sql {
  if (by === 'id' || by === 'updated') return sql``
  const best = identifier(descending ? 'max' : 'min')
  const [table, column] = sideColumns[by]
  return sql` cross join lateral (select ${best}(s.${identifier(column)}) as v from ${identifier(table)} s
    where s.key = ${key}::int8 and (s.person, s.rtype, s.id) = (r.person, r.rtype, r.id)) ${identifier(`s${index}`)}`
}

// An order that a btree can serve must not speak of nulls, so only columns that may be null do.
function orderBy({ value, descending, nullable }: Expression, backward: boolean): Sql {
  const direction = descending === backward ? sql`asc` : sql`desc`
  if (!nullable) return sql`${value} ${direction}`
  return sql`${value} ${direction} nulls ${backward ? sql`first` : sql`last`}`
}

function beyond(all: readonly Expression[], values: readonly (string | null)[], at: number, backward: boolean): Sql {
  const each = all[at]
  if (each === undefined) return sql`false`
  const value = values[at] ?? null
  const further = beyondOne(each, value, backward)
  if (at === all.length - 1) return further
  const same = value === null ? sql`${each.value} is null` : sql`${each.value} = ${value}::${each.cast}`
  return sql`(${further} or (${same} and ${beyond(all, values, at + 1, backward)}))`
}

function beyondOne({ value, cast, descending, nullable }: Expression, from: string | null, backward: boolean): Sql {
  if (from === null) return backward ? sql`${value} is not null` : sql`false`
  const compared = sql`${value} ${descending === backward ? sql`>` : sql`<`} ${from}::${cast}`
  return nullable && !backward ? sql`(${compared} or ${value} is null)` : compared
}
