import { problem } from '../../base/problem.ts'
import { join, type Sql, sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { typeName } from '../fhir/resource-types.ts'
import { auditReturned } from '../operations/audit-found.ts'
import { isPersonScoped } from '../search/home.ts'
import { key64, text } from '../store/current.ts'
import type { Row } from '../store/database.ts'
import { liveViewNamed } from './find-view.ts'
import type { LiveView } from './live-views.ts'

/** A question of a capability to its live views, declared in its `views.ts`. */
export interface ViewQuery<Name extends string> {
  readonly views: readonly Name[]
  /**
   * `rows`: each row tells of one resource, whose `_person`, `_type` and `_id` are selected for the audit. `figures`: counts, from
   * which nobody is known.
   */
  readonly gives: 'rows' | 'figures'
  /** SQL over the views, each a table of its columns with `_person`, `_type` and `_id`: `` sql`select … from ${views.waiting} w` ``. */
  readonly select: (views: Readonly<Record<Name, Sql>>) => Sql
}

/**
 * Reads live views for a page. What the actor may not see is not in the tables that the SQL is given, and what is shown is
 * audited first. A view that is still being built for the first time is not there yet: `unavailable`.
 */
export async function queryViews<Name extends string>(ctx: Context, query: ViewQuery<Name>): Promise<readonly Row[]> {
  const rows = await ctx.store.database.transaction(async (connection) => {
    // One snapshot: the table that is named live in it is kept up to it.
    await connection.query(sql`set transaction isolation level repeatable read`)
    const tables = await Promise.all(
      query.views.map(async (name) => {
        const live = await liveViewNamed({ reading: connection }, name)
        if (live === undefined) throw problem('unavailable', 'This page is being made ready. Try again in a minute.')
        return [name, visibleRows(ctx, live)] as const
      }),
    )
    return connection.query(query.select(Object.fromEntries(tables) as Record<Name, Sql>))
  })
  const asked = query.views.map((name) => `ViewDefinition/${name}`).join(' ')
  const found = query.gives === 'figures' ? [] : rows.map(sourceOf)
  await auditReturned(ctx, 'search', found, asked)
  return rows
}

/** The rows of a view that the actor may see, as a table. */
function visibleRows(ctx: Context, live: LiveView): Sql {
  const columns = join(
    live.names.map((name) => sql`v.${name}`),
    ', ',
  )
  const type = live.view.definition.resource
  const may = isPersonScoped(type) ? visible(ctx.actor) : sql`true`
  return sql`(select v._person, ${typeName(live.rtype) ?? type}::text as _type, v._id, ${columns} from ${live.table} v
    join ${live.of} r on (r.person, r.rtype, r.id) = (v._person, ${live.rtype}::int2, v._id) where v._row >= 0 and ${may})`
}

function sourceOf(row: Row): { readonly person: bigint; readonly type: string; readonly id: string } {
  const id = text(row, '_id')
  if (id === '') throw problem('fault', 'A question for rows selects _person, _type and _id')
  return { person: key64(row, '_person'), type: text(row, '_type'), id }
}
