import { isObject, parseJson } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import type { FhirRequest } from '../rest/exchange.ts'

const mostParameters = 200_000

/**
 * The parameters of an operation as names and texts: of the query, and by POST of a Parameters resource. A reference
 * comes as its text; a parameter without a plain value is refused.
 */
export function parametersOf(request: FhirRequest, method: 'GET' | 'POST'): readonly (readonly [string, string])[] {
  const query = [...new URLSearchParams(request.query)].filter(([name]) => name !== '_format' && name !== '_pretty')
  if (method === 'GET' || request.body === '') return query
  if (!request.body.trimStart().startsWith('{')) return [...query, ...new URLSearchParams(request.body)]
  const body = parseJson(request.body, 'The body')
  if (!isObject(body) || body['resourceType'] !== 'Parameters')
    throw problem('invalid', 'Send a Parameters resource', { expression: 'resourceType' })
  const all: unknown = body['parameter'] ?? []
  if (!Array.isArray(all)) throw problem('invalid', 'parameter is a list', { expression: 'Parameters.parameter' })
  if (all.length > mostParameters) throw problem('invalid', `At most ${mostParameters} parameters are taken`)
  return [...query, ...all.map(plain)]
}

function plain(parameter: unknown, index: number): readonly [string, string] {
  const place = { expression: `Parameters.parameter[${index}]` }
  if (!isObject(parameter) || typeof parameter['name'] !== 'string')
    throw problem('invalid', 'A parameter has a name', place)
  const key = Object.keys(parameter).find((each) => each.startsWith('value'))
  const value = key === undefined ? undefined : parameter[key]
  if (isObject(value) && typeof value['reference'] === 'string') return [parameter['name'], value['reference']]
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return [parameter['name'], String(value)]
  throw problem('invalid', `"${parameter['name'].slice(0, 100)}" has no plain value`, place)
}
