import { type Issue, Problem, problem } from '../../base/problem.ts'
import { join, type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { isPersonScoped } from '../search/home.ts'
import { key64, text, whole } from '../store/current.ts'
import type { Database, Row } from '../store/database.ts'
import { int8Array, timestampArray } from '../store/wire.ts'
import type { CompiledView } from './compile-view.ts'
import { resourceKey } from './keys.ts'
import type { LiveView } from './live-views.ts'
import { storedResource } from './maintain.ts'

/** Which resources a run is over, and how many rows it may give. */
export interface RunFilter {
  /** What the caller may see: a condition on a row `r` of `res`. */
  readonly visible: Sql
  /** Persons whose resources are wanted, and a condition on a row `r` that narrows them further. */
  readonly persons?: readonly bigint[]
  readonly about?: Sql
  readonly sinceMs?: number
  readonly limit?: number
}

/** Some rows of a view, with the resources they were made of, for the audit. */
export interface RowBatch {
  readonly rows: readonly (readonly unknown[])[]
  readonly sources: readonly { readonly person: bigint; readonly id: string }[]
}

const pageResources = 1000
const pageRows = 5000

/** Conditions on a row `r`. What belongs to no person is nobody's secret. */
function conditionOf(resource: string, { visible, persons, about, sinceMs }: RunFilter): Sql {
  const conditions = [sql`r.rtype = ${typeNumber(resource) ?? 0}::int2`]
  if (isPersonScoped(resource)) conditions.push(sql`(${visible})`)
  if (persons !== undefined) conditions.push(sql`r.person = any(${int8Array(persons)}::int8[])`)
  if (about !== undefined) conditions.push(sql`(${about})`)
  if (sinceMs !== undefined) conditions.push(sql`r.updated >= (${timestampArray([sinceMs])}::timestamptz[])[1]`)
  return join(conditions, ' and ')
}

/** Runs a view over what is stored now. */
export async function* runOnDemand(
  database: Database,
  view: CompiledView,
  filter: RunFilter,
): AsyncGenerator<RowBatch> {
  const { resource } = view.definition
  const from = isPersonScoped(resource) ? sql`res` : sql`shared`
  const condition = conditionOf(resource, filter)
  let left = filter.limit ?? Number.POSITIVE_INFINITY
  for (let after = ''; left > 0; ) {
    const page = await database.search(
      sql`select r.person, r.id, r.ver, r.body from ${from} r where ${condition} and r.id > ${after} order by r.id limit ${pageResources}::int4`,
    )
    const rows: (readonly unknown[])[] = []
    const sources: { person: bigint; id: string }[] = []
    for (const each of page) {
      if (rows.length >= left) break
      const stored = storedResource(each)
      const made = evaluated(view, stored.resource)
      if (made.length === 0) continue
      rows.push(...made)
      sources.push({ person: stored.person, id: stored.id })
    }
    if (rows.length > 0) yield { rows: rows.slice(0, left), sources }
    left -= rows.length
    const last = page.at(-1)
    if (last === undefined || page.length < pageResources) return
    after = text(last, 'id')
  }
}

/** The rows of one resource; what cannot be evaluated is told with the resource it concerns. */
export function evaluated(
  view: CompiledView,
  resource: Readonly<Record<string, unknown>>,
): readonly (readonly unknown[])[] {
  try {
    return view.rowsOf(resource)
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause
    throw faultOf(view.definition.resource, resourceKey(resource) ?? '', cause.issues, cause)
  }
}

function faultOf(type: string, id: string, issues: readonly Issue[], cause?: unknown): Problem {
  const told = issues.map((each) => ({ ...each, message: `${each.message} (${type}/${id})` }))
  return problem('rule', told[0]?.message ?? 'The view cannot be evaluated', { issues: told, cause })
}

/** Reads a view from its table. */
export async function* runLive(database: Database, live: LiveView, filter: RunFilter): AsyncGenerator<RowBatch> {
  const { definition } = live.view
  const condition = conditionOf(definition.resource, filter)
  const values = live.names.map((name) => sql`v.${name}::text`)
  let left = filter.limit ?? Number.POSITIVE_INFINITY
  for (let after = { id: '', row: -2 }; left > 0; ) {
    const wanted = Math.min(left, pageRows)
    const page = await database.search(
      sql`select v._person, v._id, v._row, v._fault, array[${join([...values, sql`null`], ', ')}]::text[] as columns
          from ${live.table} v join ${live.of} r on (r.person, r.rtype, r.id) = (v._person, ${live.rtype}::int2, v._id)
          where ${condition} and (v._id, v._row) > (${after.id}, ${after.row}::int4) order by v._id, v._row limit ${wanted}::int4`,
    )
    if (page.length > 0) yield batchOf(page, live.view)
    left -= page.length
    const last = page.at(-1)
    if (last === undefined || page.length < wanted) return
    after = { id: text(last, '_id'), row: whole(last, '_row') }
  }
}

function batchOf(page: readonly Row[], view: CompiledView): RowBatch {
  const sources = new Map<string, { person: bigint; id: string }>()
  const rows = page.map((row) => {
    const fault = row['_fault']
    const id = text(row, '_id')
    if (typeof fault === 'string') throw faultOf(view.definition.resource, id, JSON.parse(fault))
    sources.set(id, { person: key64(row, '_person'), id })
    const values: readonly unknown[] = Array.isArray(row['columns']) ? row['columns'] : []
    return view.columns.map(({ kind }, index) => {
      const value = values[index]
      return typeof value === 'string' ? kind.read(value) : null
    })
  })
  return { rows, sources: [...sources.values()] }
}
