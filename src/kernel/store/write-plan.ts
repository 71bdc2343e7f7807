import { sql } from '../../base/sql.ts'
import { type AuditAction, insertAudit } from '../audit/audit.ts'
import { typeName } from '../fhir/resource-types.ts'
import { key64, type Target, text, whole } from './current.ts'
import type { Connection } from './database.ts'
import { countDefinitionChanges } from './definition-changes.ts'
import { waitingKey } from './homing.ts'
import { type CurrentRow, nameOf, type Operation } from './operation.ts'
import type { IndexResult } from './person/index-patients.ts'
import { writeIndex } from './person/write-index.ts'
import { moveRows } from './rehome.ts'
import {
  type Change,
  deleteRows,
  insertOutbox,
  insertRows,
  insertTombstones,
  keepHistory,
  type NewRow,
  type RowKey,
  type TableName,
  updateRows,
} from './rows.ts'
import { clearSideRows, insertSideRows } from './side-rows.ts'
import { int2Array, int8Array, textArray } from './wire.ts'

/** One row to write and what it replaces. */
export interface PlannedRow {
  readonly row: NewRow
  readonly previous: CurrentRow | undefined
  readonly change: Change
  /** Reference that will home this row once it is here. */
  readonly waitsFor?: string | undefined
  /** Other rows may have been waiting for this one. */
  readonly mayBeAwaited: boolean
}

export interface PlannedAudit {
  readonly operation: Operation
  readonly person: bigint
  readonly name: string
  readonly action: AuditAction
}

/** All that one commit writes. */
export interface Plan {
  readonly rows: PlannedRow[]
  readonly gone: (RowKey & { readonly version: number; readonly updatedMs: number; readonly author: string })[]
  readonly audits: PlannedAudit[]
  readonly index: IndexResult
}

const tables: readonly TableName[] = ['res', 'shared']

const samePerson = (planned: PlannedRow): boolean => planned.previous?.person === planned.row.person

/** Sends every statement of a commit, pipelined, in an order in which each finds what it needs. */
export async function writePlan(
  connection: Connection,
  plan: Plan,
  options: { readonly copy: boolean; readonly nowMs: number },
): Promise<void> {
  const replaced = plan.rows.flatMap((planned) => (planned.previous === undefined ? [] : [planned.previous]))
  const moved = plan.rows.filter((planned) => planned.previous !== undefined && !samePerson(planned))
  const movedFrom = moved.flatMap((planned) => (planned.previous === undefined ? [] : [planned.previous]))
  const sent: Promise<unknown>[] = []
  for (const table of tables) {
    const of = <T extends { readonly table: TableName }>(rows: readonly T[]): T[] =>
      rows.filter((row) => row.table === table)
    const inPlace = plan.rows.filter(samePerson).map((planned) => planned.row)
    const added = plan.rows.filter((planned) => !samePerson(planned)).map((planned) => planned.row)
    sent.push(keepHistory(connection, table, of([...replaced, ...plan.gone])))
    sent.push(deleteRows(connection, table, of([...movedFrom, ...plan.gone])))
    sent.push(updateRows(connection, table, of(inPlace)))
    sent.push(insertRows(connection, table, of(added), options.copy))
    sent.push(insertTombstones(connection, table, of(plan.gone)))
  }
  sent.push(clearSideRows(connection, [...replaced, ...plan.gone]))
  sent.push(clearWaiting(connection, [...replaced, ...plan.gone]))
  sent.push(
    insertSideRows(
      connection,
      plan.rows.map((planned) => planned.row),
    ),
  )
  sent.push(insertWaiting(connection, plan.rows))
  sent.push(writeIndex(connection, plan.index))
  sent.push(
    insertOutbox(connection, [
      ...plan.rows.map(({ row, change }) => ({
        person: row.person,
        rtype: row.rtype,
        id: row.id,
        version: row.version,
        change,
      })),
      ...plan.gone.map((row) => ({ ...row, change: 'delete' as const })),
    ]),
  )
  sent.push(countDefinitionChanges(connection, [...plan.rows.map(({ row }) => row), ...plan.gone]))
  sent.push(insertAudit(connection, auditRows(plan), options.nowMs))
  await Promise.all(sent)
  const returned = plan.rows.filter(({ row, previous }) => previous === undefined && row.version > 1)
  for (const planned of [...moved, ...returned]) await moveHistory(connection, planned)
  for (const move of plan.index.moves) await moveRows(connection, move)
}

