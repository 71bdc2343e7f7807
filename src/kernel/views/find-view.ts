import { isObject } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { text } from '../store/current.ts'
import type { Database, Row } from '../store/database.ts'
import { type CompiledView, compileView } from './compile-view.ts'
import { type LiveView, liveViewOf } from './live-views.ts'
import { definitionHash } from './registry.ts'

/** A view to be run, and its table when it has one that holds just these rows. */
export interface FoundView {
  readonly view: CompiledView
  readonly live?: LiveView
}

const viewDefinitionType = typeNumber('ViewDefinition') ?? 0

/** A stored ViewDefinition by id. */
export async function storedView(database: Database, id: string): Promise<FoundView> {
  const rows = await database.read(
    sql`select id, body from shared where rtype = ${viewDefinitionType}::int2 and id = ${id}`,
    'view_stored',
  )
  if (rows[0] === undefined) throw problem('not-found', `ViewDefinition/${id.slice(0, 64)} is not known`)
  return withTable(database, rows[0])
}

/** A view by reference: `ViewDefinition/id`, its canonical URL, or the name of a view that is declared or stored. */
export async function referencedView(database: Database, reference: string): Promise<FoundView> {
  const id = /(?:^|\/)ViewDefinition\/([A-Za-z0-9\-.]{1,64})$/.exec(reference)?.[1]
  if (id !== undefined) {
    const found = await storedView(database, id).catch(() => undefined)
    if (found !== undefined) return found
  }
  const [url = ''] = reference.split('|')
  const stored = await database.read(
    sql`select id, body from shared where rtype = ${viewDefinitionType}::int2
        and (body::jsonb->>'url' = ${url} or body::jsonb->>'name' = ${url}) order by id limit 1`,
  )
  if (stored[0] !== undefined) return withTable(database, stored[0])
  const live = await liveViewNamed(database, url)
  if (live !== undefined) return { view: live.view, live }
  throw problem('not-found', `There is no view ${reference.slice(0, 200)}`, { expression: 'viewReference' })
}

/** The table that is served for a view by its name or canonical URL: a declared one before a stored one. */
export async function liveViewNamed(database: Pick<Database, 'reading'>, name: string): Promise<LiveView | undefined> {
  const rows = await database.reading.query(
    sql`select id, source, name, hash, state, definition from live_view where state = 'live'
        and (name = ${name} or definition->>'url' = ${name}) order by source, id desc limit 1`,
    'view_named',
  )
  return rows[0] === undefined ? undefined : liveViewOf(rows[0])
}

async function withTable(database: Database, row: Row): Promise<FoundView> {
  const definition: unknown = JSON.parse(text(row, 'body'))
  const view = compileView(definition)
  if (!isObject(definition)) return { view }
  const rows = await database.read(
    sql`select id, source, name, hash, state, definition from live_view
        where state = 'live' and source = ${`stored/${text(row, 'id')}`} and hash = ${definitionHash(definition)}`,
    'view_table',
  )
  return rows[0] === undefined ? { view } : { view, live: liveViewOf(rows[0]) }
}
