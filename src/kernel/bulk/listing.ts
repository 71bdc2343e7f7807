import { problem } from '../../base/problem.ts'
import { join, type Sql, sql } from '../../base/sql.ts'
import type { Actor } from '../access/actor.ts'
import { visible } from '../access/visible.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { listTable } from '../jobs/list-table.ts'
import { noCodes } from '../search/code-source.ts'
import { filterCondition } from '../search/filter-condition.ts'
import { isPersonScoped } from '../search/home.ts'
import { parseSearch } from '../search/query.ts'
import { key64, readHomes, text } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { int2Array, int8Array } from '../store/wire.ts'
import type { ExportRequest } from './export-request.ts'
import { since } from './since.ts'

/** What an export will write: rows of the list, of which the first are in `res`, then `shared`, then deleted ones. */
export interface Listed {
  /** Last number of each part; equal to the one before when the part is empty. */
  readonly res: number
  readonly shared: number
  readonly deleted: number
  readonly bytes: number
  /** Where the feed was: an export since this one's time begins here. */
  readonly position: string
  /** What the caller should know, such as members of a group that are not there. */
  readonly remarks: readonly string[]
}

/**
 * Lists every resource that an export holds, with its version, in one snapshot. The versions listed are current or in
 * history for as long as it takes to write them, so no snapshot is held meanwhile and an interruption changes nothing.
 */
export async function makeList(
  connection: Connection,
  jobId: string,
  actor: Actor,
  request: ExportRequest,
): Promise<Listed> {
  await connection.query(sql`set transaction isolation level repeatable read`)
  const table = listTable(jobId)
  await connection.query(sql`drop table if exists ${table}`)
  await connection.query(
    sql`create table ${table} (n int8 not null, part int2 not null, person int8 not null, rtype int2 not null, id text collate "C" not null, ver int4 not null, ends int8 not null)`,
  )
  const { whose, remarks } = await whoseRows(connection, request)
  const changes = request.since === undefined ? undefined : await since(connection, request.since)
  const changed = changes === undefined ? sql`` : sql` and ${changes.changed}`
  const size = sql`octet_length(r.body) + 1`
  const personal = await typeConditions(connection, request, actor, true)
  const common = await typeConditions(connection, request, actor, false)
  const rows = sql`
    select 0::int2 as part, r.person, r.rtype, r.id, r.ver, ${size} as size from res r where ${personal} and ${whose} and ${visible(actor)}${changed}
    union all select 1::int2, 0::int8, r.rtype, r.id, r.ver, ${size} from shared r where ${common}${changed}`
  await connection.query(
    sql`insert into ${table} select row_number() over o, part, person, rtype, id, ver, sum(size) over o from (${rows}) s window o as (order by part, person, rtype, id)`,
  )
  if (changes !== undefined) await listDeleted(connection, table, request, changes.deleted, whose)
  await connection.query(sql`create index on ${table} (n)`)
  await connection.query(sql`create index on ${table} (ends)`)
  return { ...(await totals(connection, table)), remarks }
}

/** Those that are gone, last, each counted as one short line. */
async function listDeleted(
  connection: Connection,
  table: Sql,
  request: ExportRequest,
  deleted: Sql,
  whose: Sql,
): Promise<void> {
  const types = int2Array(request.types.map((type) => typeNumber(type) ?? 0))
  await connection.query(
    sql`insert into ${table}
        select m.n + row_number() over o, 2::int2, r.person, r.rtype, r.id, r.ver, m.ends + 200 * row_number() over o
        from (${deleted}) r, (select coalesce(max(n), 0) as n, coalesce(max(ends), 0) as ends from ${table}) m
        where r.rtype = any(${types}::int2[]) and ${whose}
          and not exists (select 1 from res c where c.rtype = r.rtype and c.id = r.id)
          and not exists (select 1 from shared c where c.rtype = r.rtype and c.id = r.id)
        window o as (order by r.person, r.rtype, r.id)`,
  )
}

