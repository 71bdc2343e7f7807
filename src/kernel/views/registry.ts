import { createHash, randomUUID } from 'node:crypto'
import { problem } from '../../base/problem.ts'
import { identifier, join, quotedIdentifier, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { text, whole } from '../store/current.ts'
import type { Connection, Database } from '../store/database.ts'
import { type CompiledView, compileView } from './compile-view.ts'
import { type LiveView, liveViewOf, lockViews } from './live-views.ts'

/** A view that a capability declares: its definition, and the columns that its pages look things up by. */
export interface DeclaredView {
  /** A ViewDefinition of SQL on FHIR; its name is what pages call it by. */
  readonly definition: Readonly<Record<string, unknown>>
  /** Each a list of columns, in the order of the index. */
  readonly indexes?: readonly (readonly string[])[]
}

/** A view that should be kept live. */
interface Wanted extends DeclaredView {
  readonly source: string
  readonly view: CompiledView
  readonly hash: string
}

/** Every view costs each write of its type something. */
const mostViews = 200

/** Part of the hash: a change of how rows are made of a definition makes every table anew. */
const compilerVersion = 1

/** A hash of all that decides a view's rows and table. */
function hashOf({ definition, indexes }: DeclaredView): string {
  const { name, resource, constant, select, where } = definition
  const decisive = JSON.stringify([compilerVersion, name, resource, constant, select, where, indexes ?? []])
  return createHash('sha256').update(decisive).digest('hex')
}

/** Hash under which a definition is kept when it is a stored resource. */
export const definitionHash = (definition: Readonly<Record<string, unknown>>): string => hashOf({ definition })

const viewDefinitionType = typeNumber('ViewDefinition') ?? 0

/** Views that should be live: those declared, and every stored ViewDefinition of status active. */
async function wantedViews(database: Database, declared: readonly DeclaredView[]): Promise<readonly Wanted[]> {
  const rows = await database.read(
    sql`select id, body from shared where rtype = ${viewDefinitionType}::int2 order by id limit ${mostViews * 10}::int4`,
  )
  const stored = rows.flatMap((row): Wanted[] => {
    const definition: Record<string, unknown> = JSON.parse(text(row, 'body'))
    return definition['status'] === 'active' ? wanted(`stored/${text(row, 'id')}`, { definition }) : []
  })
  const own = declared.flatMap((each) => wanted(`declared/${String(each.definition['name'])}`, each))
  return [...own, ...stored].slice(0, mostViews)
}

function wanted(source: string, declared: DeclaredView): Wanted[] {
  const view = compileView(declared.definition)
  return view.stable ? [{ ...declared, source, view, hash: hashOf(declared) }] : []
}

/**
 * Brings what is kept live to what should be: starts tables for new and changed views, lets go of those nobody wants.
 * A changed view's old table stays until the new one is proven. Answers whether anything changed.
 */
export async function reconcileViews(database: Database, declared: readonly DeclaredView[]): Promise<boolean> {
  const all = await wantedViews(database, declared)
  const known = await database.read(sql`select id, source, hash from live_view where state <> 'retired'`)
  const isKnown = ({ source, hash }: Wanted): boolean =>
    known.some((row) => row['source'] === source && row['hash'] === hash)
  const added = all.filter((each) => !isKnown(each))
  const sources = new Set(all.map((each) => each.source))
  const building = new Set(added.map((each) => each.source))
  const gone = known.filter((row) => !sources.has(text(row, 'source'))).map((row) => whole(row, 'id'))
  if (added.length + gone.length === 0) return false
  await changeViews(database, async (connection) => {
    for (const each of added) await startView(connection, each)
    const retired = [...gone, ...(await unfinished(connection, building, added))]
    for (const id of retired) await connection.query(sql`update live_view set state = 'retired' where id = ${id}::int4`)
  })
  return true
}

/** Tables begun for a definition that has changed again meanwhile. */
async function unfinished(
  connection: Connection,
  sources: ReadonlySet<string>,
  added: readonly Wanted[],
): Promise<number[]> {
  const rows = await connection.query(sql`select id, source, hash from live_view where state in ('building', 'failed')`)
  return rows
    .filter(
      (row) =>
        sources.has(text(row, 'source')) &&
        !added.some((each) => each.source === row['source'] && each.hash === row['hash']),
    )
    .map((row) => whole(row, 'id'))
}

/** Starts a table anew for a view that is live, as if its definition had changed. */
export async function rebuildView(
  database: Database,
  view: LiveView,
  indexes: DeclaredView['indexes'] = [],
): Promise<void> {
  const [row] = await database.read(sql`select definition from live_view where id = ${view.id}::int4`)
  const definition: Readonly<Record<string, unknown>> = Object(row?.['definition'])
  await changeViews(database, (connection) =>
    startView(connection, { source: view.source, definition, indexes, view: view.view, hash: view.hash }),
  )
}

/** Changes which views there are, with every writer kept out for the moment it takes. */
export async function changeViews(
  database: Database,
  change: (connection: Connection) => Promise<unknown>,
): Promise<void> {
  await database.transaction(async (connection) => {
    await lockViews(connection)
    await change(connection)
    await connection.query(
      sql`insert into live_view_state (one, token) values (true, ${randomUUID()}) on conflict (one) do update set token = excluded.token`,
    )
  })
}

async function startView(connection: Connection, each: Wanted): Promise<void> {
  const [row] = await connection.query(
    sql`insert into live_view (source, name, hash, definition, indexes, state, planned, resources, rows, note, started)
        values (${each.source}, ${each.view.definition.name}, ${each.hash}, ${JSON.stringify(each.definition)}::jsonb,
          ${(each.indexes ?? []).map((names) => names.join(','))}::text[], 'building', false, 0, 0, '', now())
        returning id, source, name, hash, state, definition`,
  )
  if (row === undefined) throw problem('fault', 'A view could not be started')
  await createTable(connection, liveViewOf(row), each.indexes ?? [])
}

const sqlTypes = {
  text: sql`text collate "C"`,
  boolean: sql`boolean`,
  integer: sql`int8`,
  decimal: sql`numeric`,
  date: sql`date`,
  timestamp: sql`timestamptz`,
  json: sql`jsonb`,
} as const

/** The primary key begins with the person, so that the table can be distributed as its resources are. */
async function createTable(
  connection: Connection,
  live: LiveView,
  indexes: readonly (readonly string[])[],
): Promise<void> {
  const columns = live.view.columns.map(
    ({ kind }, index) => sql`, ${live.names[index] ?? sql``} ${sqlTypes[kind.name]}`,
  )
  await connection.query(
    sql`create table ${live.table} (_person int8 not null, _id text collate "C" not null, _row int4 not null, _ver int4 not null,
        _fault text${join(columns, '')}, primary key (_person, _id, _row))`,
  )
  await connection.query(sql`create index ${identifier(`view_${live.id}_id`)} on ${live.table} (_id, _row)`)
  await connection.query(
    sql`create index ${identifier(`view_${live.id}_fault`)} on ${live.table} (_row) where _row < 0`,
  )
  for (const [number, names] of indexes.entries())
    await connection.query(
      sql`create index ${identifier(`view_${live.id}_index_${number}`)} on ${live.table} (${join(names.map(quotedIdentifier), ', ')})`,
    )
}

/** Removes the tables of views that nobody keeps any more. A reader who is slow to end is not waited for: next time. */
export async function dropRetired(database: Database): Promise<void> {
  const rows = await database.read(sql`select id from live_view where state = 'retired'`)
  for (const row of rows) {
    const id = whole(row, 'id')
    await database.transaction(async (connection) => {
      await connection.query(sql`set local lock_timeout = '2s'`)
      await connection.query(sql`drop table if exists ${identifier(`view_${id}`)}`)
      await connection.query(sql`delete from live_view_chunk where view = ${id}::int4`)
      await connection.query(sql`delete from live_view where id = ${id}::int4`)
    })
  }
}
