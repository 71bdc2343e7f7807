import { type Sql, sql } from '../../../base/sql.ts'
import { resourceTypeNames, typeNumber } from '../../fhir/resource-types.ts'
import { instantText, rangeOfDate } from '../../search/date-range.ts'
import { isPersonScoped } from '../../search/home.ts'
import { searchParameter } from '../../search/parameters.ts'
import { parameterKey, parameterName } from '../../search/token.ts'
import { int2Array, int8Array } from '../../store/wire.ts'

/**
 * R4 Patient $everything: "The date range relates to care dates, not record currency dates". These types have a main date
 * that is no date of care (birth, manufacture, the day something was noted down), so no range leaves them out.
 */
const withoutCareDate: readonly string[] = [
  'AllergyIntolerance',
  'Coverage',
  'Device',
  'FamilyMemberHistory',
  'Patient',
  'Person',
  'RelatedPerson',
]

/** Parameters that hold when care happened, as ranges: something that began before `start` may reach into it. */
const rangeCodes = ['date', 'effective', 'effective-time', 'occurrence', 'period']

const conditionType = typeNumber('Condition') ?? 0
const abatement = parameterKey(parameterName('Condition', 'abatement-date'))

let keys: readonly bigint[] | undefined

const rangeKeys = (): readonly bigint[] =>
  (keys ??= resourceTypeNames
    .filter(isPersonScoped)
    .flatMap((type) =>
      rangeCodes
        .filter((code) => searchParameter(type, code)?.type === 'date')
        .map((code) => parameterKey(parameterName(type, code))),
    ))

/** The condition on a row `r` of `res` that its care reaches into a range of dates; a row without a date of care stays. */
export function careWithin(start: string | undefined, end: string | undefined): Sql {
  if (start === undefined && end === undefined) return sql`true`
  const low = start === undefined ? '-infinity' : instantText(rangeOfDate(start)?.low ?? Number.NEGATIVE_INFINITY)
  const high = end === undefined ? 'infinity' : instantText(rangeOfDate(end)?.high ?? Number.POSITIVE_INFINITY)
  const undated = withoutCareDate.map((type) => typeNumber(type) ?? 0)
  return sql`(r.date is null or r.rtype = any(${int2Array(undated)}::int2[])
    or (r.date <= ${high}::timestamptz and (r.date >= ${low}::timestamptz
      or (r.rtype = ${conditionType}::int2 and not ${dated(sql`d.key = ${abatement}::int8 and d.high < ${low}::timestamptz`)})
      or ${dated(sql`d.key = any(${int8Array(rangeKeys())}::int8[]) and d.high >= ${low}::timestamptz and d.low <= ${high}::timestamptz`)})))`
}

const dated = (condition: Sql): Sql =>
  sql`exists (select 1 from res_date d where (d.person, d.rtype, d.id) = (r.person, r.rtype, r.id) and ${condition})`
