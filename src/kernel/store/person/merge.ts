import { problem } from '../../../base/problem.ts'
import { sql } from '../../../base/sql.ts'
import { liveViews } from '../../views/live-views.ts'
import type { Connection } from '../database.ts'
import { LockSet, rehomingLock } from '../locks.ts'
import { followers, moveRows } from '../rehome.ts'
import { insertOutbox, keepHistory, updateRows } from '../rows.ts'
import { clearSideRows, insertSideRows } from '../side-rows.ts'
import { textArray } from '../wire.ts'
import type { PlannedRow } from '../write-plan.ts'
import { goldenRow } from './index-rows.ts'
import { lockPeople, type PersonState, patientsEver, patientType } from './people.ts'

/** Which Patients a merge brought over, so that it can be taken back. */
export interface Merged {
  readonly from: string
  readonly to: string
  readonly patients: readonly string[]
}

/**
 * Makes one person of two: every row of `loser` moves to `winner`, with its history. Sources stay as they were sent;
 * the loser's golden Person remains and leads to the winner.
 */
export async function mergePersons(
  connection: Connection,
  winnerKey: bigint,
  loserKey: bigint,
  nowMs: number,
): Promise<Merged> {
  const { winner, loser } = await lockBoth(connection, winnerKey, loserKey)
  if (winner.replacedBy !== undefined || loser.replacedBy !== undefined)
    throw problem('conflict', 'One of these people was merged meanwhile. Open the review again.')
  const patients = await patientsEver(connection, loserKey)
  await movePatients(connection, loser, winner, patients)
  loser.replacedBy = winner.id
  winner.replaces.push(loser.id)
  await writeGolden(connection, [winner, loser], nowMs)
  return { from: loser.id, to: winner.id, patients }
}

/** Takes a merge back: the Patients that it brought, and all that is about them, return. What came since goes with its Patient. */
export async function unmergePersons(
  connection: Connection,
  merged: Merged,
  winnerKey: bigint,
  loserKey: bigint,
  nowMs: number,
): Promise<void> {
  const { winner, loser } = await lockBoth(connection, winnerKey, loserKey)
  if (loser.replacedBy !== winner.id) throw problem('conflict', 'This merge was taken back already')
  const stillThere = new Set(await patientsEver(connection, winnerKey))
  const here = merged.patients.filter((patient) => stillThere.has(patient))
  await movePatients(connection, winner, loser, here)
  delete loser.replacedBy
  const replaced = winner.replaces.indexOf(loser.id)
  if (replaced !== -1) winner.replaces.splice(replaced, 1)
  await writeGolden(connection, [winner, loser], nowMs)
}

async function lockBoth(connection: Connection, winnerKey: bigint, loserKey: bigint) {
  if (winnerKey === loserKey) throw problem('conflict', 'These records are of one person already')
  await liveViews(connection)
  const first = await lockPeople(connection, [winnerKey, loserKey])
  const locks = new LockSet()
  locks.change(rehomingLock)
  for (const person of first.values()) for (const patient of person.members.keys()) locks.change(`Patient/${patient}`)
  await locks.take(connection)
  // Read again: a write that held one of these locks may have added to what must move.
  const people = await lockPeople(connection, [winnerKey, loserKey])
  const winner = people.get(winnerKey)
  const loser = people.get(loserKey)
  if (winner === undefined || loser === undefined) throw problem('not-found', 'One of these people is not known')
  return { winner, loser }
}

async function movePatients(
  connection: Connection,
  from: PersonState,
  to: PersonState,
  patients: readonly string[],
): Promise<void> {
  const names = patients.map((patient) => `Patient/${patient}`)
  const rows = await followers(connection, from.key, names)
  const moving = [...patients.map((id) => ({ rtype: patientType, id })), ...rows]
  await moveRows(connection, { from: from.key, to: to.key, rows: moving })
  await connection.query(
    sql`update match_key set person = ${to.key}::int8 where patient = any(${textArray(patients)}::text[]) and person = ${from.key}::int8`,
  )
  for (const patient of patients) {
    const member = from.members.get(patient)
    if (member !== undefined) to.members.set(patient, member)
    from.members.delete(patient)
  }
}

const writeGolden = (connection: Connection, people: readonly PersonState[], nowMs: number): Promise<void> =>
  writeOwn(
    connection,
    people.flatMap((person) => goldenRow(person, nowMs)),
  )

/** Writes changed resources of Linchpin's own, in place. */
export async function writeOwn(connection: Connection, planned: readonly PlannedRow[]): Promise<void> {
  const rows = planned.map(({ row }) => row)
  await keepHistory(
    connection,
    'res',
    planned.flatMap(({ previous }) => previous ?? []),
  )
  await clearSideRows(connection, rows)
  await updateRows(connection, 'res', rows)
  await insertSideRows(connection, rows)
  await insertOutbox(
    connection,
    planned.map(({ row, change }) => ({ ...row, change })),
  )
}
