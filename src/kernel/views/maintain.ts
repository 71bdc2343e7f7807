import { Problem, problem } from '../../base/problem.ts'
import { identifier, join, type Sql, sql } from '../../base/sql.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { storedForm } from '../store/draft.ts'
import type { Move } from '../store/rehome.ts'
import type { NewRow, RowKey } from '../store/rows.ts'
import { int4Array, int8Array, textArray } from '../store/wire.ts'
import { type LiveView, liveViews } from './live-views.ts'

/** Adds the view rows of resources that were not there before. */
export const insertViewRows = (connection: Connection, rows: readonly NewRow[]): Promise<void> =>
  forViews(connection, rows, (view, of) => writeRows(connection, view, of.map(storedOf)))

/** Replaces the view rows of resources that changed. */
export const replaceViewRows = (connection: Connection, rows: readonly NewRow[]): Promise<void> =>
  forViews(connection, rows, (view, of) => [
    ...clearRows(connection, view, of),
    ...writeRows(connection, view, of.map(storedOf)),
  ])

/** Removes the view rows of resources that are no longer there. */
export const clearViewRows = (connection: Connection, rows: readonly RowKey[]): Promise<void> =>
  forViews(connection, rows, (view, of) => clearRows(connection, view, of))

/** View rows follow their resources to another person. */
export async function moveViewRows(connection: Connection, { from, to, rows }: Move): Promise<void> {
  await forViews(connection, rows, (view, of) => {
    const ids = textArray(of.map((each) => each.id))
    const names = join([...fixedNames, ...view.names], ', ')
    const values = join([sql`${to}::int8`, sql`_id`, sql`_row`, sql`_ver`, sql`_fault`, ...view.names], ', ')
    const moved = connection.query(
      sql`with moved as (delete from ${view.table} where _person = ${from}::int8 and _id = any(${ids}::text[]) returning *)
          insert into ${view.table} (${names}) select ${values} from moved`,
    )
    // A resource that the build has not come to has no rows to move, and the build may not come to it at its new place.
    return view.state === 'live' ? [moved] : [moved, rebuildRows(connection, view, ids)]
  })
}

/** A resource as it is stored, with the person it lies under. */
export interface StoredResource {
  readonly person: bigint
  readonly id: string
  readonly version: number
  readonly resource: Readonly<Record<string, unknown>>
}

const storedOf = (row: NewRow): StoredResource => ({
  person: row.person,
  id: row.id,
  version: row.version,
  resource: storedForm(row.resource, row),
})

/** Makes the rows of some resources of one view anew, from what is stored now. */
export async function rebuildRows(connection: Connection, view: LiveView, ids: Buffer): Promise<void> {
  const rows = await connection.query(
    sql`select r.person, r.id, r.ver, r.body from ${view.of} r where r.rtype = ${view.rtype}::int2 and r.id = any(${ids}::text[]) for share`,
  )
  await connection.query(sql`delete from ${view.table} where _id = any(${ids}::text[])`)
  await Promise.all(writeRows(connection, view, rows.map(storedResource)))
}

/** A row of person, id, ver and body. */
export const storedResource = (row: Readonly<Record<string, unknown>>): StoredResource => ({
  person: key64(row, 'person'),
  id: text(row, 'id'),
  version: whole(row, 'ver'),
  resource: JSON.parse(text(row, 'body')),
})

async function forViews<T extends { readonly rtype: number }>(
  connection: Connection,
  rows: readonly T[],
  send: (view: LiveView, rows: readonly T[]) => readonly Promise<unknown>[],
): Promise<void> {
  const views = await liveViews(connection)
  if (views.size === 0) return
  const byType = new Map<number, T[]>()
  for (const row of rows)
    if (views.has(row.rtype)) {
      const of = byType.get(row.rtype)
      if (of === undefined) byType.set(row.rtype, [row])
      else of.push(row)
    }
  const sent: Promise<unknown>[] = []
  for (const [rtype, of] of byType) for (const view of views.get(rtype) ?? []) sent.push(...send(view, of))
  await Promise.all(sent)
}

