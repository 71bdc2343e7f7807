import type { Patient } from 'fhir/r4.js'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { type FhirAnswer, jsonAnswer } from '../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../rest/operation.ts'
import { givenParameters } from '../rest/parameters.ts'
import { foundIn } from '../search/include.ts'
import type { Found } from '../search/search.ts'
import { candidateLimit, keysOfPatient } from '../store/person/index-patients.ts'
import type { Demographics } from '../store/person/linkage.ts'
import { patientOf, patientType } from '../store/person/people.ts'
import { comparedWith, demographics } from '../store/person/rules.ts'
import { int8Array } from '../store/wire.ts'
import { auditReturned } from './audit-found.ts'

/** `$match`: the Patients that a record may be of, by the rules of the person index, best first. Nothing is linked. */
export const matchOperation: FhirOperation = {
  name: 'match',
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-match',
  levels: ['type'],
  types: ['Patient'],
  affectsState: false,
  run: answer,
}

async function answer(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  const declared = {
    resource: { type: 'Resource', required: true },
    onlyCertainMatches: { type: 'boolean' },
    count: { type: 'positiveInt' },
  } as const
  const { resource, onlyCertainMatches, count } = givenParameters(invocation, declared, { bare: 'resource' })
  if (resource.resource.resourceType !== 'Patient')
    throw problem('invalid', 'The resource to match is a Patient', { expression: 'resource' })
  const asked = demographics(resource.resource as unknown as Patient)
  const all = gradedMatches(asked, await candidates(ctx, asked))
  const certain = all.filter(({ grade }) => grade === 'certain')
  // R4: "If there are multiple potential matches, then the match should not return the results with this flag set to true".
  const people = new Set(certain.map(({ found }) => found.person))
  const kept =
    onlyCertainMatches === true ? (people.size === 1 ? certain.slice(0, 1) : []) : all.slice(0, count ?? mostFound)
  await auditReturned(
    ctx,
    'search',
    kept.map(({ found }) => found),
    'Patient',
  )
  return jsonAnswer(200, bundleText(invocation, kept))
}

/** As PDS, which answers at most fifty (lifelong-record rule 2). */
const mostFound = 50

async function candidates(ctx: Context, asked: Demographics): Promise<readonly Found[]> {
  const keys = keysOfPatient(asked)
  if (keys.length === 0)
    throw problem(
      'rule',
      'This says too little to find anyone by: an NHS number, or a family name with a birth date or a postcode',
      {
        expression: 'resource',
      },
    )
  const rows = await ctx.store.database.search(
    sql`select r.rtype, r.person, r.id, r.ver, r.body from res r
        where r.rtype = ${patientType}::int2 and ${visible(ctx.actor)} and r.person in (
          select m.person from unnest(${int8Array(keys)}::int8[]) k(key),
            lateral (select person from match_key where match_key.key = k.key limit ${candidateLimit}::int4) m)`,
  )
  return rows.map(foundIn)
}

/** How sure a match is (http://terminology.hl7.org/CodeSystem/match-grade). */
type Grade = 'certain' | 'probable' | 'possible'

interface Match {
  readonly found: Found
  readonly grade: Grade
  /** Puts matches in order, 1 for the best; it is no probability. */
  readonly score: number
}

/**
 * Grades follow lifelong-record rule 5: what would be linked without asking anybody is certain, where it is the only one;
 * what would be put before a human is probable or possible; what would be linked to nobody is no match.
 */
const verdicts: Readonly<Record<string, readonly [grade: Grade, score: number] | undefined>> = {
  'same-number': ['certain', 1],
  'same-details': ['certain', 0.95],
  conflict: ['possible', 0.4],
  doubtful: ['possible', 0.6],
}

function gradedMatches(asked: Demographics, rows: readonly Found[]): readonly Match[] {
  const patients = rows.map((found) => ({ found, demographics: demographics(patientOf(found.body)) }))
  const byPerson = Map.groupBy(patients, ({ found }) => String(found.person))
  const people = [...byPerson].map(([person, of]) => ({ person, records: of.map((each) => each.demographics) }))
  const compared = comparedWith(asked, people)
  const sure = (verdict: string): number => compared.filter((each) => each.verdict === verdict).length
  const found = compared.flatMap(({ person, verdict, number }) => {
    const [grade, score] = verdicts[verdict] ?? []
    if (grade === undefined || score === undefined) return []
    const alone = verdict === 'same-number' || sure('same-number') === 0
    const settled = grade !== 'certain' || (sure(verdict) === 1 && alone)
    const doubtfulNumber = verdict === 'doubtful' && number === 'same'
    const graded = settled && !doubtfulNumber ? { grade, score } : { grade: 'probable' as const, score: 0.8 }
    return (byPerson.get(person) ?? []).map((each) => ({
      found: each.found,
      own: ownRank(asked, each.demographics),
      ...graded,
    }))
  })
  return found.toSorted((a, b) => b.score - a.score || a.own - b.own || (a.found.id < b.found.id ? -1 : 1))
}

/** Of one person's Patients, the one that itself agrees most comes first. */
function ownRank(asked: Demographics, record: Demographics): number {
  const [own] = comparedWith(asked, [{ person: '', records: [record] }])
  return 1 - (verdicts[own?.verdict ?? '']?.[1] ?? 0)
}

function bundleText({ request }: Invocation, matches: readonly Match[]): string {
  const entries = matches.map(({ found, grade, score }) => {
    const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/match-grade', valueCode: grade }]
    const search = JSON.stringify({ extension, mode: 'match', score })
    return `{"fullUrl":"${request.base}/Patient/${found.id}","resource":${found.body},"search":${search}}`
  })
  const list = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`
  return `{"resourceType":"Bundle","type":"searchset","total":${matches.length}${list}}`
}
