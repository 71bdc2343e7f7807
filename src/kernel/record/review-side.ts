import type { AllergyIntolerance } from 'fhir/r4.js'
import { join, type Sql, sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { currentColumns, currentRow, text, whole } from '../store/current.ts'
import type { Row } from '../store/database.ts'
import { instantText } from '../store/draft.ts'
import { homeToken } from '../store/homing.ts'
import { patientOf, patientType, personOf, personType } from '../store/person/people.ts'
import { int8Array } from '../store/wire.ts'
import { auditRecord } from './audit-record.ts'
import type { ReviewSide } from './review.ts'
import { sourcesByCode } from './sources.ts'

const allergyType = typeNumber('AllergyIntolerance') ?? 0

const allergyOf = (body: string): AllergyIntolerance => JSON.parse(body) as AllergyIntolerance

/** The first Patient that fits, with what its source holds about it: enough to judge whose it is. */
export async function reviewSide(ctx: Context, which: Sql): Promise<ReviewSide | undefined> {
  const found = await ctx.store.database.search(
    sql`select ${currentColumns} from res r where ${join([sql`r.rtype = ${patientType}::int2`, which], ' and ')} order by r.updated limit 1`,
  )
  if (found[0] === undefined) return undefined
  const row = currentRow('res', found[0])
  const about = sql`r.person = ${row.person}::int8 and r.toks && ${int8Array([homeToken(`Patient/${row.id}`)])}::int8[] and r.author <> 'Linchpin'`
  const [counts, allergies, golden, sources] = await Promise.all([
    ctx.store.database.search(
      sql`select count(*)::float8 as n, min(r.date) as first, max(r.date) as last from res r where ${about}`,
    ),
    ctx.store.database.search(sql`select r.body from res r where ${about} and r.rtype = ${allergyType}::int2`),
    ctx.store.database.search(
      sql`select r.body from res r where r.person = ${row.person}::int8 and r.rtype = ${personType}::int2 and r.author = 'Linchpin'`,
    ),
    sourcesByCode(ctx.store.database.reading, [row.source]),
  ])
  await auditRecord(ctx, row.person, 'read', [`Patient/${row.id}`])
  const person = golden[0] === undefined ? undefined : personOf(text(golden[0], 'body')).id
  const count = counts[0] ?? {}
  return {
    source: sources.get(row.source) ?? { code: row.source, name: row.source, setting: 'other' },
    patient: patientOf(row.body),
    receivedTime: instantText(row.updatedMs),
    ...(person === undefined ? {} : { person }),
    entryCount: whole(count, 'n'),
    ...instantMember('firstEvent', count, 'first'),
    ...instantMember('lastEvent', count, 'last'),
    allergies: allergies.map((each) => allergyWords(allergyOf(text(each, 'body')))),
  }
}

const allergyWords = (allergy: AllergyIntolerance): string =>
  allergy.code?.text ?? allergy.code?.coding?.find((coding) => coding.display !== undefined)?.display ?? 'Not named'

function instantMember<K extends string>(name: K, row: Row, column: string): Partial<Record<K, string>> {
  const value = text(row, column)
  return value === ''
    ? {}
    : ({ [name]: Temporal.Instant.from(value.replace(' ', 'T')).toString() } as Record<K, string>)
}
