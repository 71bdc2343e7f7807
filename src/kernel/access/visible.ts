import { personKey } from '../../base/id.ts'
import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { anySystemToken } from '../search/token.ts'
import { int2Array, int8Array } from '../store/wire.ts'
import type { Actor, StaffActor } from './actor.ts'

const patientType = typeNumber('Patient') ?? 0
const taskType = typeNumber('Task') ?? 0
const observationType = typeNumber('Observation') ?? 0

/**
 * What a care-home worker may see of their own residents: what daily care needs, and nothing that could hold sexual
 * health, fertility, third-party or gender-history entries (lifelong-record rule 10). Of observations, vital signs.
 */
const careHomeTypes = [
  'Patient',
  'Person',
  'RelatedPerson',
  'AllergyIntolerance',
  'MedicationRequest',
  'MedicationStatement',
  'MedicationAdministration',
  'Flag',
  'CarePlan',
  'CareTeam',
  'Goal',
  'NutritionOrder',
  'Immunization',
  'Appointment',
]

const nobody = sql`false`

/** Reviews of the person index name other people; they have their own pages. */
const notIndexWork = sql`not (r.rtype = ${taskType}::int2 and r.author = 'Linchpin')`

/**
 * Whether the actor may see a row `r` of `res`, as a condition of the query that reads it. Nothing is allowed unless
 * named. A query about one person passes its key, so that the relationship is looked up once and not for every row.
 */
export function visible(actor: Actor, person?: bigint): Sql {
  switch (actor.kind) {
    case 'system':
      return sql`true`
    case 'person':
    case 'carer':
      return sql`r.person = ${personKey(actor.person)}::int8 and ${notIndexWork}`
    case 'staff':
      return sql`${visibleToStaff(actor, person)} and ${notIndexWork}`
  }
}

function visibleToStaff(actor: StaffActor, person: bigint | undefined): Sql {
  switch (actor.role) {
    case 'gp':
    case 'hospital-nurse':
      return known(actor, person)
    case 'care-home-worker':
      return sql`${known(actor, person)} and ${careHomeSubset(actor)}`
    // De-identified data only, which has its own pages; and matching, which has its own functions.
    case 'analyst':
    case 'index-officer':
      return nobody
  }
}

/** A legitimate relationship: the actor's organisation holds a Patient of this person. */
const known = (actor: StaffActor, person: bigint | undefined): Sql =>
  sql`r.person <> 0 and exists (select 1 from res lr where lr.person = ${person === undefined ? sql`r.person` : sql`${person}::int8`} and lr.rtype = ${patientType}::int2 and lr.source = ${actor.organisation})`

function careHomeSubset(actor: StaffActor): Sql {
  const types = careHomeTypes.map((type) => typeNumber(type) ?? 0)
  const vitalSigns = int8Array([anySystemToken('Observation.category', 'vital-signs')])
  return sql`(r.rtype = any(${int2Array(types)}::int2[]) or r.source = ${actor.organisation}
    or (r.rtype = ${observationType}::int2 and r.toks && ${vitalSigns}::int8[]))`
}

/** Whether the actor may add entries to the records that they may see. */
export function mayAdd(actor: Actor): boolean {
  return (
    actor.kind !== 'staff' ||
    actor.role === 'gp' ||
    actor.role === 'hospital-nurse' ||
    actor.role === 'care-home-worker'
  )
}

/** For pages of the person index: anyone else gets what a stranger gets. */
export function requireIndexOfficer(actor: Actor): void {
  if (actor.kind !== 'staff' || actor.role !== 'index-officer') throw problem('not-found', 'There is no such page')
}
