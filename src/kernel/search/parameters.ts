import { type CompiledSearchParameter, definitions } from '../fhir/definitions.ts'
import { compilePath, type Route } from './path.ts'

/** A search parameter of the R4 base specification. */
export type SearchParameterDefinition = CompiledSearchParameter

/** A search parameter as one resource type has it, with the ways to its values. */
export interface TypeParameter {
  readonly definition: SearchParameterDefinition
  readonly routes: readonly Route[]
}

/** The definition behind `GET /Type?code=`; undefined when R4 has no such parameter for the type. */
export const searchParameter = (type: string, code: string): SearchParameterDefinition | undefined =>
  definitionsOf(type).get(code)

/** All parameters of a type, those of every resource included. */
export const searchParametersOf = (type: string): readonly SearchParameterDefinition[] => [
  ...definitionsOf(type).values(),
]

/** Why a parameter has no search columns of its own; undefined when it has. */
export function whyNotIndexed(parameter: SearchParameterDefinition): string | undefined {
  if (parameter.expression === undefined) return 'R4 gives it no expression: it names a query'
  return reasonByCode[parameter.code] ?? reasonByType[parameter.type]
}

/** The parameters of a type that have search columns, compiled. */
export const indexedParametersOf = (type: string): readonly TypeParameter[] =>
  searchParametersOf(type)
    .filter((definition) => whyNotIndexed(definition) === undefined)
    .map((definition) => ({ definition, routes: compilePath(definition.expression ?? '', type) }))

const reasonByType: Readonly<Partial<Record<SearchParameterDefinition['type'], string>>> = {
  composite: 'Answered from its parts',
}

const reasonByCode: Readonly<Record<string, string>> = {
  _id: 'The row has a column of its own',
  _lastUpdated: 'The row has a column of its own',
}

const byType = new Map<string, ReadonlyMap<string, SearchParameterDefinition>>()

function definitionsOf(type: string): ReadonlyMap<string, SearchParameterDefinition> {
  const known = byType.get(type)
  if (known !== undefined) return known
  const { types, searchParameters } = definitions()
  const bases = new Set<string>()
  for (let each: string | undefined = type; each !== undefined; each = types[each]?.base) bases.add(each)
  const made = new Map(
    searchParameters
      .filter((parameter) => parameter.base.some((base) => bases.has(base)))
      .map((parameter) => [parameter.code, parameter]),
  )
  byType.set(type, made)
  return made
}
