import type { Person } from 'fhir/r4.js'
import { hash64 } from '../../base/hash.ts'
import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { visible } from '../access/visible.ts'
import { normaliseNhsNumber } from '../fhir/nhs-number.ts'
import { systems } from '../fhir/systems.ts'
import { instantText, rangeOfDate } from '../search/date-range.ts'
import { searchText } from '../search/text.ts'
import { parameterKey, parameterName } from '../search/token.ts'
import { key64, text, whole } from '../store/current.ts'
import { patientType, personOf, personType } from '../store/person/people.ts'
import type { FoundPerson, PersonQuery } from '../store/record.ts'

/** A wildcard search needs at least this many leading characters of the family name (lifelong-record rule 2). */
const leastLetters = 2
const mostFound = 50

/** Finds people by NHS number, or by name with birth date, among those the actor may see. Everyone returned is audited. */
export async function findPeople(ctx: Context, query: PersonQuery): Promise<readonly FoundPerson[]> {
  const number = query.nhsNumber === undefined ? undefined : normaliseNhsNumber(query.nhsNumber)
  if (query.nhsNumber !== undefined && number === undefined) return []
  const among = number === undefined ? byName(query) : byNumber(number)
  const rows = await ctx.store.database.search(
    sql`select r.person, r.body, (select count(distinct p.source) from res p where p.person = r.person and p.rtype = ${patientType}::int2) as sources
        from res r where r.rtype = ${personType}::int2 and r.person in (${among}) and ${visible(ctx.actor)} limit ${mostFound * 2}::int4`,
  )
  const found = rows.flatMap((row) => {
    const person = personOf(text(row, 'body'))
    // The key is a hash: the number itself decides.
    if (person.active === false || (number !== undefined && !hasNumber(person, number))) return []
    const exact = number !== undefined || isExact(person, query)
    return [
      {
        key: key64(row, 'person'),
        person,
        exact,
        superseded: isOld(person, number),
        sourceCount: whole(row, 'sources'),
      },
    ]
  })
  const best = found
    .sort((a, b) => Number(b.exact) - Number(a.exact) || compareNames(a.person, b.person))
    .slice(0, mostFound)
  const submission = submissionOf(ctx)
  const audits = best.map(({ key, person }) => ({
    person: key,
    action: 'search' as const,
    outcome: 'success' as const,
    ids: [`Person/${person.id}`],
    submission,
  }))
  const none = { person: 0n, action: 'search' as const, outcome: 'not-found' as const, ids: ['Person'], submission }
  await ctx.store.readAudit.write(audits.length === 0 ? [none] : audits, ctx.clock.now().epochMilliseconds)
  return best.map(({ person, exact, superseded, sourceCount }) => ({ person, exact, superseded, sourceCount }))
}

const byNumber = (number: string): Sql =>
  sql`select person from match_key where key = ${hash64(`nhs-number|${number}`)}::int8`

const startsWith = (parameter: string, value: string): Sql => {
  const start = searchText(value)
  return sql`exists (select 1 from res_str s where s.key = ${parameterKey(parameterName('Patient', parameter))}::int8
    and s.val >= ${start} and s.val < ${`${start}\u{10ffff}`} and (s.person, s.rtype, s.id) = (pt.person, pt.rtype, pt.id))`
}

function byName(query: PersonQuery): Sql {
  const family = searchText(query.family ?? '')
  if (family.length < leastLetters)
    throw problem('invalid', `Enter an NHS number, or at least ${leastLetters} letters of the family name`)
  const given = query.given === undefined || query.given === '' ? sql`` : sql` and ${startsWith('given', query.given)}`
  return sql`select pt.person from res pt where pt.rtype = ${patientType}::int2 and ${startsWith('family', family)}${given}${born(query.birthDate)}`
}

function born(birthDate: string | undefined): Sql {
  if (birthDate === undefined || birthDate === '') return sql``
  const range = rangeOfDate(birthDate)
  if (range === undefined || Number.isNaN(range.low))
    throw problem('invalid', 'Enter the date of birth, for example 14 3 1951')
  return sql` and exists (select 1 from res_date d where d.key = ${parameterKey(parameterName('Patient', 'birthdate'))}::int8
    and d.low >= ${instantText(range.low)}::timestamptz and d.high <= ${instantText(range.high)}::timestamptz
    and (d.person, d.rtype, d.id) = (pt.person, pt.rtype, pt.id))`
}

function isExact(person: Person, query: PersonQuery): boolean {
  const name = person.name?.[0]
  const family = searchText(name?.family ?? '') === searchText(query.family ?? '')
  const given =
    query.given === undefined || (name?.given ?? []).some((each) => searchText(each) === searchText(query.given ?? ''))
  return family && given && query.birthDate !== undefined && person.birthDate === query.birthDate
}

const hasNumber = (person: Person, number: string): boolean =>
  (person.identifier ?? []).some((each) => each.system === systems.nhsNumber && each.value === number)

const isOld = (person: Person, number: string | undefined): boolean =>
  number !== undefined &&
  (person.identifier ?? []).some(
    (each) => each.system === systems.nhsNumber && each.use === 'old' && each.value === number,
  )

const compareNames = (a: Person, b: Person): number => {
  const name = (person: Person): string =>
    searchText(`${person.name?.[0]?.family ?? ''} ${(person.name?.[0]?.given ?? []).join(' ')}`)
  return name(a).localeCompare(name(b), 'en-GB')
}
