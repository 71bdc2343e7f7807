import type pg from 'pg'
import { identifier, type Sql, sql } from '../../base/sql.ts'
import type { FeedEvent } from '../feed/feed.ts'
import { typeName, typeNumber } from '../fhir/resource-types.ts'
import { noCodes } from '../search/code-source.ts'
import { extract } from '../search/extract.ts'
import { filterCondition, tableOf } from '../search/filter-condition.ts'
import { isPersonScoped } from '../search/home.ts'
import { parseSearch } from '../search/query.ts'
import { text, whole } from '../store/current.ts'
import type { Connection, Row } from '../store/database.ts'
import { insertRows, type NewRow } from '../store/rows.ts'
import { insertSideRows, sideTables } from '../store/side-rows.ts'
import { int2Array, int4Array, textArray } from '../store/wire.ts'

/** One version of a resource, by name and number. */
export interface VersionName {
  readonly type: string
  readonly id: string
  readonly version: number
}

/** Bodies of versions, current or past, by position in what was asked; a deleted or expunged one is not there. */
export async function readBodies(
  connection: Pick<Connection, 'query'>,
  wanted: readonly VersionName[],
): Promise<ReadonlyMap<number, string>> {
  if (wanted.length === 0) return new Map()
  const keys = sql`unnest(${int2Array(wanted.map((each) => typeNumber(each.type) ?? 0))}::int2[], ${textArray(wanted.map((each) => each.id))}::text[],
    ${int4Array(wanted.map((each) => each.version))}::int4[]) with ordinality k(rtype, id, ver, n)`
  const from = (table: string): Sql =>
    sql`select k.n::int4 as n, r.body from ${keys} join ${identifier(table)} r using (rtype, id, ver)`
  const rows = await connection.query(
    sql`${from('res')} union all ${from('res_hist')} union all ${from('shared')} union all ${from('shared_hist')}`,
    'version_bodies',
  )
  return new Map(rows.filter((row) => text(row, 'body') !== '').map((row) => [whole(row, 'n') - 1, text(row, 'body')]))
}

/**
 * Searches among given versions rather than what is stored now: a change must be judged by what it made, whatever came
 * after. The versions lie in temporary tables of one session, under the names that searches use; the search is the same.
 */
export class VersionSearch {
  readonly #session: Connection
  readonly #store: Pick<Connection, 'query'>
  #found = new Map<string, ReadonlySet<string>>()

  private constructor(session: Connection, store: Pick<Connection, 'query'>) {
    this.#session = session
    this.#store = store
  }

  /** `client` is used for nothing else; `store` answers what lies behind references. */
  static async open(client: pg.Client, store: Pick<Connection, 'query'>): Promise<VersionSearch> {
    const session: Connection = {
      query: async (statement, name) => {
        const given = { text: statement.text, values: [...statement.values], ...(name === undefined ? {} : { name }) }
        return (await client.query<Row>(given)).rows
      },
      copy: () => Promise.reject(new Error('Versions are not copied')),
    }
    for (const table of tables)
      await client.query(`create temp table ${table} (like public.${table} including generated)`)
    return new VersionSearch(session, store)
  }

  /** Puts other versions in the place of those before. A resource occurs once. */
  async load(versions: readonly { readonly event: FeedEvent; readonly body: string }[]): Promise<void> {
    this.#found = new Map()
    for (const table of tables) await this.#session.query(sql`delete from ${identifier(table)}`)
    const rows = versions.map(({ event, body }) => rowOf(event, body))
    for (const table of ['res', 'shared'] as const)
      await insertRows(
        this.#session,
        table,
        rows.filter((row) => row.table === table),
        false,
      )
    await insertSideRows(this.#session, rows)
  }

  /** Names of the loaded resources of a type that match a search. */
  async matching(type: string, query: string): Promise<ReadonlySet<string>> {
    const key = `${type}?${query}`
    const known = this.#found.get(key)
    if (known !== undefined) return known
    const where = await filterCondition(
      { connection: this.#store, visible: sql`true`, codes: noCodes },
      parseSearch(type, query),
    )
    const rows = await this.#session.query(sql`select r.rtype, r.id from ${tableOf(type)} r where ${where}`)
    const found = new Set(rows.map((row) => `${typeName(whole(row, 'rtype')) ?? ''}/${text(row, 'id')}`))
    this.#found.set(key, found)
    return found
  }
}

const tables = ['res', 'shared', ...sideTables]

function rowOf(event: FeedEvent, body: string): NewRow {
  const resource: Record<string, unknown> = JSON.parse(body)
  return {
    table: isPersonScoped(event.type) ? 'res' : 'shared',
    person: event.person,
    rtype: typeNumber(event.type) ?? 0,
    id: event.id,
    version: event.version,
    updatedMs: updatedOf(resource),
    source: '',
    author: '',
    body,
    resource,
    columns: extract(resource),
    homeTokens: [],
  }
}

function updatedOf(resource: Readonly<Record<string, unknown>>): number {
  const meta: unknown = resource['meta']
  const updated: unknown = typeof meta === 'object' && meta !== null ? Reflect.get(meta, 'lastUpdated') : undefined
  return typeof updated === 'string' ? Temporal.Instant.from(updated).epochMilliseconds : 0
}
