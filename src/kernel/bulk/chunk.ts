import { type Sql, sql } from '../../base/sql.ts'
import { submissionOf } from '../access/submission.ts'
import { resourceTypeNames, typeName, typeNumber } from '../fhir/resource-types.ts'
import type { Job } from '../jobs/job.ts'
import { listTable } from '../jobs/list-table.ts'
import { text, whole } from '../store/current.ts'
import type { Connection, Row } from '../store/database.ts'
import { int2Array, textArray } from '../store/wire.ts'

/** Lines of one type, to be added to its file. */
export interface Lines {
  readonly type: string
  readonly count: number
  /** NDJSON, ending in a newline. */
  readonly text: string
}

/** A piece of the list: numbers after `last` up to and including `to`. */
export interface Piece {
  readonly part: 'res' | 'shared'
  readonly last: number
  readonly to: number
}

const pieceBytes = 8 * 1024 * 1024
const pieceRows = 10_000

/** The number up to which the next piece goes: as many rows as are few enough, and small enough together; at least one. */
export async function pieceEnd(connection: Connection, jobId: string, last: number, most: number): Promise<number> {
  const table = listTable(jobId)
  const [row] = await connection.query(
    sql`select coalesce(max(n), ${last + 1}::int8)::float8 as to from ${table} where n > ${last}::int8 and n <= ${Math.min(last + pieceRows, most)}::int8
        and ends <= (select coalesce(max(ends), 0) + ${pieceBytes}::int8 from ${table} where n = ${last}::int8)`,
  )
  return row === undefined ? last + 1 : whole(row, 'to')
}

const names = sql`unnest(${int2Array(resourceTypeNames.map((type) => typeNumber(type) ?? 0))}::int2[], ${textArray(resourceTypeNames)}::text[]) t(rtype, name)`

/** Listed rows with their bodies: the version that was listed, wherever it lies now. */
const bodies = (table: Sql, { part, last, to }: Piece): Sql => {
  const [current, past] = part === 'res' ? [sql`res`, sql`res_hist`] : [sql`shared`, sql`shared_hist`]
  return sql`select k.n, k.person, k.rtype, k.id, t.name, coalesce(r.body, h.body, m.body, o.body) as body
    from ${table} k join ${names} on t.rtype = k.rtype
    left join ${current} r on (r.person, r.rtype, r.id) = (k.person, k.rtype, k.id) and r.ver = k.ver
    left join ${past} h on r.id is null and (h.person, h.rtype, h.id, h.ver) = (k.person, k.rtype, k.id, k.ver)
    left join lateral (select m.body from ${current} m where r.id is null and h.id is null and m.rtype = k.rtype and m.id = k.id and m.ver = k.ver) m on true
    left join lateral (select o.body from ${past} o where r.id is null and h.id is null and o.rtype = k.rtype and o.id = k.id and o.ver = k.ver limit 1) o on true
    where k.n > ${last}::int8 and k.n <= ${to}::int8`
}

/**
 * Reads a piece and writes its audit, a row for each person, in one statement: what is not audited is not read. PostgreSQL
 * joins the lines of a type itself, so that a resource costs nothing here.
 */
export async function readPiece(connection: Connection, job: Job, piece: Piece, nowMs: number): Promise<Lines[]> {
  const rows = await connection.query(
    sql`with b as materialized (${bodies(listTable(job.id), piece)})${auditOf(job, piece, nowMs)}
        select rtype, count(*)::int4 as count, string_agg(body, chr(10) order by n) || chr(10) as lines from b where body is not null group by rtype`,
  )
  return rows.map((row) => ({ type: typeOf(row), count: whole(row, 'count'), text: text(row, 'lines') }))
}

/** As `readPiece`, a row for each resource, for those of which only parts are kept. */
export async function readRows(
  connection: Connection,
  job: Job,
  piece: Piece,
  nowMs: number,
): Promise<{ readonly type: string; readonly body: string }[]> {
  const rows = await connection.query(
    sql`with b as materialized (${bodies(listTable(job.id), piece)})${auditOf(job, piece, nowMs)}
        select rtype, body from b where body is not null order by n`,
  )
  return rows.map((row) => ({ type: typeOf(row), body: text(row, 'body') }))
}

const typeOf = (row: Row): string => typeName(whole(row, 'rtype')) ?? ''

/** What belongs to no person needs no audit. */
function auditOf(job: Job, { part }: Piece, nowMs: number): Sql {
  if (part === 'shared') return sql``
  const by = submissionOf(job)
  const at = Temporal.Instant.fromEpochMilliseconds(nowMs).toString()
  return sql`, a as (insert into audit (person, at, request, actor_kind, actor, actor_name, role, organisation, purpose, action, outcome, ids)
    select person, ${at}::timestamptz, ${by.requestId}, ${by.actorKind}, ${by.actor}, ${by.actorName}, ${by.role}, ${by.organisation}, ${by.purpose},
      'export', 'success', array_agg(name || '/' || id order by n) from b where body is not null group by person)`
}

/** Names of deleted resources on a piece of the list, and whose they were. */
export async function readDeleted(
  connection: Connection,
  job: Job,
  last: number,
  to: number,
  nowMs: number,
): Promise<string[]> {
  const table = listTable(job.id)
  const rows = await connection.query(
    sql`with b as materialized (select k.n, k.person, k.id, t.name, '' as body from ${table} k join ${names} on t.rtype = k.rtype
          where k.n > ${last}::int8 and k.n <= ${to}::int8)${auditOf(job, { part: 'res', last, to }, nowMs)}
        select name || '/' || id as name from b order by n`,
  )
  return rows.map((row) => text(row, 'name'))
}
