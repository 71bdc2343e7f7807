import { type Sql, sql } from '../../base/sql.ts'
import type { Connection } from '../store/database.ts'

/** A statement of a search with PostgreSQL's plan for it. */
export interface Explained {
  readonly statement: string
  readonly plan: readonly string[]
}

const longestLine = 400

/** A connection that writes down every statement it is asked, with its plan. */
export function explaining(connection: Pick<Connection, 'query'>): {
  readonly connection: Pick<Connection, 'query'>
  readonly explained: readonly Explained[]
} {
  const explained: Explained[] = []
  const query = async (statement: Sql, name?: string) => {
    if (!/^\s*explain/i.test(statement.text)) {
      const rows = await connection.query(sql`explain (costs, verbose off) ${statement}`)
      // Long lists of ids say nothing about a plan.
      const plan = rows.map((row) => String(row['QUERY PLAN']).slice(0, longestLine))
      explained.push({ statement: statement.text, plan })
    }
    return connection.query(statement, name)
  }
  return { connection: { query }, explained }
}
