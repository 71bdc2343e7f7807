import { problem } from '../../../base/problem.ts'
import { type Sql, sql } from '../../../base/sql.ts'
import type { Context } from '../../access/context.ts'
import { visible } from '../../access/visible.ts'
import { typeNumber } from '../../fhir/resource-types.ts'
import { type FhirAnswer, jsonAnswer } from '../../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../../rest/operation.ts'
import { type Given, givenParameters } from '../../rest/parameters.ts'
import { openCursor, type Position, sealCursor } from '../../search/cursor.ts'
import { instantText, rangeOfDate } from '../../search/date-range.ts'
import { foundIn } from '../../search/include.ts'
import type { Found } from '../../search/search.ts'
import { key64 } from '../../store/current.ts'
import { statementName } from '../../store/lane.ts'
import { patientType } from '../../store/person/people.ts'
import { int2Array } from '../../store/wire.ts'
import { auditReturned } from '../audit-found.ts'
import { addReferences, readReferenced } from '../referenced.ts'
import { careWithin } from './care-dates.ts'
import { fromSources, type Scope, scopeOf } from './scope.ts'

const parameters = {
  start: { type: 'date' },
  end: { type: 'date' },
  _since: { type: 'instant' },
  _type: { type: 'code', many: true, commas: true },
  _count: { type: 'integer' },
  _cursor: { type: 'string' },
} as const

/** `$everything`: all that is held about one Patient, Person (every Patient of theirs) or Encounter, a page at a time. */
export const everything: readonly FhirOperation[] = ['Patient', 'Person', 'Encounter'].map((type) => ({
  name: 'everything',
  definition: `http://hl7.org/fhir/OperationDefinition/${type}-everything`,
  levels: ['instance'],
  types: [type],
  affectsState: false,
  run: (ctx, invocation) => answer(ctx, invocation, type, invocation.id ?? ''),
}))

const mostRows = 1000

async function answer(ctx: Context, invocation: Invocation, type: string, id: string): Promise<FhirAnswer> {
  const given = givenParameters(invocation, parameters)
  const count = pageSize(given._count)
  const secret = await ctx.store.cursorSecret()
  const name = pageName(type, id, given)
  const from = given._cursor === undefined ? undefined : openCursor(given._cursor, name, secret)
  const wanted = sql`${ofTypes(given._type)} and ${changedSince(given._since)}`
  const filter = sql`${careWithin(given.start, given.end)} and ${wanted}`
  const alone = type === 'Patient' ? await ofOnlyPatient(ctx, id, filter, from, count + 1) : undefined
  const scope = alone?.scope ?? (await scopeOf(ctx, type, id))
  const rows = sql`r.person = ${scope.person}::int8 and ${scope.rows} and ${filter} and ${visible(ctx.actor, scope.person)}`
  const found = alone?.found ?? (await pageOf(ctx, rows, from, count + 1))
  const page = found.slice(0, count)
  const last = found.length > count ? page.at(-1) : undefined
  const brought =
    last === undefined ? await referencedBy(ctx, scope, rows, wanted, from === undefined ? page : undefined) : []
  const own = new Set(page.map((each) => `${each.type}/${each.id}`))
  const included = brought.filter((each) => !own.has(`${each.type}/${each.id}`))
  await auditReturned(ctx, 'read', [...page, ...included], `${type}/${id}`)
  const next = last === undefined ? undefined : sealCursor(positionOf(last), name, secret)
  return jsonAnswer(
    200,
    bundleText(invocation, { type, id, given, page, included, next, whole: from === undefined && last === undefined }),
  )
}

function pageSize(count: number | undefined): number {
  if (count !== undefined && count < 1)
    throw problem('invalid', '_count must be a whole number from 1', { expression: '_count' })
  return Math.min(count ?? mostRows, mostRows)
}

function ofTypes(types: readonly string[]): Sql {
  if (types.length === 0) return sql`true`
  const numbers = types.map((type) => {
    const rtype = typeNumber(type)
    if (rtype === undefined)
      throw problem('invalid', `"${type.slice(0, 40)}" is no resource type of R4`, { expression: '_type' })
    return rtype
  })
  return sql`r.rtype = any(${int2Array(numbers)}::int2[])`
}

const changedSince = (since: string | undefined): Sql =>
  since === undefined ? sql`true` : sql`r.updated >= ${instantText(rangeOfDate(since)?.low ?? 0)}::timestamptz`

const beyond = (from: Position | undefined): Sql =>
  from === undefined ? sql`` : sql` and (r.rtype, r.id) > (${Number(from.keys[0] ?? 0)}::int2, ${from.id})`

async function pageOf(ctx: Context, rows: Sql, from: Position | undefined, limit: number): Promise<readonly Found[]> {
  const statement = sql`select r.rtype, r.person, r.id, r.ver, r.body from res r where ${rows}${beyond(from)}
    order by r.rtype, r.id limit ${limit}::int4`
  const found = await ctx.store.database.read(statement, statementName('everything', statement))
  return found.map(foundIn)
}

