import { type Sql, sql } from '../../base/sql.ts'
import { textArray } from '../store/wire.ts'
import type { StoredSystem } from './code-source.ts'
import type { Expression, Relation } from './ecl/expression.ts'
import { parseEcl } from './ecl/parse.ts'
import { eclCondition } from './ecl/to-sql.ts'
import { type Filter, unknownFilter } from './listed-filter.ts'
import { codePattern } from './pattern.ts'

/** A filter of a value set as a condition on a row `c` of `term_concept`. */
export function releaseFilter(source: StoredSystem, filter: Filter): Sql {
  const { property, op, value } = filter
  if (isExpression(filter)) return eclCondition(parseEcl(value), source.release)
  if (op === '=' && relationProperties[property] !== undefined)
    return relatedTo(source, relationProperties[property], value)
  const relation = relationOps[op]
  if (relation !== undefined) return relatedTo(source, relation, value)
  if (op === 'is-not-a') return sql`not ${relatedTo(source, 'descendantsOrSelf', value)}`
  if (op === 'descendent-leaf')
    return sql`(${relatedTo(source, 'descendants', value)} and not exists (select 1 from term_edge e where e.parent = c.n))`
  // A reference set, as UK Core writes it: "concept in ^999000051000001100".
  if (
    (property === 'concept' || property === 'code') &&
    op === 'in' &&
    /^\^?\s*\d+/.test(value) &&
    !value.includes(',')
  )
    return relatedTo(source, 'members', value.replace(/^\^\s*/, '').replace(/\s*\|.*$/s, ''))
  if (property === 'refset' && op === 'exists') return sql`exists (select 1 from term_member m where m.refset = c.n)`
  const make = plainOps[op]
  if (make === undefined) throw unknownFilter(source.url, filter)
  return make(filter)
}

const isExpression = ({ property, op }: Filter): boolean =>
  (property === 'constraint' || property === 'expression') && op === '='

/** Properties that are the hierarchy (FHIR R4, "Using LOINC", and UK Core's value sets of dm+d). */
const relationProperties: Readonly<Record<string, Relation>> = {
  parent: 'children',
  child: 'parents',
  ancestor: 'descendants',
  descendant: 'ancestors',
}

const relationOps: Readonly<Record<string, Relation>> = {
  'is-a': 'descendantsOrSelf',
  'descendent-of': 'descendants',
  'child-of': 'children',
  generalizes: 'ancestorsOrSelf',
}

function relatedTo(source: StoredSystem, relation: Relation, code: string): Sql {
  const of: Expression = { kind: 'concept', code }
  return eclCondition({ kind: 'related', relation, of }, source.release)
}

const columns: Readonly<Record<string, Sql>> = { code: sql`c.code`, concept: sql`c.code`, display: sql`c.display` }

/** Any value of a property that meets a condition on it. */
function anyValue(property: string, meets: (value: Sql) => Sql): Sql {
  const column = columns[property]
  if (column !== undefined) return meets(column)
  if (property === 'inactive') return meets(sql`(not c.active)::text`)
  return sql`exists (select 1 from term_property p where p.concept = c.n and p.property = ${property} and ${meets(sql`p.value`)})`
}

const listed = (value: string): Buffer => textArray(value.split(',').map((each) => each.trim()))

const plainOps: Readonly<Record<string, (filter: Filter) => Sql>> = {
  '=': ({ property, value }) => anyValue(property, (each) => sql`${each} = ${value}`),
  in: ({ property, value }) => anyValue(property, (each) => sql`${each} = any(${listed(value)}::text[])`),
  'not-in': ({ property, value }) =>
    sql`not ${anyValue(property, (each) => sql`${each} = any(${listed(value)}::text[])`)}`,
  exists: ({ property, value }) =>
    value === 'true' ? anyValue(property, () => sql`true`) : sql`not ${anyValue(property, () => sql`true`)}`,
  regex: ({ property, value }) => {
    // Only what our own matcher accepts goes on: there PostgreSQL's means the same, and its time is limited.
    codePattern(value)
    return anyValue(property, (each) => sql`${each} ~ ${`^(?:${value})$`}`)
  },
}
