import { problem } from '../../base/problem.ts'
import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { text } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { textArray } from '../store/wire.ts'
import type { CodeSource } from './code-source.ts'
import { conditionOf } from './condition.ts'
import type { Chain, Criterion, Filter, Has } from './criterion.ts'
import { hierarchyCondition } from './hierarchy.ts'
import { isPersonScoped } from './home.ts'
import { searchParameter } from './parameters.ts'
import { refersToAny } from './reference-condition.ts'
import { alternatives } from './side-condition.ts'
import { entriesOf, resourceIn, targetsOf } from './targets.ts'
import { isTextCriterion, wordsCondition } from './words-condition.ts'

/** What a search is made with: the database, what the caller may see of a row `r`, and who knows codes. */
export interface Means {
  readonly connection: Pick<Connection, 'query'>
  readonly visible: Sql
  readonly codes: CodeSource
}

/** The table that holds resources of a type. */
export const tableOf = (type: string): Sql => identifier(isPersonScoped(type) ? 'res' : 'shared')

/**
 * The condition of a filter on a row `r`, type and access included. References are followed from their far end, one
 * statement for each: what is found there, as far as the caller may see it, becomes tokens or ids of the next.
 */
export async function filterCondition(means: Means, filter: Filter): Promise<Sql> {
  const asked = await criteriaCondition(means, filter)
  return sql`r.rtype = ${typeNumber(filter.type) ?? 0}::int2 and ${asked} and ${means.visible}`
}

async function criteriaCondition(means: Means, filter: Filter): Promise<Sql> {
  const plain = filter.criteria.map((each) => criterionCondition(means, filter.type, each))
  const joined = filter.joined.map((each) => joinedCondition(means, filter.type, each))
  const all = await Promise.all([...plain, ...joined])
  return all.length === 0 ? sql`true` : join(all, ' and ')
}

async function criterionCondition(means: Means, type: string, criterion: Criterion): Promise<Sql> {
  if (isTextCriterion(criterion)) return wordsCondition(means, type, criterion)
  const { parameter, modifier } = criterion
  if (parameter.type === 'reference' && (modifier === 'below' || modifier === 'above'))
    return hierarchyCondition(means, type, criterion)
  return conditionOf(type, criterion, means.codes)
}

async function joinedCondition(means: Means, type: string, joined: Filter['joined'][number]): Promise<Sql> {
  switch (joined.kind) {
    case 'chain':
      return chainCondition(means, type, joined)
    case 'has':
      return hasCondition(means, type, joined)
    case 'either': {
      const parts = await Promise.all(joined.of.map((each) => criteriaCondition(means, each)))
      return alternatives(parts.map((each) => sql`(${each})`))
    }
    case 'not':
      return sql`not (${await criteriaCondition(means, joined.of)})`
    case 'list':
      return listCondition(means, type, joined.id)
  }
}

/** Most resources at the far end of a reference; more are refused rather than left out. */
export const mostJoined = 20_000

async function chainCondition(means: Means, type: string, { code, targets }: Chain): Promise<Sql> {
  const names: string[] = []
  for (const target of targets) {
    const where = await filterCondition(means, target)
    const rows = await means.connection.query(
      sql`select r.id from ${tableOf(target.type)} r where ${where} limit ${mostJoined + 1}::int4`,
    )
    for (const row of rows) names.push(`${target.type}/${text(row, 'id')}`)
    if (names.length > mostJoined) throw tooMany(code)
  }
  const parameter = searchParameter(type, code)
  return parameter === undefined ? sql`false` : refersToAny(type, parameter, names)
}

async function hasCondition(means: Means, type: string, { code, source }: Has): Promise<Sql> {
  const where = await filterCondition(means, source)
  const rows = await means.connection.query(
    sql`select r.body from ${tableOf(source.type)} r where ${where} limit ${mostJoined + 1}::int4`,
  )
  if (rows.length > mostJoined) throw tooMany(code)
  const targets = rows.flatMap((row) => targetsOf(source.type, code, resourceIn(text(row, 'body'))))
  return idsOf(type, targets)
}

/** R4 search, _list: an entry that the List says is deleted is none of it any more. */
async function listCondition(means: Means, type: string, id: string): Promise<Sql> {
  const rows = await means.connection.query(
    sql`select r.body from ${tableOf('List')} r where r.rtype = ${typeNumber('List') ?? 0}::int2 and r.id = ${id} and ${means.visible}`,
  )
  return idsOf(
    type,
    rows.flatMap((row) => entriesOf(resourceIn(text(row, 'body')))),
  )
}

/** Those of some `Type/id` names that are of one type, as a condition. */
function idsOf(type: string, names: readonly string[]): Sql {
  const start = `${type}/`
  const ids = new Set(names.filter((name) => name.startsWith(start)).map((name) => name.slice(start.length)))
  return ids.size === 0 ? sql`false` : sql`r.id = any(${textArray([...ids])}::text[])`
}

const tooMany = (code: string): Error =>
  problem('invalid', `More than ${mostJoined} resources match behind "${code}". Add a parameter that narrows them.`, {
    expression: code,
  })
