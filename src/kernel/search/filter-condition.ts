import { problem } from '../../base/problem.ts'
import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { text } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { int8Array, textArray } from '../store/wire.ts'
import { conditionOf } from './condition.ts'
import type { Chain, Filter, Has } from './criterion.ts'
import { isPersonScoped } from './home.ts'
import { resourceIn, targetsOf } from './targets.ts'
import { parameterName, referenceToken } from './token.ts'

/** The table that holds resources of a type. */
export const tableOf = (type: string): Sql => identifier(isPersonScoped(type) ? 'res' : 'shared')

/**
 * The condition of a filter on a row `r`, type and access included. References are followed from their far end, one
 * statement for each: what is found there, as far as the caller may see it, becomes tokens or ids of the next.
 */
export async function filterCondition(
  connection: Pick<Connection, 'query'>,
  filter: Filter,
  visible: Sql,
): Promise<Sql> {
  const joined = await Promise.all(
    filter.joined.map((each) =>
      each.kind === 'chain'
        ? chainCondition(connection, filter.type, each, visible)
        : hasCondition(connection, filter.type, each, visible),
    ),
  )
  const plain = filter.criteria.map((criterion) => conditionOf(filter.type, criterion))
  return join([sql`r.rtype = ${typeNumber(filter.type) ?? 0}::int2`, ...plain, ...joined, visible], ' and ')
}

/** Most resources at the far end of a reference; more are refused rather than left out. */
const mostJoined = 20_000

async function chainCondition(
  connection: Pick<Connection, 'query'>,
  type: string,
  { code, targets }: Chain,
  visible: Sql,
): Promise<Sql> {
  const name = parameterName(type, code)
  const tokens: bigint[] = []
  for (const target of targets) {
    const where = await filterCondition(connection, target, visible)
    const rows = await connection.query(
      sql`select r.id from ${tableOf(target.type)} r where ${where} limit ${mostJoined + 1}::int4`,
    )
    for (const row of rows) tokens.push(referenceToken(name, `${target.type}/${text(row, 'id')}`))
    if (tokens.length > mostJoined) throw tooMany(code)
  }
  return tokens.length === 0 ? sql`false` : sql`r.toks && ${int8Array(tokens)}::int8[]`
}

async function hasCondition(
  connection: Pick<Connection, 'query'>,
  type: string,
  { code, source }: Has,
  visible: Sql,
): Promise<Sql> {
  const where = await filterCondition(connection, source, visible)
  const rows = await connection.query(
    sql`select r.body from ${tableOf(source.type)} r where ${where} limit ${mostJoined + 1}::int4`,
  )
  if (rows.length > mostJoined) throw tooMany(code)
  const ids = new Set<string>()
  for (const row of rows)
    for (const target of targetsOf(source.type, code, resourceIn(text(row, 'body'))))
      if (target.startsWith(`${type}/`)) ids.add(target.slice(type.length + 1))
  return ids.size === 0 ? sql`false` : sql`r.id = any(${textArray([...ids])}::text[])`
}

const tooMany = (code: string): Error =>
  problem('invalid', `More than ${mostJoined} resources match behind "${code}". Add a parameter that narrows them.`, {
    expression: code,
  })
