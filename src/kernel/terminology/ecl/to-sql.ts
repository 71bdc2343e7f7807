import { identifier, type Sql, sql } from '../../../base/sql.ts'
import type { Comparison, Expression, Refinement, Relation } from './expression.ts'

/** An expression as a condition on a row `c` of `term_concept`, within one release. */
export const eclCondition = (expression: Expression, release: number): Sql => condition(expression, release, 'c', 1)

/** `alias` is the row that is asked about; `depth` makes the names of inner rows their own. */
function condition(expression: Expression, release: number, alias: string, depth: number): Sql {
  const row = identifier(alias)
  switch (expression.kind) {
    case 'any':
      return sql`true`
    case 'concept':
      return sql`${row}.code = ${expression.code}`
    case 'and':
      return sql`(${condition(expression.left, release, alias, depth)} and ${condition(expression.right, release, alias, depth)})`
    case 'or':
      return sql`(${condition(expression.left, release, alias, depth)} or ${condition(expression.right, release, alias, depth)})`
    case 'minus':
      return sql`(${condition(expression.left, release, alias, depth)} and not ${condition(expression.right, release, alias, depth)})`
    case 'related':
      return related[expression.relation](row, numbers(expression.of, release, depth), release)
    case 'refined':
      return sql`(${condition(expression.focus, release, alias, depth)} and ${refined(expression.by, release, row, depth, undefined)})`
  }
}

/** The numbers of the concepts that an expression selects, as a subquery. */
function numbers(expression: Expression, release: number, depth: number): Sql {
  const alias = `c${depth}`
  return sql`select ${identifier(alias)}.n from term_concept ${identifier(alias)} where ${identifier(alias)}.release = ${release}::int4 and ${condition(expression, release, alias, depth + 1)}`
}

type Related = (row: Sql, of: Sql, release: number) => Sql

const descendants: Related = (row, of, release) =>
  sql`${row}.n in (select t.concept from term_closure t where t.release = ${release}::int4 and t.ancestors && array(${of}))`
const ancestors: Related = (row, of) =>
  sql`${row}.n in (select unnest(t.ancestors) from term_closure t where t.concept in (${of}))`
const children: Related = (row, of) => sql`${row}.n in (select e.child from term_edge e where e.parent in (${of}))`
const parents: Related = (row, of) => sql`${row}.n in (select e.parent from term_edge e where e.child in (${of}))`
const self: Related = (row, of) => sql`${row}.n in (${of})`
const orSelf =
  (relation: Related): Related =>
  (row, of, release) =>
    sql`(${self(row, of, release)} or ${relation(row, of, release)})`

const related: Readonly<Record<Relation, Related>> = {
  self,
  descendants,
  descendantsOrSelf: orSelf(descendants),
  children,
  childrenOrSelf: orSelf(children),
  ancestors,
  ancestorsOrSelf: orSelf(ancestors),
  parents,
  parentsOrSelf: orSelf(parents),
  members: (row, of) => sql`${row}.n in (select m.member from term_member m where m.refset in (${of}))`,
}

/** `group` is the row whose role group the attributes must share; undefined outside a group. */
function refined(by: Refinement, release: number, row: Sql, depth: number, group: Sql | undefined): Sql {
  if ('left' in by) {
    const left = refined(by.left, release, row, depth, group)
    const right = refined(by.right, release, row, depth, group)
    return by.kind === 'and' ? sql`(${left} and ${right})` : sql`(${left} or ${right})`
  }
  if (by.kind === 'group') {
    const shared = identifier(`g${depth}`)
    return sql`exists (select 1 from term_property ${shared} where ${shared}.concept = ${row}.n and ${shared}.part > 0 and ${refined(by.inside, release, row, depth + 1, shared)})`
  }
  const attribute = identifier(`p${depth}`)
  const names = identifier(`c${depth}`)
  const named = sql`${attribute}.property in (select ${names}.code from term_concept ${names} where ${names}.release = ${release}::int4 and ${condition(by.name, release, `c${depth}`, depth + 1)})`
  const together = group === undefined ? sql`` : sql` and ${attribute}.part = ${group}.part`
  const value = by.kind === 'attribute' ? targeted(by, attribute, release, depth) : literal(by, attribute)
  return sql`exists (select 1 from term_property ${attribute} where ${attribute}.concept = ${row}.n and ${named} and ${value}${together})`
}

function targeted(by: Refinement & { kind: 'attribute' }, attribute: Sql, release: number, depth: number): Sql {
  const among = sql`${attribute}.target in (${numbers(by.value, release, depth + 1)})`
  return by.equal ? among : sql`(${attribute}.target is not null and not ${among})`
}

const operators: Readonly<Record<Comparison, Sql>> = {
  '=': sql`=`,
  '!=': sql`<>`,
  '<=': sql`<=`,
  '>=': sql`>=`,
  '<': sql`<`,
  '>': sql`>`,
}

/** A cast inside CASE, so that a value which is no number is never cast. */
function literal({ comparison, value, isNumber }: Refinement & { kind: 'literal' }, attribute: Sql): Sql {
  const operator = operators[comparison]
  if (!isNumber) return sql`(${attribute}.kind = 'string' and ${attribute}.value ${operator} ${value})`
  return sql`(case when ${attribute}.kind = 'decimal' then ${attribute}.value::numeric ${operator} ${value}::numeric else false end)`
}
