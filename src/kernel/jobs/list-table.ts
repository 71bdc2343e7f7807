import { identifier, type Sql, sql } from '../../base/sql.ts'
import type { Database } from '../store/database.ts'

/** The table in which a job keeps the list it works through. */
export const listTable = (jobId: string): Sql => sql`work.${identifier(`list_${jobId.replaceAll('-', '_')}`)}`

/** Removes a job's list. */
export async function dropList(database: Database, jobId: string): Promise<void> {
  await database.read(sql`drop table if exists ${listTable(jobId)}`)
}
