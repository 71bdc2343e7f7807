import { sql } from '../../base/sql.ts'
import { text } from '../store/current.ts'
import type { Database } from '../store/database.ts'
import type { StoredSystem } from './code-source.ts'
import { mostMs } from './limits.ts'

/** A code of a loaded release and all above or below it, itself first; nothing when there is no such code. */
export async function closureOf(
  database: Database,
  source: StoredSystem,
  code: string,
  direction: 'parents' | 'children',
  most: number,
): Promise<readonly string[]> {
  const related =
    direction === 'parents'
      ? sql`select unnest(t.ancestors) as n from term_closure t, me where t.concept = me.n`
      : sql`select t.concept as n from term_closure t, me where t.ancestors @> array[me.n]`
  const rows = await database.search(
    sql`with me as materialized (select n from term_concept where release = ${source.release}::int4 and code = ${code})
        select code from (select c.code, 0 as far from term_concept c join me using (n)
          union all select c.code, 1 from (${related}) r join term_concept c on c.n = r.n) f order by far limit ${most}`,
    mostMs,
  )
  return rows.map((row) => text(row, 'code'))
}
