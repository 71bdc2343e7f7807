import { sql } from '../../../base/sql.ts'
import type { Connection } from '../database.ts'
import { int8Array, textArray } from '../wire.ts'
import type { IndexResult } from './index-patients.ts'

/** Writes the keys under which the index will find these Patients again. */
export async function writeIndex(connection: Connection, index: IndexResult): Promise<void> {
  const { addedKeys, clearedPatients } = index
  const sent: Promise<unknown>[] = []
  if (clearedPatients.length > 0)
    sent.push(
      connection.query(
        sql`delete from match_key where patient = any(${textArray(clearedPatients)}::text[])`,
        'clear_keys',
      ),
    )
  if (addedKeys.length > 0)
    sent.push(
      connection.query(
        sql`insert into match_key (key, person, patient) select * from unnest(
              ${int8Array(addedKeys.map((each) => each.key))}::int8[], ${int8Array(addedKeys.map((each) => each.person))}::int8[],
              ${textArray(addedKeys.map((each) => each.patient))}::text[])
            on conflict (key, patient) do update set person = excluded.person`,
        'add_keys',
      ),
    )
  await Promise.all(sent)
}
