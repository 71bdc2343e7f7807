import { isObject } from '../../base/json.ts'
import { sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { parseSearch } from '../search/query.ts'
import { search } from '../search/search.ts'
import type { Database } from '../store/database.ts'
import { builtInTopics, type Topic, type Trigger } from './topics.ts'

const mostTopics = 1000

/**
 * Every topic there is, by URL: ours, and those that users keep as Basic with the elements of an R5 SubscriptionTopic as
 * extensions (FHIR R5, Cross Version Extensions; R4 has no such resource). A topic that cannot be read is left out.
 */
export async function topicsOf(database: Database): Promise<ReadonlyMap<string, Topic>> {
  const query = parseSearch('Basic', `code=SubscriptionTopic&_count=${mostTopics}`)
  const { found } = await search(database.reading, query, sql`true`)
  const own = found.map(({ body }) => topicOf(JSON.parse(body))).filter((each) => each !== undefined)
  return new Map([...own, ...builtInTopics].map((topic) => [topic.url, topic]))
}

const prefix = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.'

type Json = Readonly<Record<string, unknown>>

const extensions = (element: Json, name: string): readonly Json[] => {
  const all: unknown = element['extension']
  return Array.isArray(all) ? all.filter((each): each is Json => isObject(each) && each['url'] === name) : []
}

/** The value of the first extension of a name, whatever its type. */
function value(element: Json, name: string): unknown {
  const [found] = extensions(element, name)
  const key = found === undefined ? undefined : Object.keys(found).find((each) => each.startsWith('value'))
  return found === undefined || key === undefined ? undefined : found[key]
}

const textOf = (given: unknown): string => (typeof given === 'string' ? given : '')

/** The topic that a Basic holds; undefined when it is not active or says nothing that can trigger. */
function topicOf(resource: Json): Topic | undefined {
  const url = textOf(value(resource, `${prefix}url`))
  const triggers = extensions(resource, `${prefix}resourceTrigger`).map(triggerOf)
  const whole = triggers.filter((each) => each !== undefined)
  if (
    url === '' ||
    value(resource, `${prefix}status`) !== 'active' ||
    whole.length === 0 ||
    whole.length < triggers.length
  )
    return undefined
  const title = textOf(value(resource, `${prefix}title`)) || url
  return { url, title, description: textOf(value(resource, `${prefix}description`)), triggers: whole }
}

const interactions = ['create', 'update', 'delete'] as const

function triggerOf(element: Json): Trigger | undefined {
  const type = textOf(value(element, 'resource')).replace('http://hl7.org/fhir/StructureDefinition/', '')
  if (typeNumber(type) === undefined) return undefined
  const named = extensions(element, 'supportedInteraction').map((each) => each['valueCode'])
  const [criteria = {}] = extensions(element, 'queryCriteria')
  const query = (name: string): string | undefined => textOf(value(criteria, name)).replace(`${type}?`, '') || undefined
  const [previous, current] = [query('previous'), query('current')]
  return {
    types: [type],
    changes: named.length === 0 ? interactions : interactions.filter((each) => named.includes(each)),
    ...(previous === undefined ? {} : { previous }),
    ...(current === undefined ? {} : { current }),
    both: value(criteria, 'requireBoth') === true,
    whenCreated: value(criteria, 'resultForCreate') !== 'test-fails',
    whenDeleted: value(criteria, 'resultForDelete') !== 'test-fails',
  }
}
