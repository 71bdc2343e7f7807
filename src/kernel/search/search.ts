import { type Sql, sql } from '../../base/sql.ts'
import { text, whole } from '../store/current.ts'
import type { Connection, Row } from '../store/database.ts'
import type { Position } from './cursor.ts'
import { filterCondition, tableOf } from './filter-condition.ts'
import { foundIn } from './include.ts'
import type { SearchQuery } from './query.ts'
import { sortSql } from './sort.ts'

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

/**
 * Runs a search: criteria and what the caller may see are one statement. `visible` is a condition on a row `r`. Pages
 * follow sort keys and id, never a count of rows, so that other rows written meanwhile neither repeat nor hide one. Only
 * a row whose own sort key changes between two pages can come twice or not at all; ids, the usual order, never change.
 */
export async function search(
  connection: Pick<Connection, 'query'>,
  query: SearchQuery,
  visible: Sql,
  from?: Position,
): Promise<FoundPage> {
  const table = tableOf(query.type)
  const where = await filterCondition(connection, query, visible)
  const onlyCount = query.summary === 'count' || query.count === 0
  const mode = onlyCount ? 'accurate' : query.total
  const sort = sortSql(query.sort, from)
  const [rows, counted] = await Promise.all([
    onlyCount
      ? []
      : connection.query(
          sql`select r.rtype, r.person, r.id, r.ver, r.body${sort.columns} from ${table} r${sort.joins} where ${where}${sort.beyond}
              order by ${sort.order} limit ${query.count + 1}::int4`,
        ),
    countRows(connection, sql`from ${table} r where ${where}`, mode),
  ])
  const page = onlyCount ? { found: [] } : pageOf(rows, query, from)
  if (counted === undefined) return page
  // A result that fits on one page is counted, not estimated.
  const whole = from === undefined && !onlyCount && page.next === undefined
  return { ...page, total: whole ? page.found.length : counted }
}

function pageOf(rows: readonly Row[], query: SearchQuery, from: Position | undefined): FoundPage {
  const more = rows.length > query.count
  const kept = rows.slice(0, query.count)
  if (from?.backward === true) kept.reverse()
  const [first, last] = [kept[0], kept.at(-1)]
  const [moreBefore, moreAfter] = from?.backward === true ? [more, true] : [from !== undefined, more]
  return {
    found: kept.map(foundIn),
    ...(moreBefore && first !== undefined ? { previous: positionAt(first, query, true) } : {}),
    ...(moreAfter && last !== undefined ? { next: positionAt(last, query, false) } : {}),
  }
}

function positionAt(row: Row, query: SearchQuery, backward: boolean): Position {
  const keys = query.sort.map((_, index) => {
    const key = row[`k${index}`]
    return typeof key === 'string' ? key : null
  })
  return { backward, keys, id: text(row, 'id') }
}

async function countRows(
  connection: Pick<Connection, 'query'>,
  rows: Sql,
  mode: SearchQuery['total'],
): Promise<number | undefined> {
  if (mode === 'none') return undefined
  if (mode === 'accurate') return whole((await connection.query(sql`select count(*) as n ${rows}`))[0] ?? {}, 'n')
  const [plan] = await connection.query(sql`explain (format json) select 1 ${rows}`)
  const estimate = /"Plan Rows": ?(\d+)/.exec(JSON.stringify(plan?.['QUERY PLAN']))?.[1]
  return Number(estimate ?? 0)
}
