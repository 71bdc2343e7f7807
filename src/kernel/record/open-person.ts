import type { Person } from 'fhir/r4.js'
import { personKey } from '../../base/id.ts'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { currentColumns, currentRow, text } from '../store/current.ts'
import { instantText } from '../store/draft.ts'
import { statementName } from '../store/lane.ts'
import { patientOf, patientType, personOf, personType } from '../store/person/people.ts'
import type { PersonRecord, Source } from '../store/record.ts'
import { auditRecord } from './audit-record.ts'
import { sourcesByCode } from './sources.ts'

/** The golden Person whose record is meant: after a merge that of the person it was merged into. */
export interface OpenedPerson {
  readonly key: bigint
  readonly person: Person
}

const mostMerges = 8

/** Finds a person that the actor may open; `not-found` for anyone else, whether the person exists or not. */
export async function resolvePerson(ctx: Context, personId: string): Promise<OpenedPerson> {
  let id = personId
  for (let step = 0; step < mostMerges; step += 1) {
    const key = personKey(id)
    const statement = sql`select r.body, (${visible(ctx.actor, key)}) as seen from res r
      where r.person = ${key}::int8 and r.rtype = ${personType}::int2 and r.id = ${id}`
    const [row] = await ctx.store.database.read(statement, statementName('person', statement))
    if (row === undefined) break
    const person = personOf(text(row, 'body'))
    const next = person.link?.find((link) => link.target.reference?.startsWith('Person/'))?.target.reference
    if (person.active !== false || next === undefined) {
      if (row['seen'] === true) return { key, person }
      break
    }
    id = next.slice('Person/'.length)
  }
  throw problem('not-found', 'There is no such person')
}

/** The person as the index knows them, what each source holds, and those sources. */
export async function openPerson(ctx: Context, personId: string): Promise<PersonRecord> {
  // Read first: what happens after it is news to the page.
  const position = await ctx.store.feed.position()
  const { key, person } = await resolvePerson(ctx, personId)
  const [patientRows, sourceRows] = await Promise.all([
    ctx.store.database.read(
      sql`select ${currentColumns} from res r where r.person = ${key}::int8 and r.rtype = ${patientType}::int2 and ${visible(ctx.actor, key)} order by r.updated desc`,
    ),
    ctx.store.database.read(
      sql`select r.source, max(r.updated) as received, max(r.date) filter (where r.date <= ${ctx.clock.now().toString()}::timestamptz) as event
          from res r where r.person = ${key}::int8 and r.rtype <> ${personType}::int2 and r.author <> 'Linchpin' and ${visible(ctx.actor, key)}
          group by r.source order by r.source`,
    ),
  ])
  const patients = patientRows.map((row) => currentRow('res', row))
  const codes = [...new Set([...patients.map((row) => row.source), ...sourceRows.map((row) => text(row, 'source'))])]
  const named = await sourcesByCode(ctx.store.database.reading, codes)
  const source = (code: string): Source => named.get(code) ?? { code, name: code, setting: 'other' }
  await auditRecord(ctx, key, 'read', [`Person/${person.id}`, ...patients.map((row) => `Patient/${row.id}`)])
  return {
    person,
    patients: patients.map((row) => ({
      source: source(row.source),
      patient: patientOf(row.body),
      receivedTime: instantText(row.updatedMs),
    })),
    sources: sourceRows.map((row) => ({
      ...source(text(row, 'source')),
      ...instantMember('lastReceived', text(row, 'received')),
      ...instantMember('lastEvent', text(row, 'event')),
    })),
    position: String(position),
  }
}

const instantMember = <K extends string>(name: K, value: string): Partial<Record<K, string>> =>
  value === '' ? {} : ({ [name]: Temporal.Instant.from(value.replace(' ', 'T')).toString() } as Record<K, string>)
