import { identifier, quotedIdentifier, type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { isPersonScoped } from '../search/home.ts'
import { text, whole } from '../store/current.ts'
import type { Connection, Row } from '../store/database.ts'
import { type CompiledView, compileView, type ViewColumn } from './compile-view.ts'

/** A view whose rows lie in a table of their own, kept with every write. */
export interface LiveView {
  readonly id: number
  /** Where the definition comes from: `stored/ID` is a ViewDefinition resource, `declared/NAME` a capability's. */
  readonly source: string
  readonly name: string
  readonly hash: string
  readonly state: 'building' | 'live'
  readonly rtype: number
  readonly table: Sql
  /** Table of the resources it is made of. */
  readonly of: Sql
  readonly view: CompiledView
  /** Names of the columns in the table, in the order of the view's. */
  readonly names: readonly Sql[]
}

/** Views by the number of the resource type they are of. */
export type LiveViews = ReadonlyMap<number, readonly LiveView[]>

/** Advisory lock class of views. Writers hold the key shared; whoever changes what views there are holds it alone. */
const lockClass = 7003
const viewsLock = 0

const none: LiveViews = new Map()
const byConnection = new WeakMap<Pick<Connection, 'query'>, Promise<LiveViews>>()
/** Compiled views by token: a token says all, and is never used twice in any database. */
const byToken = new Map<string, LiveViews>()
const mostRemembered = 16

/**
 * The views that a write in this transaction must keep. From the first call to the end of the transaction they cannot
 * change: whoever changes them waits until every writer that did not know has committed, and then builds from what is
 * there. So no write is missed by a view, whichever process writes.
 */
export function liveViews(connection: Connection): Promise<LiveViews> {
  const known = byConnection.get(connection)
  if (known !== undefined) return known
  const asked = ask(connection)
  byConnection.set(connection, asked)
  return asked
}

/** Keeps every writer out until the end of the transaction: whatever they did is committed and seen by the next statement. */
export const lockViews = (connection: Connection): Promise<unknown> =>
  connection.query(sql`select pg_advisory_xact_lock(${lockClass}::int4, ${viewsLock}::int4)`, 'views_alone')

async function ask(connection: Connection): Promise<LiveViews> {
  // Two statements: the second sees what was committed while the first waited.
  const [, tokens] = await Promise.all([
    connection.query(sql`select pg_advisory_xact_lock_shared(${lockClass}::int4, ${viewsLock}::int4)`, 'views_shared'),
    connection.query(sql`select token from live_view_state`, 'views_token'),
  ])
  const token = text(tokens[0] ?? {}, 'token')
  if (token === '') return none
  const known = byToken.get(token)
  if (known !== undefined) return known
  const views = await readLiveViews(connection)
  const byType = new Map<number, readonly LiveView[]>()
  for (const each of views) byType.set(each.rtype, [...(byType.get(each.rtype) ?? []), each])
  if (byToken.size >= mostRemembered) byToken.delete(byToken.keys().next().value ?? '')
  byToken.set(token, byType)
  return byType
}

/** Every view that writers keep, those still being built included. */
export async function readLiveViews(connection: Pick<Connection, 'query'>): Promise<readonly LiveView[]> {
  const rows = await connection.query(
    sql`select id, source, name, hash, state, definition from live_view where state in ('building', 'live') order by id`,
  )
  return rows.map(liveViewOf)
}

/** One of them, without compiling the others. */
export async function readLiveView(connection: Pick<Connection, 'query'>, id: number): Promise<LiveView | undefined> {
  const rows = await connection.query(
    sql`select id, source, name, hash, state, definition from live_view where id = ${id}::int4 and state in ('building', 'live')`,
  )
  return rows[0] === undefined ? undefined : liveViewOf(rows[0])
}

/** A row of `live_view`. */
export function liveViewOf(row: Row): LiveView {
  const view = compileView(row['definition'])
  const id = whole(row, 'id')
  const { resource } = view.definition
  return {
    id,
    source: text(row, 'source'),
    name: text(row, 'name'),
    hash: text(row, 'hash'),
    state: row['state'] === 'live' ? 'live' : 'building',
    rtype: typeNumber(resource) ?? 0,
    table: identifier(`view_${id}`),
    of: isPersonScoped(resource) ? sql`res` : sql`shared`,
    view,
    names: columnNames(view.columns),
  }
}

/** PostgreSQL cuts names at 63 bytes: those too long are told apart by their place. */
const longestName = 63

const columnNames = (columns: readonly ViewColumn[]): readonly Sql[] =>
  columns.map(({ name }, index) =>
    quotedIdentifier(name.length <= longestName ? name : `${name.slice(0, longestName - 6)}_${index}`),
  )
