import { isObject } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { parseSearch } from '../search/query.ts'
import type { Topic } from './topics.ts'

export const payloadContents = ['empty', 'id-only', 'full-resource'] as const
export type PayloadContent = (typeof payloadContents)[number]

/** What a Subscription asks for, decoded. Plain, so that it can be kept. */
export interface SubscriptionSpec {
  /** Canonical URL of the topic; absent for R4's own criteria. */
  readonly topic?: string
  /** With a topic: what the focus must match. Without: the one search of the criteria. */
  readonly filters: readonly { readonly type: string; readonly query: string }[]
  readonly channel: 'rest-hook' | 'websocket'
  readonly endpoint: string
  readonly headers: readonly string[]
  /** With a topic: how much is told. */
  readonly content: PayloadContent
  /** R4's own: MIME type of the resource that is sent; empty when nothing is. */
  readonly payload: string
  readonly heartbeatSeconds: number
  readonly timeoutSeconds: number
  readonly mostEvents: number
  /** RFC 3339 instant after which it is over. */
  readonly end?: string
}

const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-'
const mostFilters = 50
const mostHeaders = 20

type Json = Readonly<Record<string, unknown>>

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Values of our extensions on an element, by the last part of their URL. */
function extensionsOf(element: unknown, name: string): readonly Json[] {
  const all: unknown = isObject(element) ? element['extension'] : undefined
  return Array.isArray(all)
    ? all.filter((each): each is Json => isObject(each) && each['url'] === `${backport}${name}`)
    : []
}

function numberOf(channel: Json, name: string, standard: number, least: number, most: number): number {
  const [found] = extensionsOf(channel, name)
  if (found === undefined) return standard
  const value = found['valueUnsignedInt'] ?? found['valuePositiveInt']
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw problem('invalid', `${name} is a whole number from ${least} to ${most}`, {
    expression: 'Subscription.channel.extension',
  })
}

/** Decodes a Subscription (R4, and the R4 topic backport 1.1), or says what cannot be done. */
export function specOf(resource: Json, topics: ReadonlyMap<string, Topic>): SubscriptionSpec {
  const channel = isObject(resource['channel']) ? resource['channel'] : {}
  const kind = textOf(channel['type'])
  if (kind !== 'rest-hook' && kind !== 'websocket')
    throw problem('rule', 'Notifications go by rest-hook or websocket', { expression: 'Subscription.channel.type' })
  const endpoint = textOf(channel['endpoint'])
  if (kind === 'rest-hook' && !/^https?:\/\//.test(endpoint))
    throw problem('rule', 'A rest-hook needs an endpoint that begins with https://', {
      expression: 'Subscription.channel.endpoint',
    })
  const end = textOf(resource['end'])
  return {
    ...wantedOf(resource, channel, topics),
    channel: kind,
    endpoint,
    headers: headersOf(channel),
    heartbeatSeconds: numberOf(channel, 'heartbeat-period', 0, 1, 86_400),
    timeoutSeconds: numberOf(channel, 'timeout', 30, 1, 120),
    mostEvents: numberOf(channel, 'max-count', 20, 1, 1000),
    ...(end === '' ? {} : { end }),
  }
}

function wantedOf(
  resource: Json,
  channel: Json,
  topics: ReadonlyMap<string, Topic>,
): Pick<SubscriptionSpec, 'topic' | 'filters' | 'content' | 'payload'> {
  const criteria = textOf(resource['criteria'])
  const payload = textOf(channel['payload'])
  const place = { expression: 'Subscription.criteria' }
  if (topics.has(criteria)) {
    const filters = extensionsOf(resource['_criteria'], 'filter-criteria').map((each) =>
      searchOf(textOf(each['valueString'])),
    )
    if (filters.length > mostFilters) throw problem('rule', `At most ${mostFilters} filters are taken`, place)
    const [content] = extensionsOf(channel['_payload'], 'payload-content')
    const wanted = content === undefined ? 'id-only' : textOf(content['valueCode'])
    const known = payloadContents.find((each) => each === wanted)
    if (known === undefined)
      throw problem('rule', `payload-content is one of ${payloadContents.join(', ')}`, {
        expression: 'Subscription.channel.payload',
      })
    mustBeJson(payload)
    return { topic: criteria, filters, content: known, payload }
  }
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(criteria))
    throw problem('rule', `There is no topic ${criteria.slice(0, 200)}`, place)
  mustBeJson(payload)
  return { filters: [searchOf(criteria)], content: 'empty', payload }
}

function mustBeJson(payload: string): void {
  if (payload !== '' && !/^(application\/(fhir\+)?json)(;|$)/.test(payload))
    throw problem('rule', 'Payloads are application/fhir+json', { expression: 'Subscription.channel.payload' })
}

/** `Type?search`, or a type alone for every resource of it. */
function searchOf(criteria: string): { readonly type: string; readonly query: string } {
  const [type = '', query = ''] = criteria.split(/\?(.*)/s)
  const place = { expression: 'Subscription.criteria' }
  if (typeNumber(type) === undefined)
    throw problem('rule', 'Criteria are a search such as Observation?code=1, or a topic', place)
  const search = parseSearch(type, query)
  if (search.includes.length > 0 || search.sort.length > 0 || search.cursor !== undefined)
    throw problem('rule', 'Criteria hold no includes, sorting or pages', place)
  return { type, query }
}

function headersOf(channel: Json): readonly string[] {
  const all: unknown = channel['header'] ?? []
  const headers = Array.isArray(all) ? all.map(textOf) : []
  if (headers.length > mostHeaders) throw problem('rule', `At most ${mostHeaders} headers are sent`)
  for (const header of headers)
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+:[\t\x20-\x7e]*$/.test(header) || reserved.test(header))
      throw problem('rule', 'A header is written "Name: value", and is not one that says how the request is sent', {
        expression: 'Subscription.channel.header',
      })
  return headers
}

const reserved = /^(host|content-length|content-type|transfer-encoding|connection|upgrade|te|trailer|expect)\s*:/i
