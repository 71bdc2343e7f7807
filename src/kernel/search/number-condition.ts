import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { systems } from '../fhir/systems.ts'
import { splitAt, unescapeValue } from './criterion.ts'
import { type AskedNumber, askedNumber } from './number-range.ts'
import type { SearchParameterDefinition } from './parameters.ts'
import { hasValue } from './side-condition.ts'
import { codedUnit, namedUnit } from './token.ts'
import { canonicalUnit } from './ucum.ts'

/** The condition of one value of a number or quantity criterion on a row `r`: `number`, `number||unit`, or `number|system|code`. */
export function numberCondition(key: bigint, parameter: SearchParameterDefinition, value: string): Sql {
  const [number = '', ...unit] = splitAt(value, '|').map(unescapeValue)
  // "70.5|kg" has no system either.
  const [system, code, ...more] = unit.length === 1 ? ['', ...unit] : unit
  const asked = askedNumber(number)
  const malformed = (code === undefined) !== (system === undefined) || (code === '' && system !== '')
  if (asked === undefined || malformed || more.length > 0 || (system !== undefined && parameter.type === 'number'))
    throw problem('invalid', `"${value.slice(0, 40)}" is not ${examples[parameter.type] ?? 'a number'}`, {
      expression: parameter.code,
    })
  return hasValue('res_num', key, quantityCondition(asked, system, code))
}

const examples: Readonly<Record<string, string>> = {
  number: 'a number such as 100, ge0.5 or 1.0e2',
  quantity: 'a quantity such as 70.5, ge70.5||kg or 70.5|http://unitsofmeasure.org|kg',
}

/**
 * A unit with the system of UCUM is compared in base units, so that 70500 g is 70.5 kg. Any other is compared as it was
 * sent. One without a system may be either: what a quantity calls its unit, or a UCUM code.
 */
function quantityCondition(asked: AskedNumber, system = '', code = ''): Sql {
  const asSent = comparison(asked, sql`s.low`, sql`s.high`)
  if (code === '') return asSent
  const canonical = system === '' || system === systems.ucum ? canonicalCondition(asked, code) : undefined
  if (system !== '') return canonical ?? sql`s.coded = ${codedUnit(system, code)}::int8 and ${asSent}`
  const named = sql`(${namedUnit(code)}::int8 in (s.code, s.unit) and ${asSent})`
  return canonical === undefined ? named : sql`(${named} or ${canonical})`
}

function canonicalCondition(asked: AskedNumber, code: string): Sql | undefined {
  const unit = canonicalUnit(code)
  if (unit === undefined) return undefined
  const base = (decimal: string): string => unit.toBase(Number(decimal))
  const [near, far] = asked.near
  const inBase: AskedNumber = {
    prefix: asked.prefix,
    exact: base(asked.exact),
    from: base(asked.from),
    below: base(asked.below),
    near: [base(near), base(far)],
  }
  if (Object.values(inBase).flat().includes('')) return undefined
  return sql`(s.canon = ${unit.key}::int8 and ${comparison(inBase, sql`s.canon_low`, sql`s.canon_high`)})`
}

/** Precision counts for equality only (R4 search, number); a stored range must lie wholly inside what equals asks for. */
function comparison({ prefix, exact, from, below, near }: AskedNumber, low: Sql, high: Sql): Sql {
  const within = sql`(${low} >= ${from}::numeric and ${low} < ${below}::numeric and ${high} < ${below}::numeric)`
  switch (prefix) {
    case 'ne':
      return sql`not ${within}`
    case 'lt':
      return sql`${low} < ${exact}::numeric`
    case 'le':
      return sql`${low} <= ${exact}::numeric`
    case 'gt':
      return sql`${high} > ${exact}::numeric`
    case 'ge':
      return sql`${high} >= ${exact}::numeric`
    case 'sa':
      return sql`${low} > ${exact}::numeric`
    case 'eb':
      return sql`${high} < ${exact}::numeric`
    case 'ap':
      return sql`(${high} >= ${near[0]}::numeric and ${low} <= ${near[1]}::numeric)`
    default:
      return within
  }
}
