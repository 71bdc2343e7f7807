import { problem } from '../../base/problem.ts'
import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import { int8Array } from '../store/wire.ts'
import { type SearchParameterDefinition, searchParameter, whyNotIndexed } from './parameters.ts'
import { compilePath, jsonPathOf, type Route } from './path.ts'
import { anySystemToken, parameterKey, parameterName } from './token.ts'

/** One key of a sorted search. Rows without a value come last in either direction. */
export interface SortKey {
  readonly by: keyof typeof casts
  /** Key in the side table, for those that have one. */
  readonly key: bigint
  /** Where the body holds the values, for those that have no side table. */
  readonly paths: readonly string[]
  /** Token of what is true, for a yes-or-no parameter. */
  readonly truth: bigint
  readonly descending: boolean
}

/** Decodes `_sort=a,-b`. A parameter that has no order is refused by name. */
export function sortKeysOf(type: string, value: string): readonly SortKey[] {
  const names = value.split(',').filter((name) => name !== '')
  if (names.length > mostKeys) throw problem('invalid', `_sort has at most ${mostKeys} keys`, { expression: '_sort' })
  return names.map((name) => {
    const descending = name.startsWith('-')
    const code = descending ? name.slice(1) : name
    const by = orderOf(type, code)
    if (by === undefined)
      throw problem('invalid', `Linchpin does not sort ${type} by "${code.slice(0, 60)}"`, { expression: '_sort' })
    const token = parameterName(type, code)
    const expression = searchParameter(type, code)?.expression
    const paths = by === 'text' && expression !== undefined ? compilePath(expression, type).map(valuePath) : []
    return { by, key: parameterKey(token), paths, truth: anySystemToken(token, 'true'), descending }
  })
}

export const mostKeys = 8

/** A value that rows are sorted by, in a select over rows `r`. */
export interface SortValue {
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
  quantity: sql`numeric`,
  text: sql`text`,
  truth: sql`text`,
} as const

function orderOf(type: string, code: string): SortKey['by'] | undefined {
  if (code === '_id') return 'id'
  if (code === '_lastUpdated') return 'updated'
  const parameter = searchParameter(type, code)
  if (parameter === undefined || whyNotIndexed(parameter) !== undefined || code === 'phonetic') return undefined
  if (isTruth(type, parameter)) return 'truth'
  return byType[parameter.type]
}

const isTruth = (type: string, { expression = '' }: SearchParameterDefinition): boolean =>
  compilePath(expression, type).some(({ truth }) => truth !== undefined)

const byType: Readonly<Partial<Record<SearchParameterDefinition['type'], SortKey['by']>>> = {
  string: 'string',
  date: 'date',
  number: 'number',
  quantity: 'quantity',
  token: 'text',
  reference: 'text',
  uri: 'text',
}

/** The part of a value that orders it: its code, its identifier, what it refers to. */
const valuePath = (route: Route): string => jsonPathOf(route) + (parts[route.type] ?? '')

const parts: Readonly<Record<string, string>> = {
  CodeableConcept: '.coding.code',
  Coding: '.code',
  Identifier: '.value',
  ContactPoint: '.value',
  Reference: '.reference',
}

/** The value of a key; those that are looked up lie in a join named after the key's place. */
export function sortValue({ by, truth, descending }: SortKey, index: number): SortValue {
  const common = { cast: casts[by], descending }
  switch (by) {
    case 'id':
      return { ...common, value: sql`r.id`, nullable: false }
    case 'updated':
      return { ...common, value: sql`r.updated`, nullable: false }
    case 'truth':
      return {
        ...common,
        value: sql`case when r.toks && ${int8Array([truth])}::int8[] then 'true' else 'false' end`,
        nullable: false,
      }
    default:
      return { ...common, value: sql`${identifier(`s${index}`)}.v`, nullable: true }
  }
}

/** Where the values of side-table keys lie. */
export const sideColumns = {
  string: { table: sql`res_str`, column: sql`val` },
  date: { table: sql`res_date`, column: sql`low` },
  number: { table: sql`res_num`, column: sql`low` },
  quantity: { table: sql`res_num`, column: sql`coalesce(canon_low, low)` },
} as const

/** Of several values the lowest counts going up and the highest going down (R4 search, sorting). A range counts by its beginning. */
export function sortJoin({ by, key, paths, descending }: SortKey, index: number): Sql {
  const best = identifier(descending ? 'max' : 'min')
  const as = identifier(`s${index}`)
  if (by === 'id' || by === 'updated' || by === 'truth') return sql``
  if (by === 'text') {
    const values = paths.map((path) => sql`select jsonb_path_query(r.body::jsonb, ${path}::jsonpath) as j`)
    return sql` cross join lateral (select ${best}((t.j #>> '{}') collate "C") as v from (${join(values, ' union all ')}) t) ${as}`
  }
  const { table, column } = sideColumns[by]
  return sql` cross join lateral (select ${best}(${column}) as v from ${table} s
    where s.key = ${key}::int8 and (s.person, s.rtype, s.id) = (r.person, r.rtype, r.id)) ${as}`
}

/** One term of an order. An order that a btree can serve must not speak of nulls, so only what may be null does. */
export function orderTerm({ value, descending, nullable }: SortValue, backward: boolean): Sql {
  const direction = descending === backward ? sql`asc` : sql`desc`
  if (!nullable) return sql`${value} ${direction}`
  return sql`${value} ${direction} nulls ${backward ? sql`first` : sql`last`}`
}

/** Holds for rows on the far side of some values; `last` holds where all are the same. */
export function beyond(
  all: readonly SortValue[],
  values: readonly (string | null)[],
  backward: boolean,
  last: Sql,
): Sql {
  const [each, ...rest] = all
  if (each === undefined) return last
  const value = values[0] ?? null
  const further = beyondOne(each, value, backward)
  const same = value === null ? sql`${each.value} is null` : sql`${each.value} = ${value}::${each.cast}`
  return sql`(${further} or (${same} and ${beyond(rest, values.slice(1), backward, last)}))`
}

function beyondOne({ value, cast, descending, nullable }: SortValue, from: string | null, backward: boolean): Sql {
  if (from === null) return backward ? sql`${value} is not null` : sql`false`
  const compared = sql`${value} ${descending === backward ? sql`>` : sql`<`} ${from}::${cast}`
  return nullable && !backward ? sql`(${compared} or ${value} is null)` : compared
}
