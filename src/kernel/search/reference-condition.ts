import { type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { refersTo } from './body-condition.ts'
import { type Criterion, splitToken, unescapeValue } from './criterion.ts'
import type { SearchParameterDefinition } from './parameters.ts'
import { compilePath, type Route } from './path.ts'
import { relativeTarget } from './reference.ts'
import { anyIdentifierToken, identifierToken, parameterName, referenceToken, uriToken } from './token.ts'
import { anyOf } from './token-condition.ts'

/** The condition of a reference criterion on a row `r`; undefined for a modifier that is answered elsewhere or not at all. */
export function referenceCondition(type: string, { modifier, values, parameter }: Criterion): Sql | undefined {
  const name = parameterName(type, parameter.code)
  if (modifier === 'identifier')
    return anyOf(
      values.map((value) => {
        const { system, code } = splitToken(value)
        return system === undefined ? anyIdentifierToken(name, code) : identifierToken(name, system, code)
      }),
    )
  if (modifier !== '' && typeNumber(modifier) === undefined) return undefined
  const types = modifier === '' ? (parameter.target ?? []) : [modifier]
  return anyOf(values.flatMap((value) => referenceTokens(name, unescapeValue(value), types)))
}

/**
 * Holds for a row `r` that refers by a parameter to one of some resources. The index goes by hashes; what leads to a
 * person is read in the resource itself as well.
 */
export function refersToAny(type: string, parameter: SearchParameterDefinition, names: readonly string[]): Sql {
  const token = parameterName(type, parameter.code)
  if (names.length === 0) return sql`false`
  const routes = literalRoutes(type, parameter)
  return sql`(${anyOf(names.map((name) => referenceToken(token, name)))} and ${refersTo(routes, names)})`
}

const literalRoutes = (type: string, parameter: SearchParameterDefinition): readonly Route[] =>
  compilePath(parameter.expression ?? '', type).filter((route) => route.type === 'Reference')

function referenceTokens(name: string, value: string, types: readonly string[]): bigint[] {
  const relative = relativeTarget(value)
  // With a version only what refers to that version is meant, else what refers to any (R4 search, reference).
  if (relative !== undefined) return [referenceToken(name, value)]
  if (value.includes(':') || value.includes('/') || value.includes('|'))
    return [referenceToken(name, value), uriToken(name, value)]
  return types.map((type) => referenceToken(name, `${type}/${value}`))
}
