import { systemClock } from '../../base/clock.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { text, whole } from '../store/current.ts'
import type { Connection, Row } from '../store/database.ts'
import { asOf } from './as-of.ts'
import { type CodeSource, noCodes } from './code-source.ts'
import type { Position } from './cursor.ts'
import { filterCondition, type Means, tableOf } from './filter-condition.ts'
import { foundIn } from './include.ts'
import { indexedRows, merged, type PageSource, sortedRows, valuelessRows } from './page-source.ts'
import type { SearchQuery } from './query.ts'
import { estimatedRows, worthAnIndex } from './shape.ts'

/** A resource found, as stored. */
export interface Found {
  readonly type: string
  readonly person: bigint
  readonly id: string
  readonly version: number
  readonly body: string
}

/** One page of what a search found. */
export interface FoundPage {
  readonly found: readonly Found[]
  /** Where the pages before and after this one begin; undefined when there is none. */
  readonly previous?: Position
  readonly next?: Position
  readonly total?: number
}

/** What a search may be given beside what it asks. */
export interface SearchOptions {
  /** Where to go on from. */
  readonly from?: Position | undefined
  /** Who knows value sets and hierarchies of codes. Without it a search that needs them is refused. */
  readonly codes?: CodeSource
}

/** Runs a search of one type; see `searchTypes`. */
export const search = (
  connection: Pick<Connection, 'query'>,
  query: SearchQuery,
  visible: Sql,
  options: SearchOptions = {},
): Promise<FoundPage> => searchTypes(connection, [query], visible, options)

/**
 * Runs the same search over one or more types: criteria and what the caller may see are one statement. `visible` is a
 * condition on a row `r`. Pages follow sort keys and id, never a count of rows. Where a key can change, all pages show
 * the order of the first: a row that changed meanwhile is where it was, as it was, once.
 */
export async function searchTypes(
  connection: Pick<Connection, 'query'>,
  queries: readonly SearchQuery[],
  visible: Sql,
  options: SearchOptions = {},
): Promise<FoundPage> {
  const [query] = queries
  if (query === undefined) return { found: [] }
  const means: Means = { connection, visible, codes: options.codes ?? noCodes }
  const nowMs = systemClock.now().epochMilliseconds
  const sources = await sourcesOf(means, queries)
  const onlyCount = query.summary === 'count' || query.count === 0
  const mode = onlyCount ? 'accurate' : query.total
  const [rows, counts] = await Promise.all([
    onlyCount ? [] : pageRows(means, sources, query, options.from),
    Promise.all(sources.map((each) => countRows(connection, each, mode))),
  ])
  const page = onlyCount ? { found: [] } : pageOf(rows, query, options.from, nowMs)
  if (mode === 'none') return page
  // A result that fits on one page is counted, not estimated.
  const isAll = options.from === undefined && !onlyCount && page.next === undefined
  return { ...page, total: isAll ? page.found.length : counts.reduce((sum, each) => sum + each, 0) }
}

/** The condition of each query, ready to be asked of its table. */
const sourcesOf = (means: Means, queries: readonly SearchQuery[]): Promise<readonly PageSource[]> =>
  Promise.all(
    queries.map(async (query) => ({
      type: query.type,
      table: tableOf(query.type),
      where: await filterCondition(means, query),
      sort: query.sort,
    })),
  )

/** Rows of a page and one more, in the direction of the position. */
async function pageRows(
  { connection }: Means,
  sources: readonly PageSource[],
  query: SearchQuery,
  from: Position | undefined,
): Promise<readonly Row[]> {
  const limit = query.count + 1
  const end = { from, limit }
  const ask = (rows: readonly Sql[]) => connection.query(merged(rows, query.sort, from?.backward === true, limit))
  const [only, ...others] = sources
  if (only === undefined || others.length > 0 || !(await worthAnIndex(connection, query, only))) {
    const all = await Promise.all(sources.map((each) => pinned(connection, each, from)))
    return ask(all.flat().map((each) => sortedRows(each, end)))
  }
  const [still, ...changed] = await pinned(connection, only, from)
  if (still === undefined) return []
  const old = changed.map((each) => sortedRows(each, end))
  // Rows without a value come last: they are looked for only where the page reaches them.
  if (from?.backward !== true || from.keys[0] !== null) {
    const rows = await ask([indexedRows(still, end), ...old])
    if (from?.backward === true || (rows.length === limit && rows.at(-1)?.['k0'] !== null)) return rows
  }
  return ask([indexedRows(still, end), valuelessRows(still, end), ...old])
}

/** A source as it was when the first page was read: what has not changed since, and what has, as it was. */
async function pinned(
  connection: Pick<Connection, 'query'>,
  source: PageSource,
  from: Position | undefined,
): Promise<readonly PageSource[]> {
  if (from?.sinceMs === undefined) return [source]
  const still = { ...source, where: sql`${source.where} and r.updated <= to_timestamp(${from.sinceMs}::float8 / 1000)` }
  const prefix = await asOf(connection, source.type, from.sinceMs)
  return prefix === undefined ? [still] : [still, { ...source, table: sql`old`, prefix }]
}

function pageOf(rows: readonly Row[], query: SearchQuery, from: Position | undefined, nowMs: number): FoundPage {
  const more = rows.length > query.count
  const kept = rows.slice(0, query.count)
  if (from?.backward === true) kept.reverse()
  const [first, last] = [kept[0], kept.at(-1)]
  const [moreBefore, moreAfter] = from?.backward === true ? [more, true] : [from !== undefined, more]
  const at = (row: Row, backward: boolean) => positionAt(row, query, backward, from?.sinceMs ?? nowMs)
  return {
    found: kept.map(foundIn),
    ...(moreBefore && first !== undefined ? { previous: at(first, true) } : {}),
    ...(moreAfter && last !== undefined ? { next: at(last, false) } : {}),
  }
}

function positionAt(row: Row, query: SearchQuery, backward: boolean, sinceMs: number): Position {
  const keys = query.sort.map((_, index) => {
    const key = row[`k${index}`]
    return typeof key === 'string' ? key : null
  })
  const changes = query.sort.some(({ by }) => by !== 'id')
  return { backward, keys, type: foundIn(row).type, id: text(row, 'id'), ...(changes ? { sinceMs } : {}) }
}

async function countRows(
  connection: Pick<Connection, 'query'>,
  { table, where }: PageSource,
  mode: SearchQuery['total'],
): Promise<number> {
  if (mode === 'none') return 0
  if (mode === 'estimate') return estimatedRows(connection, sql`${table} r where ${where}`)
  return whole((await connection.query(sql`select count(*) as n from ${table} r where ${where}`))[0] ?? {}, 'n')
}
