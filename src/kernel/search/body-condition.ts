import { join, type Sql, sql } from '../../base/sql.ts'
import { textArray } from '../store/wire.ts'
import { jsonPathOf, type Route } from './path.ts'

/** What an SQL/JSON path is given by name. */
export type PathVariables = Readonly<Record<string, unknown>>

/** Holds for a row `r` whose body has, at the end of one of some routes, a value for which a path filter holds. */
export function bodyHas(routes: readonly Route[], filter: string, variables: PathVariables): Sql {
  const paths = [...new Set(routes.map(jsonPathOf))]
  if (paths.length === 0) return sql`false`
  const has = paths.map(
    (path) =>
      sql`jsonb_path_exists(r.body::jsonb, ${`${path}[*] ? (${filter})`}::jsonpath, ${JSON.stringify(variables)}::jsonb)`,
  )
  return sql`(${join(has, ' or ')})`
}

/** Holds for a row `r` that refers, by one of some routes, to one of some resources, whatever the version. */
export function refersTo(routes: readonly Route[], names: readonly string[]): Sql {
  const paths = [...new Set(routes.map(jsonPathOf))]
  if (paths.length === 0) return sql`false`
  const values = paths.map(
    (path) => sql`select jsonb_path_query(r.body::jsonb, ${`${path}[*].reference`}::jsonpath) as v`,
  )
  return sql`exists (select 1 from (${join(values, ' union all ')}) t
    where split_part(t.v #>> '{}', '/_history/', 1) = any(${textArray(names)}::text[]))`
}