/** Most people have one Patient: then who that is and all that is about them is one statement. Undefined for anyone else. */
async function ofOnlyPatient(
  ctx: Context,
  id: string,
  filter: Sql,
  from: Position | undefined,
  limit: number,
): Promise<{ readonly scope: Scope; readonly found: readonly Found[] } | undefined> {
  const seen = visible(ctx.actor)
  const statement = sql`with p as materialized (select r.person from res r where r.rtype = ${patientType}::int2 and r.id = ${id} and ${seen}
      and not exists (select 1 from res o where o.person = r.person and o.rtype = ${patientType}::int2 and o.id <> r.id))
    select p.person as home, f.* from p left join lateral (
      select r.rtype, r.person, r.id, r.ver, r.body from res r where r.person = p.person and ${fromSources} and ${filter} and ${seen}${beyond(from)}
      order by r.rtype, r.id limit ${limit}::int4) f on true`
  const rows = await ctx.store.database.read(statement, statementName('everything_one', statement))
  const [first] = rows
  if (first === undefined) return undefined
  const scope = { person: key64(first, 'home'), rows: fromSources, withReferenced: false }
  return { scope, found: first['rtype'] === null ? [] : rows.map(foundIn) }
}

const positionOf = ({ type, id }: Found): Position => ({ backward: false, keys: [String(typeNumber(type) ?? 0)], id })

/** What the whole record refers to; it comes with the last page, so that nothing comes twice. */
async function referencedBy(
  ctx: Context,
  scope: Scope,
  rows: Sql,
  wanted: Sql,
  page: readonly Found[] | undefined,
): Promise<readonly Found[]> {
  const names = new Set<string>()
  const known = new Set<string>()
  if (page === undefined) {
    const all = await ctx.store.database.search(
      sql`select distinct m[1] as name from res r, regexp_matches(r.body, '"reference":"([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})', 'g') m where ${rows}`,
    )
    for (const { name } of all) names.add(String(name))
    const own = await ctx.store.database.search(
      sql`select r.rtype, r.person, r.id, r.ver, '' as body from res r where ${rows}`,
    )
    for (const row of own.map(foundIn)) known.add(`${row.type}/${row.id}`)
  } else
    for (const { type, id, body } of page) {
      known.add(`${type}/${id}`)
      addReferences(body, names)
    }
  // A Device or Binary of nobody lies under person 0; what is another person's stays theirs.
  const personal = scope.withReferenced
    ? sql`r.person in (0, ${scope.person}::int8) and r.author <> 'Linchpin'`
    : sql`r.person = 0`
  const seen = scope.withReferenced ? sql`(r.person = 0 or ${visible(ctx.actor, scope.person)})` : sql`true`
  return readReferenced(ctx.store.database.reading, names, known, { personal: sql`${personal} and ${seen}`, wanted })
}

/** What a page link belongs to. */
const pageName = (type: string, id: string, { start, end, _since, _type }: Given<typeof parameters>): string =>
  `${type}/${id}/$everything?${JSON.stringify([start, end, _since, _type])}`

interface Page {
  readonly type: string
  readonly id: string
  readonly given: Given<typeof parameters>
  readonly page: readonly Found[]
  readonly included: readonly Found[]
  readonly next: string | undefined
  /** The one page there is. */
  readonly whole: boolean
}

function bundleText({ request }: Invocation, { type, id, given, page, included, next, whole }: Page): string {
  const url = (cursor: string | undefined): string => {
    const { start, end, _since, _type, _count } = given
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries({ start, end, _since, _count, _cursor: cursor }))
      if (value !== undefined) query.set(name, String(value))
    if (_type.length > 0) query.set('_type', _type.join(','))
    return `${request.base}/${type}/${id}/$everything${query.size === 0 ? '' : `?${query.toString()}`}`
  }
  const link = [
    { relation: 'self', url: url(given._cursor) },
    ...(next === undefined ? [] : [{ relation: 'next', url: url(next) }]),
  ]
  const isFocus = (each: Found): boolean => each.type === type && each.id === id
  // The subject of it all comes first where the record is in one piece; pages follow the order of the store.
  const ordered = whole ? [...page.filter(isFocus), ...page.filter((each) => !isFocus(each))] : page
  const entry = (mode: string) => (each: Found) =>
    `{"fullUrl":"${request.base}/${each.type}/${each.id}","resource":${each.body},"search":{"mode":"${mode}"}}`
  const entries = [...ordered.map(entry('match')), ...included.map(entry('include'))]
  const total = whole ? `"total":${page.length},` : ''
  const list = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`
  return `{"resourceType":"Bundle","type":"searchset",${total}"link":${JSON.stringify(link)}${list}}`
}
