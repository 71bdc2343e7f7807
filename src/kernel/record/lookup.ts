import { sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { text } from '../store/current.ts'
import type { Database } from '../store/database.ts'
import { patientType, personType } from '../store/person/people.ts'

/** Whether nothing at all is stored yet. */
export async function isEmpty(database: Database): Promise<boolean> {
  const rows = await database.read(sql`(select 1 from res limit 1) union all (select 1 from shared limit 1)`)
  return rows.length === 0
}

/** The id of the golden Person of a source's `Patient/id`; for Linchpin itself, which tells nobody. */
export async function personOfPatient(database: Database, patient: string): Promise<string | undefined> {
  const rows = await database.read(
    sql`select g.id from res p join res g on g.person = p.person and g.rtype = ${personType}::int2 and g.author = 'Linchpin'
        where p.rtype = ${patientType}::int2 and p.id = ${patient.slice('Patient/'.length)}`,
  )
  return rows[0] === undefined ? undefined : text(rows[0], 'id')
}

/** The body of something that belongs to no person; for Linchpin itself, which tells nobody. */
export async function sharedBody(database: Database, type: string, id: string): Promise<string | undefined> {
  const rows = await database.read(
    sql`select body from shared where rtype = ${typeNumber(type) ?? 0}::int2 and id = ${id}`,
  )
  return rows[0] === undefined ? undefined : text(rows[0], 'body')
}
