import { problem } from '../../base/problem.ts'

/** The formats a resource is served and taken in. */
export type Format = 'json' | 'xml'

/** Every name of a format (FHIR R4 http, content types): media types, and the short ones that `_format` knows. */
export const formatByName: Readonly<Record<string, Format>> = {
  json: 'json',
  'application/fhir+json': 'json',
  'application/json': 'json',
  'text/json': 'json',
  xml: 'xml',
  'application/fhir+xml': 'xml',
  'application/xml': 'xml',
  'text/xml': 'xml',
}

/** Names that leave the choice to us; a browser asks for a page and gets JSON. */
const any: ReadonlySet<string> = new Set(['', '*/*', 'application/*', 'text/*', 'text/html', 'html'])

/** How an answer is to be written. */
export interface Wanted {
  readonly format: Format
  readonly pretty: boolean
}

/** Reads `_format`, `_pretty` and `Accept`; undefined when the caller takes nothing that we write. */
export function wantedFormat(query: string, accept: string | undefined): Wanted | undefined {
  const parameters = new URLSearchParams(query)
  const pretty = parameters.get('_pretty') === 'true'
  const asked = parameters.get('_format')
  // A plus sign in a query is a space to a form decoder, and everybody writes application/fhir+json there.
  const named = asked === null || asked === '' ? rankedTypes(accept) : [mediaType(asked.replaceAll(' ', '+'))]
  for (const name of named) {
    if (any.has(name)) return { format: 'json', pretty }
    const format = Object.hasOwn(formatByName, name) ? formatByName[name] : undefined
    if (format !== undefined) return { format, pretty }
  }
  return undefined
}

/** A media type without its parameters, in lower case. */
export const mediaType = (value: string | undefined): string => (value ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

const mostNamed = 50

/** Media types of an `Accept` header, most wanted first (RFC 9110 section 12.5.1); those with q=0 are not wanted. */
export function rankedTypes(accept: string | undefined): readonly string[] {
  const ranked = (accept ?? '').split(',', mostNamed).map((each) => ({
    name: mediaType(each),
    weight: Number(/;\s*q\s*=\s*([01](?:\.\d{0,3})?)/i.exec(each)?.[1] ?? 1),
  }))
  return ranked
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ name }) => name)
}

/** Refuses what we cannot write before anything is done. */
export const notAcceptable = (): Error =>
  problem('invalid', `Linchpin writes ${[...new Set(Object.values(formatByName))].join(' and ')}`, {
    status: 406,
    expression: 'http.accept',
  })