/** One audit row for each request, person and action, holding the names of all that was written. */
function auditRows(plan: Plan) {
  const groups = new Map<
    string,
    { person: bigint; action: AuditAction; ids: string[]; submission: Operation['submission'] }
  >()
  for (const { operation, person, name, action } of plan.audits) {
    const group = `${operation.submission.requestId} ${person} ${action}`
    const row = groups.get(group)
    if (row === undefined) groups.set(group, { person, action, ids: [name], submission: operation.submission })
    else row.ids.push(name)
  }
  return [...groups.values()].map((row) => ({ ...row, outcome: 'success' as const }))
}

/** History follows its row to another person, so that one person's record stays in one place. A row that was deleted may return to another. */
async function moveHistory(connection: Connection, { row, previous }: PlannedRow): Promise<void> {
  if (row.table !== 'res') return
  const elsewhere = previous === undefined ? sql`person <> ${row.person}::int8` : sql`person = ${previous.person}::int8`
  await connection.query(
    sql`with moved as (delete from res_hist where ${elsewhere} and rtype = ${row.rtype} and id = ${row.id} returning *)
        insert into res_hist select ${row.person}::int8, rtype, id, ver, updated, op, source, author, body from moved`,
  )
}

async function clearWaiting(connection: Connection, rows: readonly RowKey[]): Promise<void> {
  if (rows.length === 0) return
  await connection.query(
    sql`delete from waiting w using unnest(${int2Array(rows.map((row) => row.rtype))}::int2[],
          ${textArray(rows.map((row) => row.id))}::text[]) k(rtype, id) where (w.rtype, w.id) = (k.rtype, k.id)`,
    'clear_waiting',
  )
}

async function insertWaiting(connection: Connection, rows: readonly PlannedRow[]): Promise<void> {
  const waiting = rows.flatMap(({ row, waitsFor }) =>
    waitsFor === undefined ? [] : [{ row, key: waitingKey(waitsFor) }],
  )
  if (waiting.length === 0) return
  await connection.query(
    sql`insert into waiting (key, rtype, id) select * from unnest(${int8Array(waiting.map((each) => each.key))}::int8[],
          ${int2Array(waiting.map((each) => each.row.rtype))}::int2[], ${textArray(waiting.map((each) => each.row.id))}::text[])
        on conflict do nothing`,
    'insert_waiting',
  )
}

interface Arrived {
  readonly name: string
  readonly person: bigint
  readonly source: string
}

/** Brings home the rows that were waiting for what this commit stored, and the rows waiting for those. */
export async function adoptWaiting(connection: Connection, plan: Plan): Promise<void> {
  let arrived: Arrived[] = plan.rows
    .filter((planned) => planned.mayBeAwaited && planned.row.person !== 0n)
    .map(({ row }) => ({ name: nameOf(typeName(row.rtype) ?? '', row.id), person: row.person, source: row.source }))
  while (arrived.length > 0) {
    const homeByKey = new Map(arrived.map((each) => [waitingKey(each.name), each]))
    const rows = await connection.query(
      sql`delete from waiting where key = any(${int8Array([...homeByKey.keys()])}::int8[]) returning key, rtype, id`,
      'adopt',
    )
    const byHome = new Map<string, { readonly home: Arrived; readonly rows: Target[] }>()
    for (const row of rows) {
      const home = homeByKey.get(key64(row, 'key'))
      if (home === undefined) continue
      const group = byHome.get(home.name) ?? { home, rows: [] }
      group.rows.push({ rtype: whole(row, 'rtype'), id: text(row, 'id') })
      byHome.set(home.name, group)
    }
    arrived = []
    for (const { home, rows: waiting } of byHome.values()) {
      await moveRows(connection, { from: 0n, to: home.person, rows: waiting, by: home.name, source: home.source })
      for (const { rtype, id } of waiting) arrived.push({ ...home, name: nameOf(typeName(rtype) ?? '', id) })
    }
  }
}
