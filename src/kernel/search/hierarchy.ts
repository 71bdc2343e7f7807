import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { text } from '../store/current.ts'
import { textArray } from '../store/wire.ts'
import { type Criterion, unescapeValue } from './criterion.ts'
import { filterCondition, type Means, mostJoined, tableOf } from './filter-condition.ts'
import { type SearchParameterDefinition, searchParametersOf } from './parameters.ts'
import { relativeTarget } from './reference.ts'
import { refersToAny } from './reference-condition.ts'
import { resourceIn, targetsOf } from './targets.ts'

/**
 * `location:below=Location/1`: what refers to a resource or to any that lies below it (R4 search, hierarchical tables),
 * and `:above` the other way.
 */
export async function hierarchyCondition(means: Means, type: string, criterion: Criterion): Promise<Sql> {
  const { parameter, modifier, values } = criterion
  const names = new Set<string>()
  for (const value of values) {
    const start = relativeTarget(unescapeValue(value))
    const parent = start === undefined ? undefined : parentOf(start.slice(0, start.indexOf('/')))
    if (start === undefined || parent === undefined)
      throw problem('invalid', `"${parameter.code}:${modifier}" needs Type/id of a type that has parts`, {
        expression: `${parameter.code}:${modifier}`,
      })
    for (const name of await kinOf(means, start, parent, modifier)) names.add(name)
  }
  return refersToAny(type, parameter, [...names])
}

const parentCodes = ['partof', 'part-of', 'parent']

/** The parameter by which resources of a type name the one that they are part of. */
const parentOf = (type: string): SearchParameterDefinition | undefined =>
  searchParametersOf(type).find((each) => parentCodes.includes(each.code) && each.target?.includes(type) === true)

/** A resource and all below or above it; a circle ends where it began. */
async function kinOf(
  means: Means,
  start: string,
  parent: SearchParameterDefinition,
  direction: string,
): Promise<ReadonlySet<string>> {
  const type = start.slice(0, start.indexOf('/'))
  const found = new Set([start])
  let edge = [start]
  while (edge.length > 0) {
    const next = direction === 'below' ? await below(means, type, parent, edge) : await above(means, type, parent, edge)
    edge = next.filter((name) => !found.has(name))
    for (const name of edge) found.add(name)
    if (found.size > mostJoined)
      throw problem('invalid', `More than ${mostJoined} resources lie ${direction} ${start}`, {
        expression: parent.code,
      })
  }
  return found
}

async function below(
  means: Means,
  type: string,
  parent: SearchParameterDefinition,
  edge: readonly string[],
): Promise<readonly string[]> {
  const where = await filterCondition(means, { type, criteria: [], joined: [] })
  const rows = await means.connection.query(
    sql`select r.id from ${tableOf(type)} r where ${where} and ${refersToAny(type, parent, edge)} limit ${mostJoined + 1}::int4`,
  )
  return rows.map((row) => `${type}/${text(row, 'id')}`)
}

async function above(
  means: Means,
  type: string,
  parent: SearchParameterDefinition,
  edge: readonly string[],
): Promise<readonly string[]> {
  const where = await filterCondition(means, { type, criteria: [], joined: [] })
  const ids = edge.map((name) => name.slice(type.length + 1))
  const rows = await means.connection.query(
    sql`select r.body from ${tableOf(type)} r where ${where} and r.id = any(${textArray(ids)}::text[])`,
  )
  return rows
    .flatMap((row) => targetsOf(type, parent.code, resourceIn(text(row, 'body'))))
    .filter((name) => name.startsWith(`${type}/`))
}
