import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import type { sideTables } from '../store/side-rows.ts'

/** Holds for a row `r` that has a value in a side table, under a key, for which a condition on `s` holds. */
export const hasValue = (table: (typeof sideTables)[number], key: bigint, condition: Sql): Sql =>
  sql`exists (select 1 from ${identifier(table)} s where s.key = ${key}::int8 and ${condition}
    and (s.person, s.rtype, s.id) = (r.person, r.rtype, r.id))`

/** Conditions of which one must hold. */
export const alternatives = (conditions: readonly Sql[]): Sql => sql`(${join(conditions, ' or ')})`
