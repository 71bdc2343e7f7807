import { sql } from '../../base/sql.ts'
import type { Database, Row } from '../store/database.ts'
import type { LiveView } from './live-views.ts'

/** Every view that is kept or being built: name, source, state, rows, resource and note, for the operator's list. */
export const liveViewStates = (database: Database): Promise<Row[]> =>
  database.read(
    sql`select name, source, state, rows::float8 as rows, definition->>'resource' as resource, note from live_view order by name, id`,
  )

/** Why a later build of a view failed; undefined while none has. */
export async function buildFailure(
  database: Database,
  { source, id }: Pick<LiveView, 'source' | 'id'>,
): Promise<string | undefined> {
  const [failed] = await database.read(
    sql`select note from live_view where source = ${source} and id > ${id}::int4 and state = 'failed'`,
  )
  return failed === undefined ? undefined : String(failed['note'])
}
