import { type Sql, sql } from '../../base/sql.ts'
import type { Connection } from '../store/database.ts'
import { isIndexed, type PageSource } from './page-source.ts'
import type { SearchQuery } from './query.ts'

/** Rows beyond which sorting them all costs more than walking along an index. */
const fewRows = 5000

/**
 * Whether a sorted search goes along the index of its first key, so that only a page of rows is looked at, or finds its
 * rows first and sorts them. Searches that name a resource find few; of others the planner is asked how many.
 */
export async function worthAnIndex(
  connection: Pick<Connection, 'query'>,
  query: SearchQuery,
  { table, where }: PageSource,
): Promise<boolean> {
  const [first] = query.sort
  if (first === undefined || !isIndexed(first)) return false
  if (query.joined.length > 0 || query.criteria.some(namesResources)) return false
  return (await estimatedRows(connection, sql`${table} r where ${where}`)) > fewRows
}

const namesResources = ({ parameter, modifier }: SearchQuery['criteria'][number]): boolean =>
  modifier === '' && (parameter.type === 'reference' || parameter.code === '_id' || parameter.code === 'identifier')

/** How many rows the planner expects. */
export async function estimatedRows(connection: Pick<Connection, 'query'>, rows: Sql): Promise<number> {
  const [plan] = await connection.query(sql`explain (format json) select 1 from ${rows}`)
  return Number(/"Plan Rows": ?(\d+)/.exec(JSON.stringify(plan?.['QUERY PLAN']))?.[1] ?? 0)
}
