import { isObject } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import { type Criterion, splitToken } from '../search/criterion.ts'
import { parseSearch } from '../search/query.ts'
import { usualOptions } from '../search/result-options.ts'
import { search } from '../search/search.ts'
import type { Connection } from '../store/database.ts'
import { LockSet } from '../store/locks.ts'

/** A search that decides a conditional write. */
export interface Criteria {
  readonly type: string
  readonly query: string
}

/**
 * Finds the one resource that criteria mean, under a lock that every other conditional write with the same identifier
 * waits for: two callers cannot both find nothing. Answers by `Type?query`; undefined when there is none. What the same
 * transaction deletes (`except`, as `Type/id`) is not found any more.
 */
export async function resolveCriteria(
  connection: Connection,
  all: readonly Criteria[],
  except: ReadonlySet<string> = new Set(),
): Promise<ReadonlyMap<string, string | undefined>> {
  await lockCriteria(connection, all)
  const found = await Promise.all(all.map((each) => findOne(connection, each, except)))
  return new Map(all.map((each, index) => [criteriaName(each), found[index]]))
}

/** Ids of all that match, under the locks of `resolveCriteria`; refuses when there are more than `most`. */
export async function matchingIds(
  connection: Connection,
  criteria: Criteria,
  most: number,
): Promise<readonly string[]> {
  await lockCriteria(connection, [criteria])
  const found = await findMatching(connection, criteria, most + 1)
  if (found.length > most)
    throw problem('conflict', `More than ${most} ${criteria.type} resources match the criteria`, { status: 412 })
  return found
}

async function lockCriteria(connection: Connection, all: readonly Criteria[]): Promise<void> {
  const locks = new LockSet()
  for (const each of all) for (const name of lockNames(each)) locks.change(name)
  await locks.take(connection)
}

export const criteriaName = ({ type, query }: Criteria): string => `${type}?${query}`

/** Criteria that speak of one identifier share a lock, however they write it. */
function lockNames(criteria: Criteria): string[] {
  const { criteria: parsed } = parseCriteria(criteria)
  const identifiers = parsed
    .filter((each) => each.parameter.code === 'identifier')
    .flatMap((each) => each.values.map((value) => `criteria ${criteria.type} ${splitToken(value).code}`))
  return identifiers.length > 0 ? identifiers : [`criteria ${criteria.type}`]
}

function parseCriteria({ type, query }: Criteria) {
  const parsed = parseSearch(type, query)
  if (parsed.criteria.length + parsed.joined.length === 0)
    throw problem('invalid', `${type}: a conditional write needs search criteria`)
  return parsed
}

async function findOne(
  connection: Connection,
  criteria: Criteria,
  except: ReadonlySet<string>,
): Promise<string | undefined> {
  const all = await findMatching(connection, criteria, 2 + except.size)
  const found = all.filter((id) => !except.has(`${criteria.type}/${id}`))
  if (found.length > 1)
    throw problem('conflict', `More than one ${criteria.type} matches the criteria`, { status: 412 })
  return found[0]
}

async function findMatching(connection: Connection, criteria: Criteria, most: number): Promise<readonly string[]> {
  const parsed = parseCriteria(criteria)
  const page = await search(connection, { ...parsed, ...usualOptions, count: most }, sql`true`)
  return page.found.filter(({ body }) => bearsIdentifiers(body, parsed.criteria)).map(({ id }) => id)
}

/** The search goes by hashes; which resource is written is decided on the identifiers themselves. */
function bearsIdentifiers(body: string, criteria: readonly Criterion[]): boolean {
  const asked = criteria.filter(({ parameter, modifier }) => parameter.code === 'identifier' && modifier === '')
  if (asked.length === 0) return true
  const resource: unknown = JSON.parse(body)
  const held = isObject(resource) ? [resource['identifier']].flat().filter(isObject) : []
  return asked.every(({ values }) =>
    values.some((value) => {
      const { system, code } = splitToken(value)
      return held.some(
        (each) =>
          (system === undefined || (each['system'] ?? '') === system) && (code === '' || each['value'] === code),
      )
    }),
  )
}
