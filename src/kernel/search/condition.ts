import { problem } from '../../base/problem.ts'
import { join, type Sql, sql } from '../../base/sql.ts'
import { textArray } from '../store/wire.ts'
import type { CodeSource } from './code-source.ts'
import { type CompositePlan, compositePlan, firstName, pairToken, secondName } from './composite.ts'
import { type Criterion, splitComposite, unescapeValue } from './criterion.ts'
import { dateCondition, updatedCondition } from './date-condition.ts'
import { soundsOf } from './emit.ts'
import { nearCondition } from './near-condition.ts'
import { numberCondition } from './number-condition.ts'
import type { SearchParameterDefinition } from './parameters.ts'
import { presenceOfDefinition } from './presence.ts'
import { referenceCondition } from './reference-condition.ts'
import { alternatives, hasValue } from './side-condition.ts'
import { stringCondition } from './string-condition.ts'
import { absentToken, parameterKey, parameterName, presentToken, soundToken } from './token.ts'
import { anyOf, codedToken, tokenCondition } from './token-condition.ts'
import { uriCondition } from './uri-condition.ts'

/** The SQL condition of one criterion on a row `r`, where it needs no look at other rows. */
export async function conditionOf(type: string, criterion: Criterion, codes: CodeSource): Promise<Sql> {
  const { parameter, modifier, values } = criterion
  const name = parameterName(type, parameter.code)
  const special = modifier === '' ? byCode[parameter.code] : undefined
  if (special !== undefined) return special(name, values)
  if (modifier === 'missing' && parameter.type !== 'composite') return missing(type, name, criterion)
  return (await byType(type, name, criterion, codes)) ?? refuse(criterion)
}

/** Parameters that are answered by a way of their own. */
const byCode: Readonly<Record<string, (name: string, values: readonly string[]) => Sql>> = {
  _id: (_, values) => sql`r.id = any(${textArray(values.map(unescapeValue))}::text[])`,
  _lastUpdated: (_, values) => alternatives(values.map(updatedCondition)),
  near: (name, values) => alternatives(values.map((value) => nearCondition(name, value))),
  phonetic: (name, values) => alternatives(values.map((value) => sounds(name, unescapeValue(value)))),
}

/** Every word asked for must sound like one that is there. */
function sounds(name: string, value: string): Sql {
  const asked = soundsOf(value)
  if (asked.length === 0)
    throw problem('invalid', 'A search by sound needs a word in Latin letters', { expression: 'phonetic' })
  return sql`(${join(
    asked.map((sound) => anyOf([soundToken(name, sound)])),
    ' and ',
  )})`
}

async function byType(type: string, name: string, criterion: Criterion, codes: CodeSource): Promise<Sql | undefined> {
  const { parameter, modifier, values } = criterion
  switch (parameter.type) {
    case 'token':
      return tokenCondition(type, criterion, codes)
    case 'reference':
      return referenceCondition(type, criterion)
    case 'uri':
      return uriCondition(type, criterion)
    case 'string':
      return stringCondition(name, criterion)
    case 'date':
      return modifier === '' ? alternatives(values.map((value) => dateCondition(name, value))) : undefined
    case 'number':
    case 'quantity':
      if (modifier !== '') return undefined
      return alternatives(values.map((value) => numberCondition(parameterKey(name), parameter, value)))
    case 'composite':
      if (modifier !== '') return undefined
      return alternatives(await Promise.all(values.map((value) => compositeCondition(type, criterion, value, codes))))
    default:
      return undefined
  }
}

async function compositeCondition(
  type: string,
  { parameter }: Criterion,
  value: string,
  codes: CodeSource,
): Promise<Sql> {
  const values = splitComposite(value)
  const wanted = parameter.component?.length ?? 0
  if (values.length !== wanted)
    throw problem('invalid', `"${parameter.code}" needs ${wanted} values with "$" between them`, {
      expression: parameter.code,
    })
  const plan = compositePlan(type, parameter)
  return plan === undefined ? sql`false` : plannedComposite(type, plan, values, codes)
}

async function plannedComposite(
  type: string,
  plan: CompositePlan,
  values: readonly string[],
  codes: CodeSource,
): Promise<Sql> {
  if (plan.kind === 'either')
    return alternatives(await Promise.all(plan.of.map((each) => plannedComposite(type, each, values, codes))))
  const [first = '', second = ''] = values
  if (plan.kind === 'pair') {
    const key = codedToken(firstName(plan.name), plan.second, first)
    if (plan.second.type === 'quantity') return numberCondition(key, plan.second, second)
    return anyOf([pairToken(key, codedToken(secondName(plan.name), plan.second, second))])
  }
  const conditions = plan.parts.map((parameter, index) =>
    conditionOf(type, { parameter, modifier: '', values: [values[index] ?? ''] }, codes),
  )
  return sql`(${join(await Promise.all(conditions), ' and ')})`
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
  // Every stored resource has both.
  if (parameter.code === '_id' || parameter.code === '_lastUpdated') return sql`true`
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

function refuse({ parameter, modifier, values }: Criterion): never {
  if (modifier === '')
    throw problem('invalid', `"${parameter.code}" cannot be searched by "${(values[0] ?? '').slice(0, 40)}"`, {
      expression: parameter.code,
    })
  throw problem(
    'invalid',
    `"${parameter.code}:${modifier.slice(0, 40)}" is a modifier that Linchpin does not search by`,
    {
      expression: `${parameter.code}:${modifier.slice(0, 40)}`,
    },
  )
}
