import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { unescapeValue } from './criterion.ts'
import { type AskedNumber, askedNumber } from './number-range.ts'
import type { SearchParameterDefinition } from './parameters.ts'
import { hasValue } from './side-condition.ts'
import { codedUnit, namedUnit } from './token.ts'

/** The condition of one value of a number or quantity criterion on a row `r`: `number`, or `number|system|code`. */
export function numberCondition(key: bigint, parameter: SearchParameterDefinition, value: string): Sql {
  const [number = '', system, code, ...more] = (value.match(/(?:^|\|)(?:\\.|[^|\\])*/g) ?? []).map((part, index) =>
    unescapeValue(index === 0 ? part : part.slice(1)),
  )
  const asked = askedNumber(number)
  const malformed = (code === undefined) !== (system === undefined) || (code === '' && system !== '')
  if (asked === undefined || malformed || more.length > 0 || (system !== undefined && parameter.type === 'number'))
    throw problem('invalid', `"${value.slice(0, 40)}" is not ${examples[parameter.type] ?? 'a number'}`, {
      expression: parameter.code,
    })
  return hasValue('res_num', key, sql`${comparison(asked)}${unitCondition(system, code)}`)
}

const examples: Readonly<Record<string, string>> = {
  number: 'a number such as 100, ge0.5 or 1.0e2',
  quantity: 'a quantity such as 70.5, ge70.5||kg or 70.5|http://unitsofmeasure.org|kg',
}

// Units are compared as they were sent: 70500 g is another unit than 70.5 kg until there is a UCUM table.
function unitCondition(system = '', code = ''): Sql {
  if (code === '') return sql``
  if (system !== '') return sql` and s.coded = ${codedUnit(system, code)}::int8`
  return sql` and ${namedUnit(code)}::int8 in (s.code, s.unit)`
}

/** Precision counts for equality only (R4 search, number); a stored range must lie wholly inside what equals asks for. */
function comparison({ prefix, exact, from, below, near }: AskedNumber): Sql {
  const within = sql`(s.low >= ${from}::numeric and s.high < ${below}::numeric)`
  switch (prefix) {
    case 'ne':
      return sql`not ${within}`
    case 'lt':
      return sql`s.low < ${exact}::numeric`
    case 'le':
      return sql`s.low <= ${exact}::numeric`
    case 'gt':
      return sql`s.high > ${exact}::numeric`
    case 'ge':
      return sql`s.high >= ${exact}::numeric`
    case 'sa':
      return sql`s.low > ${exact}::numeric`
    case 'eb':
      return sql`s.high < ${exact}::numeric`
    case 'ap':
      return sql`(s.high >= ${near[0]}::numeric and s.low <= ${near[1]}::numeric)`
    default:
      return within
  }
}
