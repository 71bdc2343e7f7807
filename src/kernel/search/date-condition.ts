import { systemClock } from '../../base/clock.ts'
import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { instantText, rangeOfDate, type TimeRange } from './date-range.ts'
import { hasValue } from './side-condition.ts'
import { parameterKey } from './token.ts'

/** The condition of one value of a date criterion on a row `r`. */
export const dateCondition = (name: string, value: string): Sql =>
  hasValue('res_date', parameterKey(name), rangeCondition(prefixedRange(value), sql`s.low`, sql`s.high`))

/** The condition of one value of `_lastUpdated` on a row `r`. */
export const updatedCondition = (value: string): Sql =>
  rangeCondition(prefixedRange(value), sql`r.updated`, sql`r.updated`)

interface PrefixedRange {
  readonly prefix: string
  readonly range: TimeRange
}

function prefixedRange(value: string): PrefixedRange {
  const [, prefix = '', date = ''] = /^(eq|ne|lt|le|gt|ge|sa|eb|ap|po)?(.*)$/.exec(value) ?? []
  const range = rangeOfDate(date)
  if (range === undefined || Number.isNaN(range.low))
    throw problem('invalid', `"${value.slice(0, 40)}" is not a date such as 2026-11-22 or ge2026-11`)
  return { prefix: prefix || 'eq', range }
}

/** Ranges compared as R4 search says ("date", prefixes): both the value asked for and the value stored are ranges. */
function rangeCondition({ prefix, range }: PrefixedRange, low: Sql, high: Sql): Sql {
  const from = sql`${instantText(range.low)}::timestamptz`
  const to = sql`${instantText(range.high)}::timestamptz`
  const within = sql`(${low} >= ${from} and ${high} <= ${to})`
  switch (prefix) {
    case 'eq':
      return within
    case 'ne':
      return sql`not ${within}`
    case 'lt':
      return sql`${low} < ${from}`
    case 'gt':
      return sql`${high} > ${to}`
    case 'le':
      return sql`(${low} < ${from} or ${within})`
    case 'ge':
      return sql`(${high} > ${to} or ${within})`
    case 'sa':
      return sql`${low} > ${to}`
    case 'eb':
      return sql`${high} < ${from}`
    // Only `_filter` asks for this one: any time in common.
    case 'po':
      return overlaps(low, high, range)
    default:
      return overlaps(low, high, nearly(range))
  }
}

const overlaps = (low: Sql, high: Sql, range: TimeRange): Sql =>
  sql`(${high} >= ${instantText(range.low)}::timestamptz and ${low} <= ${instantText(range.high)}::timestamptz)`

/** `ap`: a tenth of the time between the date and now to either side (R4 search, prefixes). */
function nearly({ low, high }: TimeRange): TimeRange {
  const now = systemClock.now().epochMilliseconds
  const gap = Math.round(Math.max(0, low - now, now - high) / 10)
  return { low: low - gap, high: high + gap }
}
