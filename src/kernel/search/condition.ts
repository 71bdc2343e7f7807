import { problem } from '../../base/problem.ts'
import { join, type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { int8Array, textArray } from '../store/wire.ts'
import { type CompositePlan, compositePlan, firstName, pairToken, secondName } from './composite.ts'
import { type Criterion, splitComposite, splitToken, unescapeValue } from './criterion.ts'
import { dateCondition, updatedCondition } from './date-condition.ts'
import { numberCondition } from './number-condition.ts'
import type { SearchParameterDefinition } from './parameters.ts'
import { presenceOfDefinition } from './presence.ts'
import { relativeTarget } from './reference.ts'
import { alternatives, hasValue } from './side-condition.ts'
import { stringCondition } from './string-condition.ts'
import {
  absentToken,
  anyIdentifierToken,
  anySystemToken,
  codeToken,
  identifierToken,
  noSystemToken,
  parameterKey,
  parameterName,
  presentToken,
  referenceToken,
  systemToken,
  uriToken,
} from './token.ts'

/** The SQL condition of one criterion on a row `r`. */
export function conditionOf(type: string, criterion: Criterion): Sql {
  const { code } = criterion.parameter
  if (code === '_id')
    return plain(criterion, sql`r.id = any(${textArray(criterion.values.map(unescapeValue))}::text[])`)
  if (code === '_lastUpdated') return plain(criterion, alternatives(criterion.values.map(updatedCondition)))
  const name = parameterName(type, code)
  if (criterion.modifier === 'missing' && criterion.parameter.type !== 'composite')
    return missing(type, name, criterion)
  switch (criterion.parameter.type) {
    case 'token':
      return tokens(
        criterion,
        criterion.values.map((value) => codedToken(name, criterion.parameter, value)),
      )
    case 'reference':
      return references(name, criterion)
    case 'uri':
      return plain(criterion, anyOf(criterion.values.map((value) => uriToken(name, unescapeValue(value)))))
    case 'string':
      return stringCondition(name, criterion) ?? refuse(criterion)
    case 'date':
      return plain(criterion, alternatives(criterion.values.map((value) => dateCondition(name, value))))
    case 'number':
    case 'quantity':
      return plain(
        criterion,
        alternatives(criterion.values.map((value) => numberCondition(parameterKey(name), criterion.parameter, value))),
      )
    case 'composite':
      return plain(criterion, alternatives(criterion.values.map((value) => compositeCondition(type, criterion, value))))
    default:
      throw unsupported(criterion)
  }
}

const anyOf = (hashes: readonly bigint[]): Sql => sql`r.toks && ${int8Array(hashes)}::int8[]`

function compositeCondition(type: string, { parameter }: Criterion, value: string): Sql {
  const values = splitComposite(value)
  const wanted = parameter.component?.length ?? 0
  if (values.length !== wanted)
    throw problem('invalid', `"${parameter.code}" needs ${wanted} values with "$" between them`, {
      expression: parameter.code,
    })
  const plan = compositePlan(type, parameter)
  return plan === undefined ? sql`false` : plannedComposite(type, plan, values)
}

function plannedComposite(type: string, plan: CompositePlan, values: readonly string[]): Sql {
  if (plan.kind === 'either') return alternatives(plan.of.map((each) => plannedComposite(type, each, values)))
  const [first = '', second = ''] = values
  if (plan.kind === 'pair') {
    const key = codedToken(firstName(plan.name), plan.second, first)
    if (plan.second.type === 'quantity') return numberCondition(key, plan.second, second)
    return anyOf([pairToken(key, codedToken(secondName(plan.name), plan.second, second))])
  }
  const conditions = plan.parts.map((parameter, index) =>
    conditionOf(type, { parameter, modifier: '', values: [values[index] ?? ''] }),
  )
  return sql`(${join(conditions, ' and ')})`
}

/** R4 search, :missing: whether the element is there at all, whatever it holds. */
function missing(type: string, name: string, criterion: Criterion): Sql {
  const [value] = criterion.values
  if (criterion.values.length !== 1 || (value !== 'true' && value !== 'false'))
    throw problem('invalid', `"${criterion.parameter.code}:missing" is true or false`, {
      expression: `${criterion.parameter.code}:missing`,
    })
  const present = presentCondition(type, name, criterion.parameter)
  return value === 'true' ? sql`not ${present}` : present
}

function presentCondition(type: string, name: string, parameter: SearchParameterDefinition): Sql {
  switch (presenceOfDefinition(type, parameter)) {
    case 'always':
      return sql`true`
    case 'absent-token':
      return sql`not ${anyOf([absentToken(name)])}`
    case 'present-token':
      return anyOf([presentToken(name)])
    case 'side':
      return hasValue(sideTableOf(parameter), parameterKey(name), sql`true`)
  }
}

function sideTableOf({ type }: SearchParameterDefinition): 'res_str' | 'res_date' | 'res_num' {
  if (type === 'string') return 'res_str'
  return type === 'date' ? 'res_date' : 'res_num'
}

const unsupported = ({ parameter, modifier }: Criterion): Error =>
  problem('invalid', `"${parameter.code}:${modifier}" is a modifier that Linchpin does not search by`, {
    expression: `${parameter.code}:${modifier}`,
  })

function refuse(criterion: Criterion): never {
  throw unsupported(criterion)
}

/** Passes a condition on when the criterion has no modifier. */
function plain(criterion: Criterion, condition: Sql): Sql {
  if (criterion.modifier !== '') throw unsupported(criterion)
  return condition
}

function tokens(criterion: Criterion, hashes: readonly bigint[]): Sql {
  if (criterion.modifier === 'not') return sql`not ${anyOf(hashes)}`
  return plain(criterion, anyOf(hashes))
}

function codedToken(name: string, parameter: SearchParameterDefinition, value: string): bigint {
  const { system, code } = splitToken(value)
  if (system === undefined) return anySystemToken(name, code)
  if (system === '') return noSystemToken(name, code)
  if (code !== '') return codeToken(name, system, code)
  if (parameter.code === 'identifier') return systemToken(name, system)
  throw problem('invalid', `"${parameter.code}" needs a code after the system`, {
    expression: parameter.code,
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
