import { problem } from '../../../base/problem.ts'
import { type Sql, sql } from '../../../base/sql.ts'
import type { Context } from '../../access/context.ts'
import { visible } from '../../access/visible.ts'
import { resourceTypeNames, typeNumber } from '../../fhir/resource-types.ts'
import { resolvePerson } from '../../record/open-person.ts'
import { address } from '../../rest/target.ts'
import { isPersonScoped } from '../../search/home.ts'
import { searchParametersOf } from '../../search/parameters.ts'
import { parameterName, referenceToken } from '../../search/token.ts'
import { key64, whole } from '../../store/current.ts'
import { readVersions } from '../../store/history.ts'
import { statementName } from '../../store/lane.ts'
import { patientType, personType } from '../../store/person/people.ts'
import { followers } from '../../store/rehome.ts'
import { int2Array, int8Array, textArray } from '../../store/wire.ts'
import { auditReturned } from '../audit-found.ts'

/** What an `$everything` is about: a person's key, and which rows under it. */
export interface Scope {
  readonly person: bigint
  /** Condition on a row `r` of `res`. */
  readonly rows: Sql
  /** Whether rows of the same person that these refer to come with them. */
  readonly withReferenced: boolean
}

/** Golden Persons and reviews of the person index are Linchpin's own, and no part of what a source says of its patient. */
export const fromSources = sql`r.author <> 'Linchpin'`

/** Everything of one Patient, Person or Encounter that the actor may see; `not-found` when they may not see that. */
export async function scopeOf(ctx: Context, type: string, id: string): Promise<Scope> {
  if (type === 'Person') return personScope(ctx, id)
  return type === 'Encounter' ? encounterScope(ctx, id) : patientScope(ctx, id)
}

async function personScope(ctx: Context, id: string): Promise<Scope> {
  const { person } = await homeOf(ctx, 'Person', id)
  const golden = await resolvePerson(ctx, id).catch(() => undefined)
  return {
    person: golden?.key ?? person,
    rows: sql`(${fromSources} or (r.rtype = ${personType}::int2 and r.person = ${golden?.key ?? person}::int8))`,
    withReferenced: false,
  }
}

/** A person of one Patient is one range; where several sources hold the person, what is about this Patient alone. */
async function patientScope(ctx: Context, id: string): Promise<Scope> {
  const { person, patients } = await homeOf(ctx, 'Patient', id)
  if (patients === 1) return { person, rows: fromSources, withReferenced: false }
  const about = await ctx.store.database.transaction((connection) => followers(connection, person, [`Patient/${id}`]))
  const own = [{ rtype: patientType, id }, ...about]
  const rows = sql`${fromSources} and (r.rtype, r.id) in (select * from unnest(
    ${int2Array(own.map((each) => each.rtype))}::int2[], ${textArray(own.map((each) => each.id))}::text[]))`
  return { person, rows, withReferenced: false }
}

const encounterType = typeNumber('Encounter') ?? 0

async function encounterScope(ctx: Context, id: string): Promise<Scope> {
  const { person } = await homeOf(ctx, 'Encounter', id)
  const tokens = encounterParameters().map((name) => referenceToken(name, `Encounter/${id}`))
  const rows = sql`((r.rtype = ${encounterType}::int2 and r.id = ${id}) or r.toks && ${int8Array(tokens)}::int8[]) and ${fromSources}`
  return { person, rows, withReferenced: true }
}

let encounterNames: readonly string[] | undefined

/** The R4 Encounter compartment: parameters by which a resource says in which encounter it came about. */
const encounterParameters = (): readonly string[] =>
  (encounterNames ??= resourceTypeNames
    .filter((type) => isPersonScoped(type) && type !== 'Encounter')
    .flatMap((type) =>
      searchParametersOf(type)
        .filter((each) => each.code === 'encounter' || (each.code === 'context' && each.type === 'reference'))
        .map((each) => parameterName(type, each.code)),
    ))

/** Whose a resource is. */
export interface Home {
  readonly person: bigint
  /** How many Patients that person has. */
  readonly patients: number
}

/** Whose a resource is that the actor may see; `not-found` or `gone`, audited, when there is none. */
export async function homeOf(ctx: Context, type: string, id: string): Promise<Home> {
  const at = address(type, id)
  const statement = sql`select r.person, (${visible(ctx.actor)}) as seen,
      (select count(*) from res p where p.person = r.person and p.rtype = ${patientType}::int2) as patients
    from res r where r.rtype = ${at.rtype}::int2 and r.id = ${id}`
  const [row] = await ctx.store.database.read(statement, statementName('home', statement))
  if (row?.['seen'] === true) return { person: key64(row, 'person'), patients: whole(row, 'patients') }
  await auditReturned(ctx, 'read', [], `${type}/${id}`)
  const [last] = await readVersions(ctx.store.database.reading, at, visible(ctx.actor), { limit: 1 })
  if (last?.change === 'delete') throw problem('gone', `${type}/${id} was deleted`)
  throw problem('not-found', `${type}/${id} is not known`)
}
