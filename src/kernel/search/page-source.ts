import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { Position } from './cursor.ts'
import { beyond, orderTerm, type SortKey, type SortValue, sideColumns, sortJoin, sortValue } from './sort.ts'

/** One way to the rows of a page: a select of rows of one type, sorted, that begins at the position and ends at the limit. */
export interface PageSource {
  readonly type: string
  readonly table: Sql
  readonly where: Sql
  readonly sort: readonly SortKey[]
  /** Comes before the select; see `as-of.ts`. */
  readonly prefix?: Sql
}

export interface PageEnd {
  readonly from: Position | undefined
  readonly limit: number
}

/** Whether a side table's index has the values of a key in order, each once. */
export const isIndexed = (key: SortKey): key is SortKey & { readonly by: 'date' | 'string' } =>
  key.by === 'date' || key.by === 'string'

/** Rows of a source by the values of each row: right for as many rows as may be sorted. */
export function sortedRows(source: PageSource, end: PageEnd): Sql {
  const { sort, table } = source
  const from = sql`${table} r${join(sort.map(sortJoin), '')}`
  return select(source, end, { from, values: sort.map(sortValue), told: sort.map(sortValue), and: sql`true` })
}

/** The same rows in the order of a side table's index: right for any number of rows, as only a page of them is looked at. */
export function indexedRows(source: PageSource, end: PageEnd): Sql {
  const [first, ...rest] = source.sort
  if (first === undefined || !isIndexed(first)) return sortedRows(source, end)
  const { from: position } = end
  if (position !== undefined && position.keys[0] === null && !position.backward) return noRows(source)
  const { table, column } = sideColumns[first.by]
  const tie = first.by === 'date' ? sql`high` : sql`raw`
  const better = first.descending ? sql`>` : sql`<`
  const value: SortValue = { ...sortValue(first, 0), value: sql`d.${column}`, nullable: false }
  const values = [value, ...rest.map((key, index) => sortValue(key, index + 1))]
  const joins = join(
    rest.map((key, index) => sortJoin(key, index + 1)),
    '',
  )
  const from = sql`${table} d join ${source.table} r on (r.person, r.rtype, r.id) = (d.person, d.rtype, d.id)${joins}`
  const and = sql`d.key = ${first.key}::int8 and not exists (select 1 from ${table} o where o.key = ${first.key}::int8
    and (o.person, o.rtype, o.id) = (d.person, d.rtype, d.id) and (o.${column}, o.${tie}) ${better} (d.${column}, d.${tie}))`
  return select(source, end, { from, values, told: values, and })
}

/** Rows that have no value of the first key: the last of a sorted result. */
export function valuelessRows(source: PageSource, end: PageEnd): Sql {
  const [first, ...rest] = source.sort
  if (first === undefined || !isIndexed(first)) return sortedRows(source, end)
  const { table } = sideColumns[first.by]
  const values = rest.map((key, index) => sortValue(key, index + 1))
  const none: SortValue = { ...sortValue(first, 0), value: sql`null::${sortValue(first, 0).cast}` }
  const joins = join(
    rest.map((key, index) => sortJoin(key, index + 1)),
    '',
  )
  const and = sql`not exists (select 1 from ${table} o where o.key = ${first.key}::int8
    and (o.person, o.rtype, o.id) = (r.person, r.rtype, r.id))`
  // Going back from a value there is none of these any more.
  if (end.from?.backward === true && end.from.keys[0] !== null) return noRows(source)
  // Going forward from a value all of these are still to come.
  const position = end.from?.keys[0] === null ? end.from : undefined
  const inner = position === undefined ? undefined : { ...position, keys: position.keys.slice(1) }
  return select(
    source,
    { ...end, from: inner },
    {
      from: sql`${source.table} r${joins}`,
      values,
      told: [none, ...values],
      and,
      backward: end.from?.backward === true,
    },
  )
}

const noRows = ({ sort }: PageSource): Sql =>
  sql`select r.rtype, r.person, r.id, r.ver, r.body${join(
    sort.map((key, index) => sql`, null::${sortValue(key, index).cast} as ${identifier(`v${index}`)}`),
    '',
  )} from res r where false`

interface Shape {
  readonly from: Sql
  /** What orders the rows, before their id. */
  readonly values: readonly SortValue[]
  /** What is told of each row, as `v0`, `v1`, … */
  readonly told: readonly SortValue[]
  readonly and: Sql
  readonly backward?: boolean
}

function select({ type, where, prefix }: PageSource, { from, limit }: PageEnd, shape: Shape): Sql {
  const backward = shape.backward ?? from?.backward === true
  const columns = join(
    shape.told.map(({ value }, index) => sql`, ${value} as ${identifier(`v${index}`)}`),
    '',
  )
  const order = join(
    [...shape.values.map((each) => orderTerm(each, backward)), backward ? sql`r.id desc` : sql`r.id`],
    ', ',
  )
  const further = from === undefined ? sql`true` : beyond(shape.values, from.keys, backward, beyondId(type, from))
  return sql`${prefix ?? sql``}select r.rtype, r.person, r.id, r.ver, r.body${columns} from ${shape.from}
    where ${shape.and} and ${where} and ${further} order by ${order} limit ${limit}::int4`
}

/** Ids are one order over all types; of two resources with the same id, the type with the lower number comes first. */
function beyondId(type: string, { id, type: of = type, backward }: Position): Sql {
  const [here, there] = [typeNumber(type) ?? 0, typeNumber(of) ?? 0]
  if (backward) return here < there ? sql`r.id <= ${id}` : sql`r.id < ${id}`
  return here > there ? sql`r.id >= ${id}` : sql`r.id > ${id}`
}

/** The rows of several sources as one page. */
export function merged(sources: readonly Sql[], sort: readonly SortKey[], backward: boolean, limit: number): Sql {
  const values = sort.map((key, index) => ({ ...sortValue(key, index), value: identifier(`v${index}`) }))
  const told = join(
    values.map(({ value }, index) => sql`, ${value}::text as ${identifier(`k${index}`)}`),
    '',
  )
  const direction = backward ? sql`desc` : sql`asc`
  const order = join(
    [...values.map((each) => orderTerm(each, backward)), sql`id ${direction}`, sql`rtype ${direction}`],
    ', ',
  )
  const rows = join(
    sources.map((each) => sql`(${each})`),
    ' union all ',
  )
  return sql`select rtype, person, id, ver, body${told} from (${rows}) u order by ${order} limit ${limit}::int4`
}
