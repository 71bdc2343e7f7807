import type { Coding, ConceptMap } from 'fhir/r4.js'
import { problem } from '../../../base/problem.ts'
import { sql } from '../../../base/sql.ts'
import type { Context } from '../../access/context.ts'
import { jsonAnswer } from '../../rest/exchange.ts'
import type { FhirOperation } from '../../rest/operation.ts'
import { givenParameters } from '../../rest/parameters.ts'
import { text, whole } from '../../store/current.ts'
import type { Connection, Row } from '../../store/database.ts'
import { textArray } from '../../store/wire.ts'
import { codesAbove } from '../concept-detail.ts'

const parameters = {
  name: { type: 'string', required: true },
  concept: { type: 'Coding', many: true },
  version: { type: 'string' },
} as const

/** FHIR `$closure`: a table, kept here for a client and grown as it asks, of which of its codes subsume which. */
export const closureOperation: FhirOperation = {
  name: 'closure',
  definition: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-closure',
  levels: ['system'],
  affectsState: true,
  async run(ctx, invocation) {
    const { name, concept, version } = givenParameters(invocation, parameters)
    const key = { owner: ctx.actor.id, name }
    if (version !== undefined) return answer(name, await since(ctx, key, version))
    await ctx.store.terminology.refresh()
    const lines = await Promise.all(concept.map((coding) => lineOf(ctx, coding)))
    return answer(name, await ctx.store.database.transaction((connection) => grow(connection, key, lines)))
  },
}

interface Key {
  readonly owner: string
  readonly name: string
}

/** A code and all that is above it. */
interface Line {
  readonly system: string
  readonly code: string
  readonly above: readonly string[]
}

interface Pair {
  readonly system: string
  readonly below: string
  readonly above: string
}

interface Grown {
  readonly version: number
  readonly pairs: readonly Pair[]
}

async function lineOf(ctx: Context, { system, code }: Coding): Promise<Line> {
  if (system === undefined || code === undefined)
    throw problem('invalid', 'A concept of a closure has a system and a code', { expression: 'concept' })
  const { sources } = ctx.store.terminology
  const source = await sources.find(system)
  if (source === undefined)
    throw problem('rule', await sources.whyMissing(system, undefined), { expression: 'concept' })
  const above = await codesAbove(ctx.store.database, source, code)
  if (above.length === 0)
    throw problem('rule', `${system} has no code "${code.slice(0, 100)}"`, { expression: 'concept' })
  return { system, code, above: above.filter((each) => each !== code) }
}

const keyed = ({ owner, name }: Key) => sql`owner = ${owner} and name = ${name}`

/** Without codes: begins the table anew. With codes: adds them, and answers what is new. */
async function grow(connection: Connection, key: Key, lines: readonly Line[]): Promise<Grown> {
  if (lines.length === 0) {
    await connection.query(sql`delete from closure_concept where ${keyed(key)}`)
    await connection.query(sql`delete from closure_line where ${keyed(key)}`)
    await connection.query(sql`delete from closure_pair where ${keyed(key)}`)
    await connection.query(
      sql`insert into closure_name (owner, name, version) values (${key.owner}, ${key.name}, 0) on conflict (owner, name) do update set version = 0`,
    )
    return { version: 0, pairs: [] }
  }
  // The row is locked until the commit: two requests for one table come one after the other.
  const [row] = await connection.query(
    sql`update closure_name set version = version + 1 where ${keyed(key)} returning version`,
  )
  if (row === undefined) throw unknownTable(key)
  const version = whole(row, 'version')
  await connection.query(
    sql`insert into closure_concept (owner, name, system, code) select ${key.owner}, ${key.name}, system, code
        from (select distinct system, code from unnest(${textArray(lines.map((each) => each.system))}::text[], ${textArray(lines.map((each) => each.code))}::text[]) u(system, code)) d
        on conflict do nothing`,
  )
  await addPairs(connection, key, version, lines)
  return { version, pairs: await pairsAfter(connection, key, version - 1) }
}

/** A new code may be below an earlier one, or above: all that is above each code is kept, to find both. */
async function addPairs(connection: Connection, key: Key, version: number, lines: readonly Line[]): Promise<void> {
  const rows = lines.flatMap(({ system, code, above }) => above.map((each) => ({ system, code, each })))
  await connection.query(
    sql`insert into closure_line (owner, name, system, code, above) select distinct ${key.owner}, ${key.name}, u.system, u.code, u.above
        from unnest(${textArray(rows.map((row) => row.system))}::text[], ${textArray(rows.map((row) => row.code))}::text[], ${textArray(rows.map((row) => row.each))}::text[]) u(system, code, above)
        on conflict do nothing`,
  )
  await connection.query(
    sql`insert into closure_pair (owner, name, version, system, below, above)
        select l.owner, l.name, ${version}::int4, l.system, l.code, l.above from closure_line l
        join closure_concept c on (c.owner, c.name, c.system, c.code) = (l.owner, l.name, l.system, l.above)
        where l.owner = ${key.owner} and l.name = ${key.name} on conflict do nothing`,
  )
}

async function pairsAfter(connection: Pick<Connection, 'query'>, key: Key, version: number): Promise<readonly Pair[]> {
  const rows = await connection.query(
    sql`select system, below, above from closure_pair where ${keyed(key)} and version > ${version}::int4 order by system, below, above`,
  )
  return rows.map((row: Row) => ({ system: text(row, 'system'), below: text(row, 'below'), above: text(row, 'above') }))
}

/** What was added after a version that the client has. */
async function since(ctx: Context, key: Key, version: string): Promise<Grown> {
  if (!/^\d{1,9}$/.test(version))
    throw problem('invalid', 'A version of a closure is a whole number', { expression: 'version' })
  const { database } = ctx.store
  const [row] = await database.read(sql`select version from closure_name where ${keyed(key)}`)
  if (row === undefined) throw unknownTable(key)
  return { version: whole(row, 'version'), pairs: await pairsAfter(database.reading, key, Number(version)) }
}

const unknownTable = ({ name }: Key): Error =>
  problem('not-found', `There is no closure table "${name.slice(0, 100)}": begin it by its name alone`, {
    expression: 'name',
  })

function answer(name: string, { version, pairs }: Grown) {
  const bySystem = Map.groupBy(pairs, (pair) => pair.system)
  const map: ConceptMap = {
    resourceType: 'ConceptMap',
    name,
    version: String(version),
    status: 'active',
    experimental: true,
    ...(pairs.length === 0
      ? {}
      : {
          group: [...bySystem].map(([system, all]) => ({
            source: system,
            target: system,
            element: [...Map.groupBy(all, (pair) => pair.below)].map(([code, above]) => ({
              code,
              // FHIR R4, ConceptMap $closure: the target subsumes the source.
              target: above.map((pair) => ({ code: pair.above, equivalence: 'subsumes' as const })),
            })),
          })),
        }),
  }
  return jsonAnswer(200, JSON.stringify(map))
}
