import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { int8Array } from '../store/wire.ts'
import type { Coding } from '../terminology/terminology.ts'
import { bodyHas } from './body-condition.ts'
import type { CodeSource } from './code-source.ts'
import { type Criterion, splitAt, splitToken, unescapeValue } from './criterion.ts'
import type { SearchParameterDefinition } from './parameters.ts'
import { compilePath, type Route } from './path.ts'
import { alternatives } from './side-condition.ts'
import { anySystemToken, codeToken, noSystemToken, parameterName, systemToken, typedToken } from './token.ts'

/** Holds for a row `r` that has one of some tokens. */
export const anyOf = (hashes: readonly bigint[]): Sql =>
  hashes.length === 0 ? sql`false` : sql`r.toks && ${int8Array(hashes)}::int8[]`

/** The condition of a token criterion on a row `r`; undefined for a modifier that is answered elsewhere or not at all. */
export async function tokenCondition(type: string, criterion: Criterion, codes: CodeSource): Promise<Sql | undefined> {
  const { parameter, modifier, values } = criterion
  const name = parameterName(type, parameter.code)
  switch (modifier) {
    case '':
      return valuesCondition(type, criterion, codes)
    case 'not':
      return sql`not ${await valuesCondition(type, criterion, codes)}`
    case 'in':
    case 'not-in': {
      const found = await Promise.all(values.map((valueSet) => codes.codesIn(valueSet)))
      const condition = await codingsCondition(type, parameter, found.flat(), codes)
      return modifier === 'in' ? condition : sql`not ${condition}`
    }
    case 'below':
    case 'above': {
      const whole = values.map((value) => wholeCoding(parameter, modifier, value))
      const found = await Promise.all(
        whole.map((each) => (modifier === 'below' ? codes.codesBelow(each) : codes.codesAbove(each))),
      )
      return codingsCondition(type, parameter, found.flat(), codes)
    }
    case 'of-type':
      return anyOf(values.map((value) => ofType(name, parameter.code, value)))
    default:
      return undefined
  }
}

/** The token of a value that names a code, with or without its system. */
export function codedToken(name: string, parameter: SearchParameterDefinition, value: string): bigint {
  const { system, code } = splitToken(value)
  if (system === undefined) return anySystemToken(name, code)
  if (system === '') return noSystemToken(name, code)
  if (code !== '') return codeToken(name, system, code)
  if (parameter.code === 'identifier') return systemToken(name, system)
  throw problem('invalid', `"${parameter.code}" needs a code after the system here`, { expression: parameter.code })
}

/** Most codes that one value set, or one code with all below it, may bring into a search. */
export const mostCodes = 20_000

async function valuesCondition(type: string, criterion: Criterion, codes: CodeSource): Promise<Sql> {
  const { parameter, values } = criterion
  const name = parameterName(type, parameter.code)
  const routes = compilePath(parameter.expression ?? '', type)
  const split = values.map((value) => ({ value, ...splitToken(value) }))
  const systemsOnly = split.flatMap(({ system, code }) =>
    system !== undefined && system !== '' && code === '' && parameter.code !== 'identifier' ? [system] : [],
  )
  const whole = split.filter(({ system, code }) => code !== '' || parameter.code === 'identifier' || system === '')
  if (isPlainCode(routes)) return plainCodes(name, routes, split, codes)
  const conditions: Sql[] = []
  if (whole.length > 0) {
    const found = anyOf(whole.map(({ value }) => codedToken(name, parameter, value)))
    conditions.push(parameter.code === 'identifier' ? sql`(${found} and ${bears(routes, whole)})` : found)
  }
  if (systemsOnly.length > 0) conditions.push(bodyHas(coded(routes), '@.system == $system[*]', { system: systemsOnly }))
  return alternatives(conditions)
}

interface Asked {
  readonly system: string | undefined
  readonly code: string
}

/** The index goes by hashes; an identifier may decide about a person, so it is read in the resource itself as well. */
function bears(routes: readonly Route[], asked: readonly Asked[]): Sql {
  const tests = asked.map(({ system, code }, at) => {
    const value = code === '' ? '' : `@.value == $asked[${at}].code`
    const of = system === undefined ? '' : system === '' ? '!(exists(@.system))' : `@.system == $asked[${at}].system`
    return `(${[of, value].filter((each) => each !== '').join(' && ')})`
  })
  return bodyHas(coded(routes), tests.join(' || '), { asked })
}

/** An element may be a code within a concept. */
const coded = (routes: readonly Route[]): readonly Route[] =>
  routes.map((route) =>
    route.type === 'CodeableConcept' ? { type: 'Coding', steps: [...route.steps, { key: 'coding' }] } : route,
  )

const isPlainCode = (routes: readonly Route[]): boolean =>
  routes.length > 0 && routes.every((route) => route.type === 'code')

/** A plain code is sent without a system: the value set it is bound to says which it has. */
async function plainCodes(
  name: string,
  routes: readonly Route[],
  asked: readonly Asked[],
  codes: CodeSource,
): Promise<Sql> {
  const bound = asked.some(({ system }) => system !== undefined && system !== '') ? await boundCodes(routes, codes) : []
  return anyOf(
    asked.flatMap(({ system, code }) => {
      if (system === undefined) return [anySystemToken(name, code)]
      return bound
        .filter((each) => each.system === system && (code === '' || each.code === code))
        .map((each) => anySystemToken(name, each.code))
    }),
  )
}

async function boundCodes(routes: readonly Route[], codes: CodeSource): Promise<readonly Coding[]> {
  const sets = [...new Set(routes.flatMap(({ valueSet }) => valueSet ?? []))]
  return (await Promise.all(sets.map((each) => codes.codesIn(each)))).flat()
}

async function codingsCondition(
  type: string,
  parameter: SearchParameterDefinition,
  codings: readonly Coding[],
  codes: CodeSource,
): Promise<Sql> {
  if (codings.length > mostCodes)
    throw problem('invalid', `More than ${mostCodes} codes are meant by "${parameter.code}"`, {
      expression: parameter.code,
    })
  const name = parameterName(type, parameter.code)
  const routes = compilePath(parameter.expression ?? '', type)
  if (!isPlainCode(routes)) return anyOf(codings.map(({ system, code }) => codeToken(name, system, code)))
  return plainCodes(name, routes, codings, codes)
}

function wholeCoding({ code: name }: SearchParameterDefinition, modifier: string, value: string): Coding {
  const { system, code } = splitToken(value)
  if (system === undefined || system === '' || code === '')
    throw problem('invalid', `"${name}:${modifier}" needs system|code`, { expression: `${name}:${modifier}` })
  return { system, code }
}

/** `system|code|value` (R4 search, :of-type); every part is needed. */
function ofType(name: string, code: string, value: string): bigint {
  const [system, kind, id, ...more] = splitAt(value, '|').map(unescapeValue)
  if (system === undefined || kind === undefined || id === undefined || kind === '' || id === '' || more.length > 0)
    throw problem('invalid', `"${code}:of-type" is written system|code|value`, { expression: `${code}:of-type` })
  return typedToken(name, system, kind, id)
}
