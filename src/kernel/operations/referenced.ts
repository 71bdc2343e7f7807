import { join, type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { isPersonScoped } from '../search/home.ts'
import { foundIn } from '../search/include.ts'
import type { Found } from '../search/search.ts'
import type { Connection } from '../store/database.ts'
import { int2Array, textArray } from '../store/wire.ts'

const literal = /"reference":"([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?"/g

/** Adds `Type/id` of every relative reference in a stored text. Looks at the text alone: parsing it would cost more than reading it. */
export function addReferences(body: string, names: Set<string>): void {
  for (const [, type = '', id = ''] of body.matchAll(literal))
    if (typeNumber(type) !== undefined) names.add(`${type}/${id}`)
}

/** Which referenced resources an answer brings, beside those that belong to no person. */
export interface Bring {
  /** Condition on a row `r` of `res`. */
  readonly personal: Sql
  /** Condition on a row `r` of either table. */
  readonly wanted: Sql
}

const mostHops = 3

/**
 * The resources that some texts refer to and that are not there yet: what all share (organisations, practitioners,
 * medications), what that refers to in turn, and of a person's rows what `personal` says. Each comes once.
 */
export async function readReferenced(
  connection: Pick<Connection, 'query'>,
  names: ReadonlySet<string>,
  known: ReadonlySet<string>,
  bring: Bring,
): Promise<readonly Found[]> {
  const seen = new Set(known)
  const found: Found[] = []
  let asked: ReadonlySet<string> = names
  for (let hop = 0; hop < mostHops; hop += 1) {
    const fresh = [...asked].filter((name) => !seen.has(name))
    for (const name of fresh) seen.add(name)
    const rows = await readByName(connection, fresh, bring)
    if (rows.length === 0) break
    found.push(...rows)
    const next = new Set<string>()
    for (const row of rows) if (row.person === 0n) addReferences(row.body, next)
    asked = next
  }
  return found
}

async function readByName(
  connection: Pick<Connection, 'query'>,
  names: readonly string[],
  { personal, wanted }: Bring,
): Promise<readonly Found[]> {
  const parts: Sql[] = []
  const inTable = (own: boolean): readonly string[] =>
    names.filter((name) => isPersonScoped(name.slice(0, name.indexOf('/'))) === own)
  const own = inTable(true)
  const shared = inTable(false)
  if (own.length > 0) parts.push(byName(sql`res`, own, sql`${personal} and ${wanted}`))
  if (shared.length > 0) parts.push(byName(sql`shared`, shared, wanted))
  if (parts.length === 0) return []
  const rows = await connection.query(sql`${join(parts, ' union all ')} order by rtype, id`)
  return rows.map(foundIn)
}

function byName(table: Sql, names: readonly string[], where: Sql): Sql {
  const rtypes = names.map((name) => typeNumber(name.slice(0, name.indexOf('/'))) ?? 0)
  const ids = names.map((name) => name.slice(name.indexOf('/') + 1))
  return sql`select r.rtype, r.person, r.id, r.ver, r.body
    from unnest(${int2Array(rtypes)}::int2[], ${textArray(ids)}::text[]) k(rtype, id)
    join ${table} r on (r.rtype, r.id) = (k.rtype, k.id) where ${where}`
}
