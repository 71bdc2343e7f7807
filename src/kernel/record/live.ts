import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import type { FeedEvent } from '../feed/feed.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { int2Array, textArray } from '../store/wire.ts'

/** Whether any of these events is of a row that the reader may see. What is gone cannot be looked at: it counts. */
export async function changedForReader(ctx: Context, person: bigint, events: readonly FeedEvent[]): Promise<boolean> {
  if (events.some((event) => event.change === 'delete' || event.change === 'rehome')) return true
  const rows = await ctx.store.database.search(
    sql`select 1 from unnest(${int2Array(events.map((event) => typeNumber(event.type) ?? 0))}::int2[], ${textArray(events.map((event) => event.id))}::text[]) k(rtype, id)
        join res r using (rtype, id) where r.person = ${person}::int8 and ${visible(ctx.actor, person)} limit 1`,
  )
  return rows.length > 0
}
