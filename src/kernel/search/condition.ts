import { problem } from '../../base/problem.ts'
import { join, type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { int8Array, textArray } from '../store/wire.ts'
import { instantText, rangeOfDate, type TimeRange } from './date-range.ts'
import { type Criterion, splitToken, unescapeValue } from './query.ts'
import { relativeTarget } from './reference.ts'
import { searchText } from './text.ts'
import {
  anyIdentifierToken,
  anySystemToken,
  codeToken,
  identifierToken,
  noSystemToken,
  parameterKey,
  parameterName,
  referenceToken,
  systemToken,
  uriToken,
} from './token.ts'

/** The SQL condition of one criterion on a row `r`. */
export function conditionOf(type: string, criterion: Criterion): Sql {
  const { code } = criterion.parameter
  if (code === '_id')
    return plain(criterion, sql`r.id = any(${textArray(criterion.values.map(unescapeValue))}::text[])`)
  if (code === '_lastUpdated') return plain(criterion, lastUpdated(criterion))
  const name = parameterName(type, code)
  switch (criterion.parameter.type) {
    case 'token':
      return tokens(
        criterion,
        criterion.values.map((value) => codedToken(name, criterion, value)),
      )
    case 'reference':
      return references(name, criterion)
    case 'uri':
      return plain(criterion, anyOf(criterion.values.map((value) => uriToken(name, unescapeValue(value)))))
    case 'string':
      return plain(criterion, alternatives(criterion.values.map((value) => stringCondition(name, value))))
    case 'date':
      return plain(criterion, alternatives(criterion.values.map((value) => dateCondition(name, value))))
    default:
      throw unsupported(criterion)
  }
}

const anyOf = (hashes: readonly bigint[]): Sql => sql`r.toks && ${int8Array(hashes)}::int8[]`

const alternatives = (conditions: readonly Sql[]): Sql => sql`(${join(conditions, ' or ')})`

const unsupported = ({ parameter, modifier }: Criterion): Error =>
  problem('invalid', `"${parameter.code}:${modifier}" is a modifier that Linchpin does not search by`, {
    expression: `${parameter.code}:${modifier}`,
  })

/** Passes a condition on when the criterion has no modifier. */
function plain(criterion: Criterion, condition: Sql): Sql {
  if (criterion.modifier !== '') throw unsupported(criterion)
  return condition
}

function tokens(criterion: Criterion, hashes: readonly bigint[]): Sql {
  if (criterion.modifier === 'not') return sql`not ${anyOf(hashes)}`
  return plain(criterion, anyOf(hashes))
}

function codedToken(name: string, criterion: Criterion, value: string): bigint {
  const { system, code } = splitToken(value)
  if (system === undefined) return anySystemToken(name, code)
  if (system === '') return noSystemToken(name, code)
  if (code !== '') return codeToken(name, system, code)
  if (criterion.parameter.code === 'identifier') return systemToken(name, system)
  throw problem('invalid', `"${criterion.parameter.code}" needs a code after the system`, {
    expression: criterion.parameter.code,
  })
}

function references(name: string, criterion: Criterion): Sql {
  const { modifier, values, parameter } = criterion
  if (modifier === 'identifier')
    return anyOf(
      values.map((value) => {
        const { system, code } = splitToken(value)
        return system === undefined ? anyIdentifierToken(name, code) : identifierToken(name, system, code)
      }),
    )
  if (modifier !== '' && typeNumber(modifier) === undefined) throw unsupported(criterion)
  const types = modifier === '' ? (parameter.target ?? []) : [modifier]
  return anyOf(values.flatMap((value) => referenceTokens(name, unescapeValue(value), types)))
}

function referenceTokens(name: string, value: string, types: readonly string[]): bigint[] {
  const relative = relativeTarget(value)
  if (relative !== undefined) return [referenceToken(name, relative)]
  if (value.includes(':') || value.includes('/')) return [referenceToken(name, value)]
  return types.map((type) => referenceToken(name, `${type}/${value}`))
}

const belongs = sql`(s.person, s.rtype, s.id) = (r.person, r.rtype, r.id)`

function stringCondition(name: string, value: string): Sql {
  const text = searchText(unescapeValue(value))
  return sql`exists (select 1 from res_str s where s.key = ${parameterKey(name)}::int8 and s.val >= ${text} and s.val < ${`${text}\u{10ffff}`} and ${belongs})`
}

interface PrefixedRange {
  readonly prefix: string
  readonly range: TimeRange
}

function prefixedRange(value: string): PrefixedRange {
  const [, prefix = '', date = ''] = /^(eq|ne|lt|le|gt|ge|sa|eb|ap)?(.*)$/.exec(value) ?? []
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
    default:
      throw problem('invalid', 'The prefix "ap" has no agreed meaning for dates and is not searched by')
  }
}

const dateCondition = (name: string, value: string): Sql =>
  sql`exists (select 1 from res_date s where s.key = ${parameterKey(name)}::int8 and ${rangeCondition(prefixedRange(value), sql`s.low`, sql`s.high`)} and ${belongs})`

const lastUpdated = ({ values }: Criterion): Sql =>
  alternatives(values.map((value) => rangeCondition(prefixedRange(value), sql`r.updated`, sql`r.updated`)))
