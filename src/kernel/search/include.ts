import { join, type Sql, sql } from '../../base/sql.ts'
import { resourceTypeNames, typeName, typeNumber } from '../fhir/resource-types.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Connection, Row } from '../store/database.ts'
import { int2Array, int8Array, textArray } from '../store/wire.ts'
import { isPersonScoped } from './home.ts'
import { type Include, referenceCodes } from './include-syntax.ts'
import { searchParameter } from './parameters.ts'
import type { Found } from './search.ts'
import { resourceIn, targetsOf } from './targets.ts'
import { parameterName, referenceToken } from './token.ts'

/** What a page brings with it. */
export interface Included {
  readonly found: readonly Found[]
  /** Some were left out: there were more than one page may bring. */
  readonly capped: boolean
}

/** Most resources that one page brings with it. */
export const mostIncluded = 1000

const mostHops = 10

/** Fetches what includes ask for, each resource once: a statement for each table and hop, however many includes there are. */
export async function included(
  connection: Pick<Connection, 'query'>,
  includes: readonly Include[],
  matches: readonly Found[],
  visible: Sql,
): Promise<Included> {
  const seen = new Set(matches.map(nameOf))
  const found: Found[] = []
  let sources = matches
  for (let hop = 0; hop < mostHops && sources.length > 0; hop += 1) {
    const active = includes.filter((each) => hop === 0 || each.iterate)
    const wanted = sourcesWant(active, sources)
    const room = mostIncluded - found.length
    const rows = await fetchHop(connection, wanted, visible, seen.size + room + 1)
    const fresh = rows.filter((each) => !seen.has(nameOf(each)))
    for (const each of fresh) seen.add(nameOf(each))
    found.push(...fresh.slice(0, room))
    if (fresh.length > room) return { found, capped: true }
    sources = fresh
  }
  return { found, capped: false }
}

const nameOf = ({ type, id }: Pick<Found, 'type' | 'id'>): string => `${type}/${id}`

/** What one hop looks for: resources by name, and rows that hold one of some tokens. */
interface Wanted {
  readonly names: ReadonlySet<string>
  readonly tokens: ReadonlySet<bigint>
}

function sourcesWant(includes: readonly Include[], sources: readonly Found[]): Wanted {
  const names = new Set<string>()
  const tokens = new Set<bigint>()
  for (const source of sources) {
    const forward = includes.filter((each) => !each.reverse && (each.source ?? source.type) === source.type)
    const resource = forward.length === 0 ? {} : resourceIn(source.body)
    for (const include of forward)
      for (const code of referenceCodes(include, source.type))
        for (const target of targetsOf(source.type, code, resource))
          if (include.target === undefined || target.startsWith(`${include.target}/`)) names.add(target)
    for (const include of includes)
      if (include.reverse && (include.target ?? source.type) === source.type)
        for (const parameter of referringNames(include, source.type))
          tokens.add(referenceToken(parameter, nameOf(source)))
  }
  return { names, tokens }
}

/** Parameters by which other resources may refer to one of a type. */
const referringNames = (include: Include, target: string): readonly string[] =>
  (include.source === undefined ? resourceTypeNames : [include.source]).flatMap((source) =>
    referenceCodes(include, source)
      .filter((code) => searchParameter(source, code)?.target?.includes(target) !== false)
      .map((code) => parameterName(source, code)),
  )

async function fetchHop(
  connection: Pick<Connection, 'query'>,
  wanted: Wanted,
  visible: Sql,
  limit: number,
): Promise<readonly Found[]> {
  const rows = await Promise.all([
    fetchFrom(connection, sql`res`, namesIn(wanted, true), wanted.tokens, visible, limit),
    fetchFrom(connection, sql`shared`, namesIn(wanted, false), wanted.tokens, visible, limit),
  ])
  return rows.flat().map(foundIn)
}

const namesIn = ({ names }: Wanted, personal: boolean): readonly string[] =>
  [...names].filter((name) => isPersonScoped(name.slice(0, name.indexOf('/'))) === personal)

async function fetchFrom(
  connection: Pick<Connection, 'query'>,
  table: Sql,
  names: readonly string[],
  tokens: ReadonlySet<bigint>,
  visible: Sql,
  limit: number,
): Promise<readonly Row[]> {
  const parts: Sql[] = []
  if (names.length > 0) parts.push(byName(table, names, visible))
  if (tokens.size > 0)
    parts.push(sql`select ${columns} from ${table} r where r.toks && ${int8Array([...tokens])}::int8[] and ${visible}`)
  if (parts.length === 0) return []
  return connection.query(
    sql`select distinct on (rtype, id) * from (${join(parts, ' union all ')}) f order by rtype, id limit ${limit}::int4`,
  )
}

const columns = sql`r.rtype, r.person, r.id, r.ver, r.body`

function byName(table: Sql, names: readonly string[], visible: Sql): Sql {
  const rtypes = names.map((name) => typeNumber(name.slice(0, name.indexOf('/'))) ?? 0)
  const ids = names.map((name) => name.slice(name.indexOf('/') + 1))
  return sql`select ${columns} from unnest(${int2Array(rtypes)}::int2[], ${textArray(ids)}::text[]) k(rtype, id)
    join ${table} r on (r.rtype, r.id) = (k.rtype, k.id) where ${visible}`
}

/** A row with the type it says it has. */
export const foundIn = (row: Row): Found => ({
  type: typeName(whole(row, 'rtype')) ?? '',
  person: key64(row, 'person'),
  id: text(row, 'id'),
  version: whole(row, 'ver'),
  body: text(row, 'body'),
})