const clearRows = (connection: Connection, { table, id }: LiveView, rows: readonly Omit<RowKey, 'table'>[]) => [
  connection.query(
    sql`delete from ${table} v using unnest(${int8Array(rows.map((row) => row.person))}::int8[], ${textArray(rows.map((row) => row.id))}::text[]) k(person, id)
        where (v._person, v._id) = (k.person, k.id)`,
    `view_${id}_clear`,
  ),
]

const fixedNames = [sql`_person`, sql`_id`, sql`_row`, sql`_ver`, sql`_fault`]

/** Rows of a view, column by column, on their way into its table. */
interface Batch {
  readonly persons: bigint[]
  readonly ids: string[]
  readonly numbers: number[]
  readonly versions: number[]
  readonly faults: (string | undefined)[]
  readonly columns: (string | undefined)[][]
}

/** Number of the row that says why a resource has none: a view must not stop a write. */
const faultRow = -1

/** The rows that resources make of a view. One that cannot be evaluated has a row that says so. */
function batchOf({ view }: LiveView, resources: readonly StoredResource[]): Batch {
  const { columns } = view
  const batch: Batch = { persons: [], ids: [], numbers: [], versions: [], faults: [], columns: columns.map(() => []) }
  const add = (
    { person, id, version }: StoredResource,
    number: number,
    values: readonly unknown[],
    fault?: string,
  ): void => {
    batch.persons.push(person)
    batch.ids.push(id)
    batch.numbers.push(number)
    batch.versions.push(version)
    batch.faults.push(fault)
    columns.forEach(({ kind }, index) => {
      const value = values[index] ?? null
      batch.columns[index]?.push(value === null ? undefined : kind.write(value))
    })
  }
  for (const each of resources)
    try {
      view.rowsOf(each.resource).forEach((values, number) => add(each, number, values))
    } catch (error) {
      const known =
        error instanceof Problem ? error : problem('fault', 'The view cannot be evaluated', { cause: error })
      add(each, faultRow, [], JSON.stringify(known.issues))
    }
  return batch
}

/** Sends rows to a view's table. While it is built, what a writer writes wins over what the build brought. */
export function writeRows(
  connection: Pick<Connection, 'query'>,
  view: LiveView,
  resources: readonly StoredResource[],
  onConflict: 'replace' | 'keep' = 'replace',
): readonly Promise<unknown>[] {
  const batch = batchOf(view, resources)
  if (batch.ids.length === 0) return []
  const given = view.names.map((_, index) => identifier(`c${index}`))
  const cast = view.view.columns.map(({ kind }, index) => sql`${identifier(`c${index}`)}::${casts[kind.name]}`)
  const arrays = batch.columns.map((values) => sql`, ${textArray(values)}::text[]`)
  const conflict = view.state === 'live' ? sql`` : conflictOf(view, onConflict)
  const names = join([...fixedNames, ...view.names], ', ')
  const statement = sql`insert into ${view.table} (${names}) select ${join([...fixedNames, ...cast], ', ')}
    from unnest(${int8Array(batch.persons)}::int8[], ${textArray(batch.ids)}::text[], ${int4Array(batch.numbers)}::int4[],
      ${int4Array(batch.versions)}::int4[], ${textArray(batch.faults)}::text[]${join(arrays, '')}) n(${join([...fixedNames, ...given], ', ')})${conflict}`
  return [connection.query(statement, `view_${view.id}_${view.state === 'live' ? 'live' : onConflict}`)]
}

function conflictOf(view: LiveView, onConflict: 'replace' | 'keep'): Sql {
  if (onConflict === 'keep') return sql` on conflict (_person, _id, _row) do nothing`
  const set = [sql`_ver`, sql`_fault`, ...view.names].map((name) => sql`${name} = excluded.${name}`)
  return sql` on conflict (_person, _id, _row) do update set ${join(set, ', ')}`
}

const casts = {
  text: sql`text`,
  boolean: sql`boolean`,
  integer: sql`int8`,
  decimal: sql`numeric`,
  date: sql`date`,
  timestamp: sql`timestamptz`,
  json: sql`jsonb`,
} as const
