import { identifier, type Sql, sql } from '../../../base/sql.ts'
import { contentsOf } from '../../store/content.ts'
import { whole } from '../../store/current.ts'
import type { Connection } from '../../store/database.ts'
import { patientType, personType } from '../../store/person/people.ts'
import { deleteRows, insertOutbox, keysOf } from '../../store/rows.ts'
import { clearSideRows } from '../../store/side-rows.ts'
import { int2Array, int8Array, textArray } from '../../store/wire.ts'
import { liveViews } from '../../views/live-views.ts'
import { clearViewRows } from '../../views/maintain.ts'
import type { Target } from './targets.ts'

/** How many rows lie in one place where content of a resource may lie. */
export interface PlaceCount {
  readonly place: string
  readonly rows: number
}

const ofTable = (targets: readonly Target[], table: Target['table']): readonly Target[] =>
  targets.filter((each) => each.table === table)

/** Every table that holds something of a resource: what is not in this list is not erased. */
function places(targets: readonly Target[]): readonly (readonly [place: string, from: Sql])[] {
  const own = ofTable(targets, 'res')
  const shared = ofTable(targets, 'shared')
  const keyed = (table: string, of: readonly Target[]): Sql =>
    sql`from ${identifier(table)} t join ${keysOf(of)} on (t.person, t.rtype, t.id) = (k.person, k.rtype, k.id)`
  const named = sql`unnest(${int2Array(targets.map((each) => each.rtype))}::int2[], ${textArray(targets.map((each) => each.id))}::text[]) k(rtype, id)`
  const patients = textArray(targets.filter((each) => each.rtype === patientType).map((each) => each.id))
  return [
    ['current versions', keyed('res', own)],
    ['current versions of shared resources', keyed('shared', shared)],
    ['history', keyed('res_hist', own)],
    ['history of shared resources', keyed('shared_hist', shared)],
    ['bytes of Binaries', sql`from content t join ${contentsOf(targets)} on t.id = n.id`],
    ['search texts', keyed('res_str', targets)],
    ['search dates', keyed('res_date', targets)],
    ['search numbers', keyed('res_num', targets)],
    ['entries waiting for their person', sql`from waiting t join ${named} on (t.rtype, t.id) = (k.rtype, k.id)`],
    ['keys of the person index', sql`from match_key t where t.patient = any(${patients}::text[])`],
  ]
}

/** Counts what lies in each place, live views included. */
export async function countPlaces(connection: Connection, targets: readonly Target[]): Promise<readonly PlaceCount[]> {
  const all = [...places(targets), ...(await viewPlaces(connection, targets))]
  return Promise.all(
    all.map(async ([place, from]) => {
      const [row] = await connection.query(sql`select count(*)::float8 as n ${from}`)
      return { place, rows: whole(row ?? {}, 'n') }
    }),
  )
}

async function viewPlaces(
  connection: Connection,
  targets: readonly Target[],
): Promise<readonly (readonly [place: string, from: Sql])[]> {
  const views = [...(await liveViews(connection)).values()].flat()
  return views.map((view) => {
    const ids = targets.filter((each) => each.rtype === view.rtype).map((each) => each.id)
    return [`live view ${view.name}`, sql`from ${view.table} t where t._id = any(${textArray(ids)}::text[])`] as const
  })
}

/** Erases what a delete leaves: every version before, and what the person index made, which nobody else may delete. */
export async function eraseRemains(connection: Connection, targets: readonly Target[]): Promise<void> {
  const own = targets.filter((each) => each.isOwn && each.isCurrent)
  await deleteRows(connection, 'res', own)
  await clearSideRows(connection, own)
  await clearViewRows(connection, own)
  await insertOutbox(
    connection,
    own.map((each) => ({ ...each, version: each.version + 1, change: 'delete' as const })),
  )
  // Its names lie in the versions, so the bytes go first.
  await connection.query(sql`delete from content t using ${contentsOf(targets)} where t.id = n.id`)
  await eraseHistory(connection, 'res_hist', ofTable(targets, 'res'))
  // What the index made of several Patients spoke of each: of its versions before, nothing can be told apart.
  const persons = targets.filter((each) => each.rtype === patientType).map((each) => each.person)
  await connection.query(
    sql`delete from res_hist where person = any(${int8Array(persons)}::int8[]) and rtype = ${personType}::int2 and author = 'Linchpin'`,
  )
  await eraseHistory(connection, 'shared_hist', ofTable(targets, 'shared'))
}

async function eraseHistory(connection: Connection, table: string, targets: readonly Target[]): Promise<void> {
  if (targets.length === 0) return
  await connection.query(
    sql`delete from ${identifier(table)} t using ${keysOf(targets)} where (t.person, t.rtype, t.id) = (k.person, k.rtype, k.id)`,
  )
}
