import { problem } from '../../../base/problem.ts'
import { type Sql, sql } from '../../../base/sql.ts'
import { typeName } from '../../fhir/resource-types.ts'
import type { Address } from '../../rest/target.ts'
import { noCodes } from '../../search/code-source.ts'
import { filterCondition, tableOf } from '../../search/filter-condition.ts'
import { isPersonScoped } from '../../search/home.ts'
import { parseSearch } from '../../search/query.ts'
import { parameterName, referenceToken } from '../../search/token.ts'
import { key64, text, whole } from '../../store/current.ts'
import type { Connection } from '../../store/database.ts'
import { taskType } from '../../store/person/index-rows.ts'
import { patientsEver, patientType, personOf, personType } from '../../store/person/people.ts'
import { followers } from '../../store/rehome.ts'
import type { RowKey } from '../../store/rows.ts'
import { int2Array, int8Array, textArray } from '../../store/wire.ts'

/** What an erasure is asked to erase. */
export type Scope =
  | { readonly kind: 'resource'; readonly at: Address }
  | { readonly kind: 'search'; readonly type: string; readonly query: string }
  /** Everything of one Patient, or of a Person with every Patient of theirs. */
  | { readonly kind: 'everything'; readonly at: Address }

/** One resource to erase, with all its versions. */
export interface Target extends RowKey {
  readonly type: string
  readonly version: number
  /** There is a current version; the resource was not deleted before. */
  readonly isCurrent: boolean
  /** Made by the person index itself. */
  readonly isOwn: boolean
}

/** More than this in one go would hold other writers up for too long. */
const mostTargets = 20_000

/** All that a scope names, as it stands in this transaction, in a fixed order. */
export async function targetsOf(connection: Connection, scope: Scope): Promise<readonly Target[]> {
  const found = await targetsNamed(connection, scope)
  if (found.length > mostTargets)
    throw problem('rule', `More than ${mostTargets} resources. Erase them in parts, by a search that finds fewer.`, {
      expression: 'query',
    })
  return found
}

async function targetsNamed(connection: Connection, scope: Scope): Promise<readonly Target[]> {
  switch (scope.kind) {
    case 'resource':
      return byName(connection, scope.at.type, [scope.at])
    case 'search': {
      const query = parseSearch(scope.type, scope.query)
      if (query.criteria.length + query.joined.length === 0)
        throw problem('invalid', 'Say which: a search without a criterion would be of all', { expression: 'query' })
      const where = await filterCondition({ connection, visible: sql`true`, codes: noCodes }, query)
      const rows = await connection.query(
        sql`select r.rtype, r.id from ${tableOf(scope.type)} r where ${where} order by r.id limit ${mostTargets + 1}::int4`,
      )
      return byName(
        connection,
        scope.type,
        rows.map((row) => ({ rtype: whole(row, 'rtype'), id: text(row, 'id') })),
      )
    }
    case 'everything':
      return everythingOf(connection, scope.at)
  }
}

/** The last Patient of a person takes the person along: what the index made of it is about nobody else. */
async function everythingOf(connection: Connection, { rtype, id }: Address): Promise<readonly Target[]> {
  const [row] = await connection.query(
    sql`select person from res where rtype = ${rtype}::int2 and id = ${id}
        union all select person from res_hist where rtype = ${rtype}::int2 and id = ${id} limit 1`,
  )
  if (row === undefined) return []
  const person = key64(row, 'person')
  const patients = await patientsEver(connection, person)
  const only = rtype === personType || patients.every((each) => each === id)
  if (only && person !== 0n)
    return targetsIn(connection, sql`person = any(${int8Array(await keysOfPerson(connection, person))}::int8[])`, 'res')
  const rows = await followers(connection, person, [`Patient/${id}`])
  return byName(connection, 'Patient', [{ rtype: patientType, id }, ...rows])
}

/** The person's own key, and those of golden Persons that were merged into theirs: what is left of these is about them. */
async function keysOfPerson(connection: Connection, person: bigint): Promise<readonly bigint[]> {
  const keys = new Set([person])
  const own = await connection.query(
    sql`select id, body from res where person = ${person}::int8 and rtype = ${personType}::int2 and author = 'Linchpin'`,
  )
  if (own.some((row) => personOf(text(row, 'body')).active === false && personOf(text(row, 'body')).link !== undefined))
    throw problem('rule', 'This Person was merged into another. Erase that one.', { expression: 'everything' })
  let ids = own.map((row) => text(row, 'id'))
  while (ids.length > 0) {
    const tokens = ids.map((each) => referenceToken(parameterName('Person', 'link'), `Person/${each}`))
    const merged = await connection.query(
      sql`select person, id, body from res where rtype = ${personType}::int2 and author = 'Linchpin' and toks && ${int8Array(tokens)}::int8[]`,
    )
    const fresh = merged.filter(
      (row) => !keys.has(key64(row, 'person')) && personOf(text(row, 'body')).active === false,
    )
    for (const row of fresh) keys.add(key64(row, 'person'))
    ids = fresh.map((row) => text(row, 'id'))
  }
  return [...keys]
}

const byName = (
  connection: Connection,
  type: string,
  names: readonly { readonly rtype: number; readonly id: string }[],
): Promise<readonly Target[]> =>
  targetsIn(
    connection,
    sql`(rtype, id) in (select * from unnest(${int2Array(names.map((each) => each.rtype))}::int2[], ${textArray(names.map((each) => each.id))}::text[]))`,
    isPersonScoped(type) ? 'res' : 'shared',
  )

async function targetsIn(connection: Connection, where: Sql, table: Target['table']): Promise<readonly Target[]> {
  const [now, past] = table === 'res' ? [sql`res`, sql`res_hist`] : [sql`shared`, sql`shared_hist`]
  const rows = await connection.query(
    sql`select person, rtype, id, max(ver) as ver, bool_or(now) as now, bool_or(own) as own from (
          select person, rtype, id, ver, true as now, author = 'Linchpin' as own from ${now} where ${where}
          union all select person, rtype, id, ver, false, author = 'Linchpin' from ${past} where ${where}) t
        group by person, rtype, id order by rtype, id limit ${mostTargets + 1}::int4`,
  )
  return rows.map((row) => {
    const rtype = whole(row, 'rtype')
    return {
      table,
      person: key64(row, 'person'),
      rtype,
      id: text(row, 'id'),
      type: typeName(rtype) ?? '',
      version: whole(row, 'ver'),
      isCurrent: row['now'] === true,
      isOwn: row['own'] === true && (rtype === personType || rtype === taskType),
    }
  })
}
