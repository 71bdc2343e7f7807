import type { Sql } from '../../base/sql.ts'
import { bodyHas } from './body-condition.ts'
import { type Criterion, unescapeValue } from './criterion.ts'
import { compilePath } from './path.ts'
import { alternatives } from './side-condition.ts'
import { parameterName, uriToken } from './token.ts'
import { anyOf } from './token-condition.ts'

/** The condition of a URI criterion on a row `r`; undefined for a modifier that URIs do not have. */
export function uriCondition(type: string, { parameter, modifier, values }: Criterion): Sql | undefined {
  const name = parameterName(type, parameter.code)
  const uris = values.map(unescapeValue)
  if (modifier === '') return anyOf(uris.map((uri) => uriToken(name, uri)))
  if (modifier === 'above') return anyOf(uris.flatMap((uri) => pathsAbove(uri).map((each) => uriToken(name, each))))
  if (modifier !== 'below') return undefined
  const routes = compilePath(parameter.expression ?? '', type)
  return alternatives(
    uris.map((uri) =>
      bodyHas(routes, '@ == $uri || @ starts with $under', { uri, under: `${uri.replace(/\/$/, '')}/` }),
    ),
  )
}

/** A URL and those it lies below, by whole parts of its path (R4 search, :above). A URN lies below nothing. */
function pathsAbove(uri: string): readonly string[] {
  const [, host = uri, path = ''] = /^([a-z]+:\/\/[^/]+)(\/.*)?$/i.exec(uri) ?? []
  const parts = path
    .split('/')
    .filter((each) => each !== '')
    .slice(0, mostParts)
  const bare = parts.map((_, at) => `${host}/${parts.slice(0, at + 1).join('/')}`)
  return [...new Set([uri, host, `${host}/`, ...bare, ...bare.map((each) => `${each}/`)])]
}

const mostParts = 50
