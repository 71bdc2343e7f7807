import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import type { sideTables } from '../store/side-rows.ts'
import { parameterKey } from './token.ts'

/** Holds for a row `r` that has a value of a parameter in a side table for which a condition on `s` holds. */
export const hasValue = (table: (typeof sideTables)[number], name: string, condition: Sql): Sql =>
  sql`exists (select 1 from ${identifier(table)} s where s.key = ${parameterKey(name)}::int8 and ${condition}
    and (s.person, s.rtype, s.id) = (r.person, r.rtype, r.id))`

/** Conditions of which one must hold. */
export const alternatives = (conditions: readonly Sql[]): Sql => sql`(${join(conditions, ' or ')})`
