import { elements, members, parseJson } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type BundleMethod = (typeof methods)[number]

/** One entry of a transaction or batch, cut from the Bundle's text. */
export interface BundleEntry {
  readonly index: number
  readonly fullUrl: string
  readonly method: BundleMethod
  readonly url: string
  /** Text of the resource exactly as sent; empty when the entry has none. */
  readonly resource: string
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
  readonly ifModifiedSince?: string
  readonly ifNoneExist?: string
}

export interface BundleParts {
  readonly type: string
  readonly entries: readonly BundleEntry[]
}

/** Most entries of a transaction or batch; stated in the CapabilityStatement. */
export const mostEntries = 20_000
const writing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

const stringOf = (text: string): string => {
  const value = parseJson(text, 'The Bundle')
  return typeof value === 'string' ? value : ''
}

/** Cuts a Bundle into its entries without touching the texts of the resources. */
export function bundleParts(text: string): BundleParts {
  const parts = new Map(members(text).map((part) => [part.key, text.slice(part.start, part.end)]))
  if (stringOf(parts.get('resourceType') ?? '""') !== 'Bundle')
    throw problem('invalid', 'The body must be a Bundle', { expression: 'resourceType' })
  const type = stringOf(parts.get('type') ?? '""')
  const list = parts.get('entry') ?? '[]'
  const entries = elements(list, 0)
  if (entries.length > mostEntries)
    throw problem('invalid', `A Bundle has at most ${mostEntries} entries`, { status: 413, expression: 'Bundle.entry' })
  checkEnvelope(text, parts)
  return { type, entries: entries.map((span, index) => entryOf(list.slice(span.start, span.end), index)) }
}

/** Everything but the entries must be JSON as well: a text that is cut in pieces is only as whole as its rest. */
function checkEnvelope(text: string, parts: ReadonlyMap<string, string>): void {
  const list = parts.get('entry')
  parseJson(list === undefined ? text : text.replace(list, () => '[]'), 'The Bundle')
}

function entryOf(text: string, index: number): BundleEntry {
  const place = `Bundle.entry[${index}]`
  const parts = new Map(members(text).map((part) => [part.key, text.slice(part.start, part.end)]))
  const resource = parts.get('resource') ?? ''
  parseJson(resource === '' ? text : text.replace(resource, () => 'null'), place)
  const request = new Map(
    members(parts.get('request') ?? '{}').map((part) => [
      part.key,
      stringOf((parts.get('request') ?? '').slice(part.start, part.end)),
    ]),
  )
  const method = methods.find((each) => each === request.get('method'))
  if (method === undefined)
    throw problem('invalid', `${place} needs a request with a method of ${methods.join(', ')}`, {
      expression: `${place}.request.method`,
    })
  const url = request.get('url') ?? ''
  if (url === '') throw problem('invalid', `${place} needs a request url`, { expression: `${place}.request.url` })
  if (resource === '' && writing.has(method) && !url.includes('$') && !url.includes('_search'))
    throw problem('invalid', `${place} has nothing to write`, { expression: `${place}.resource` })
  return {
    index,
    fullUrl: stringOf(parts.get('fullUrl') ?? '""'),
    method,
    url,
    resource,
    ...optional('ifMatch', request.get('ifMatch')),
    ...optional('ifNoneMatch', request.get('ifNoneMatch')),
    ...optional('ifModifiedSince', request.get('ifModifiedSince')),
    ...optional('ifNoneExist', request.get('ifNoneExist')),
  }
}

const optional = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, string>)
