import { identifier, sql } from '../../base/sql.ts'
import { typeName } from '../fhir/resource-types.ts'
import { moveViewRows } from '../views/maintain.ts'
import { key64, type Target, text, whole } from './current.ts'
import type { Connection } from './database.ts'
import { homeToken } from './homing.ts'
import { nameOf } from './operation.ts'
import { changes } from './rows.ts'
import { sideTables } from './side-rows.ts'
import { int2Array, int8Array, textArray } from './wire.ts'

/** Rows that change hands between persons, with their history. */
export interface Move {
  readonly from: bigint
  readonly to: bigint
  readonly rows: readonly Target[]
  /** Set when rows find their home for the first time: the reference that homes them, and its source. */
  readonly by?: string
  readonly source?: string
}

const targets = (rows: readonly Target[]) =>
  sql`unnest(${int2Array(rows.map((row) => row.rtype))}::int2[], ${textArray(rows.map((row) => row.id))}::text[]) k(rtype, id)`

/** Moves rows to another person by delete and insert (the key is the distribution column), and tells the feed. */
export async function moveRows(connection: Connection, move: Move): Promise<void> {
  if (move.rows.length === 0 || move.from === move.to) return
  const of = targets(move.rows)
  const token = move.by === undefined ? sql`'{}'::int8[]` : sql`${int8Array([homeToken(move.by)])}::int8[]`
  await Promise.all([
    connection.query(
      sql`with moved as (delete from res r using ${of} where r.person = ${move.from}::int8 and (r.rtype, r.id) = (k.rtype, k.id) returning r.*),
          o as (insert into outbox (person, rtype, id, ver, op) select ${move.to}::int8, rtype, id, ver, ${changes.rehome}::int2 from moved)
          insert into res (person, rtype, id, ver, updated, code, date, toks, source, author, body)
          select ${move.to}::int8, rtype, id, ver, updated, code, date, toks || ${token},
                 case when source = '' then ${move.source ?? ''}::text else source end, author, body from moved`,
    ),
    connection.query(
      sql`with moved as (delete from res_hist h using ${of} where h.person = ${move.from}::int8 and (h.rtype, h.id) = (k.rtype, k.id) returning h.*)
          insert into res_hist (person, rtype, id, ver, updated, op, source, author, body)
          select ${move.to}::int8, rtype, id, ver, updated, op, source, author, body from moved`,
    ),
    ...sideTables.map((side) =>
      connection.query(
        sql`update ${identifier(side)} s set person = ${move.to}::int8 from ${of}
            where s.person = ${move.from}::int8 and (s.rtype, s.id) = (k.rtype, k.id)`,
      ),
    ),
    moveViewRows(connection, move),
  ])
}

/** All rows that follow these resources when they move: what they home, what that homes, and so on. */
export async function followers(connection: Connection, person: bigint, names: readonly string[]): Promise<Target[]> {
  const found = new Map<string, Target>()
  let homes = [...names]
  while (homes.length > 0) {
    const rows = await connection.query(
      sql`select rtype, id from res where person = ${person}::int8 and toks && ${int8Array(homes.map(homeToken))}::int8[]`,
    )
    homes = []
    for (const row of rows) {
      const target = { rtype: whole(row, 'rtype'), id: text(row, 'id') }
      const name = nameOf(typeName(target.rtype) ?? '', target.id)
      if (found.has(name)) continue
      found.set(name, target)
      homes.push(name)
    }
  }
  return [...found.values()]
}

/** The person a resource lies under now. */
export async function personOf(connection: Connection, target: Target): Promise<bigint | undefined> {
  const rows = await connection.query(
    sql`select person from res where rtype = ${target.rtype}::int2 and id = ${target.id}`,
  )
  return rows[0] === undefined ? undefined : key64(rows[0], 'person')
}
