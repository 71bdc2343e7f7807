import type { Patient, Person } from 'fhir/r4.js'
import { personKey } from '../../../base/id.ts'
import { sql } from '../../../base/sql.ts'
import { typeNumber } from '../../fhir/resource-types.ts'
import { currentColumns, currentRow, key64, text } from '../current.ts'
import type { Connection } from '../database.ts'
import { LockSet } from '../locks.ts'
import type { CurrentRow } from '../operation.ts'
import { int8Array } from '../wire.ts'
import { isQuarantined, type Member } from './golden.ts'
import { demographics } from './rules.ts'

/** A person as the index works on them inside one commit. */
export interface PersonState {
  readonly id: string
  readonly key: bigint
  /** The stored golden Person; undefined for someone new. */
  readonly golden: CurrentRow | undefined
  /** Ids of Persons that were merged into this one. */
  readonly replaces: string[]
  readonly members: Map<string, Member>
  replacedBy?: string
  /** Its number is in conflict with another person's (verification status 05): stored apart, linked to nobody. */
  quarantined: boolean
  changed: boolean
}

export const patientType = typeNumber('Patient') ?? 0
export const personType = typeNumber('Person') ?? 0

/** Decodes a stored body: it was checked against the R4 definitions when it was written. */
export const patientOf = (body: string): Patient => JSON.parse(body) as Patient
export const personOf = (body: string): Person => JSON.parse(body) as Person

/** A person nobody has heard of. */
export const newPerson = (id: string): PersonState => ({
  id,
  key: personKey(id),
  golden: undefined,
  replaces: [],
  members: new Map(),
  quarantined: false,
  changed: true,
})

export const memberOf = (id: string, patient: Patient, updatedMs: number): Member => ({
  id,
  patient,
  demographics: demographics(patient),
  updatedMs,
})

/** Locks these persons against other index work, then reads their golden records and Patients. */
export async function lockPeople(connection: Connection, keys: readonly bigint[]): Promise<Map<bigint, PersonState>> {
  if (keys.length === 0) return new Map()
  const locks = new LockSet()
  for (const key of keys) locks.change(personLock(key))
  const [, rows] = await Promise.all([
    locks.take(connection),
    connection.query(
      sql`select ${currentColumns} from res r where r.person = any(${int8Array(keys)}::int8[])
          and r.rtype in (${patientType}::int2, ${personType}::int2)`,
      'people',
    ),
  ])
  const byPerson = new Map<bigint, CurrentRow[]>()
  for (const row of rows) {
    const list = byPerson.get(key64(row, 'person'))
    if (list === undefined) byPerson.set(key64(row, 'person'), [currentRow('res', row)])
    else list.push(currentRow('res', row))
  }
  return new Map([...byPerson].flatMap(([key, found]) => stateOf(key, found)))
}

/** Ids of the Patients that a person has or had: what is about one that was deleted lies there still. */
export async function patientsEver(connection: Connection, key: bigint): Promise<string[]> {
  const rows = await connection.query(
    sql`select id from res where person = ${key}::int8 and rtype = ${patientType}::int2
        union select id from res_hist where person = ${key}::int8 and rtype = ${patientType}::int2`,
  )
  return rows.map((row) => text(row, 'id')).sort()
}

/** The lock every change of a person's links is made under. */
const personLock = (key: bigint): string => `person ${key}`

function stateOf(key: bigint, rows: readonly CurrentRow[]): [bigint, PersonState][] {
  const golden = rows.find((row) => row.rtype === personType && personKey(row.id) === key)
  if (golden === undefined) return []
  const person = personOf(golden.body)
  const members = rows
    .filter((row) => row.rtype === patientType)
    .map((row) => memberOf(row.id, patientOf(row.body), row.updatedMs))
  const others = (person.link ?? [])
    .map((link) => link.target.reference ?? '')
    .filter((reference) => reference.startsWith('Person/'))
    .map((reference) => reference.slice('Person/'.length))
  const state: PersonState = {
    id: golden.id,
    key,
    golden,
    replaces: person.active === false ? [] : others,
    members: new Map(members.map((member) => [member.id, member])),
    quarantined: isQuarantined(person),
    changed: false,
  }
  if (person.active === false && others[0] !== undefined) state.replacedBy = others[0]
  return [[key, state]]
}