async function totals(connection: Connection, table: Sql): Promise<Omit<Listed, 'remarks'>> {
  const [row = {}] = await connection.query(
    sql`select coalesce(max(n) filter (where part = 0), 0) as res, coalesce(max(n) filter (where part <= 1), 0) as shared,
          coalesce(max(n), 0) as deleted, coalesce(max(ends), 0) as bytes, (select coalesce(max(pos), 0) from feed) as position from ${table}`,
  )
  const number = (name: string): number => Number(key64(row, name))
  const position = String(key64(row, 'position'))
  return { res: number('res'), shared: number('shared'), deleted: number('deleted'), bytes: number('bytes'), position }
}

/** Which types, and of those with filters which rows, of one table. */
async function typeConditions(
  connection: Connection,
  request: ExportRequest,
  actor: Actor,
  personal: boolean,
): Promise<Sql> {
  const types = request.types.filter((type) => isPersonScoped(type) === personal)
  const filtered = new Set(request.filters.map(({ type }) => type))
  const whole = types.filter((type) => !filtered.has(type)).map((type) => typeNumber(type) ?? 0)
  const filters: Sql[] = []
  const allowed = personal ? visible(actor) : sql`true`
  for (const { type, query } of request.filters)
    if (types.includes(type))
      filters.push(await filterCondition({ connection, visible: allowed, codes: noCodes }, parseSearch(type, query)))
  const all = [sql`r.rtype = any(${int2Array(whole)}::int2[])`, ...filters.map((each) => sql`(${each})`)]
  return sql`(${join(all, ' or ')})`
}

/** Whose rows: everybody's, those of all patients, or of some. */
async function whoseRows(
  connection: Connection,
  request: ExportRequest,
): Promise<{ readonly whose: Sql; readonly remarks: readonly string[] }> {
  if (request.level === 'system') return { whose: sql`true`, remarks: [] }
  const members = request.group === undefined ? undefined : await groupMembers(connection, request.group)
  const named = request.patients
  if (members === undefined && named === undefined) return { whose: sql`r.person <> 0`, remarks: [] }
  const asked = named ?? [...(members ?? [])]
  const outside = members === undefined ? [] : asked.filter((id) => !members.has(id))
  const wanted = asked.filter((id) => !outside.includes(id))
  const patient = typeNumber('Patient') ?? 0
  const homes = await readHomes(
    connection,
    wanted.map((id) => ({ rtype: patient, id })),
  )
  const remarks = [
    ...outside.map((id) => `Patient/${id} is not a member of the group`),
    ...wanted.filter((id) => !homes.has(`Patient/${id}`)).map((id) => `Patient/${id} is not known`),
  ]
  const persons = [...new Set([...homes.values()].map(({ person }) => person))].filter((person) => person !== 0n)
  return { whose: sql`r.person = any(${int8Array(persons)}::int8[])`, remarks }
}

/** Ids of the Patients that are members of a Group now. */
export async function groupMembers(connection: Pick<Connection, 'query'>, id: string): Promise<ReadonlySet<string>> {
  const rows = await connection.query(
    sql`select m->'entity'->>'reference' as reference from shared r, jsonb_array_elements(r.body::jsonb->'member') m
        where r.rtype = ${typeNumber('Group') ?? 0}::int2 and r.id = ${id} and coalesce((m->>'inactive')::boolean, false) = false`,
  )
  const ids = rows.map((row) => /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})/.exec(text(row, 'reference'))?.[1])
  return new Set(ids.filter((each) => each !== undefined))
}

/** Refuses an export of a Group that is not there. */
export async function mustBeGroup(connection: Pick<Connection, 'query'>, id: string): Promise<void> {
  const rows = await connection.query(
    sql`select 1 from shared where rtype = ${typeNumber('Group') ?? 0}::int2 and id = ${id}`,
  )
  if (rows.length === 0) throw problem('not-found', `Group/${id.slice(0, 64)} is not known`)
}
