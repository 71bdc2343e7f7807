import { type Sql, sql } from '../../base/sql.ts'
import type { StoredSystem } from './code-source.ts'
import { type Filter, unknownFilter } from './listed-filter.ts'

/** A filter of a value set as a condition on a row `c` of `term_concept`. */
export function releaseFilter(source: StoredSystem, filter: Filter): Sql {
  const make = hierarchical[filter.op]
  if (make === undefined) throw unknownFilter(source.url, filter)
  return make(conceptNumber(source, filter.value))
}

/** The number of a code; null when the release does not have it. */
const conceptNumber = (source: StoredSystem, code: string): Sql =>
  sql`(select n from term_concept where release = ${source.release}::int4 and code = ${code})`

const descendants = (top: Sql): Sql =>
  sql`c.n in (select t.concept from term_closure t where t.ancestors @> array[${top}])`

const hierarchical: Readonly<Record<string, (top: Sql) => Sql>> = {
  'is-a': (top) => sql`(c.n = ${top} or ${descendants(top)})`,
  'descendent-of': descendants,
  'is-not-a': (top) => sql`not (c.n = ${top} or ${descendants(top)})`,
}
