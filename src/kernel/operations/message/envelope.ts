import type { MessageHeader } from 'fhir/r4.js'
import { elements, isObject, members } from '../../../base/json.ts'
import { type Issue, problem } from '../../../base/problem.ts'
import { outcomeText } from '../../rest/exchange.ts'
import type { GivenResource } from '../../rest/parameters.ts'
import { derivedUuid } from '../derived-uuid.ts'
import { eventSystem } from './events.ts'

/** A message taken apart: its header, and what it carries with the text it came as. */
export interface Message {
  readonly header: MessageHeader
  /** Where the sender is: answers name it, and the same id from another sender is another message. */
  readonly sender: string
  readonly event: string
  readonly carried: readonly Carried[]
}

export interface Carried {
  readonly index: number
  readonly fullUrl: string
  readonly text: string
  readonly resource: Readonly<Record<string, unknown>>
}

/** Takes a message Bundle apart (R4 messaging: the first entry is its MessageHeader); throws when it is none. */
export function messageOf({ text, resource }: GivenResource): Message {
  if (resource.resourceType !== 'Bundle' || resource['type'] !== 'message')
    throw problem('invalid', 'A message is a Bundle of type message', { expression: 'Bundle.type' })
  const list: readonly unknown[] = Array.isArray(resource['entry']) ? resource['entry'] : []
  const all = entryTexts(text).map((entry, index): Carried => {
    const each = list[index]
    const inner = isObject(each) ? each['resource'] : undefined
    if (!isObject(inner))
      throw problem('invalid', 'Every entry of a message is a resource', { expression: `Bundle.entry[${index}]` })
    return {
      index,
      text: entry,
      resource: inner,
      fullUrl: isObject(each) && typeof each['fullUrl'] === 'string' ? each['fullUrl'] : '',
    }
  })
  const [first, ...carried] = all
  if (first?.resource['resourceType'] !== 'MessageHeader')
    throw problem('invalid', 'The first entry of a message is its MessageHeader', { expression: 'Bundle.entry[0]' })
  const header = first.resource as unknown as MessageHeader
  if (header.id === undefined)
    throw problem('invalid', 'A MessageHeader has an id, so that a message sent twice is known again', {
      expression: 'Bundle.entry[0].resource.id',
    })
  const coded = header.eventCoding?.system === eventSystem ? header.eventCoding.code : undefined
  return { header, sender: header.source.endpoint, event: coded ?? eventName(header), carried }
}

const eventName = ({ eventUri, eventCoding }: MessageHeader): string =>
  eventUri ?? `${eventCoding?.system ?? ''}|${eventCoding?.code ?? ''}`

function entryTexts(text: string): readonly string[] {
  const list = members(text).find((member) => member.key === 'entry')
  if (list === undefined) return []
  return elements(text, list.start).map((entry) => {
    const resource = members(text, entry.start).find((member) => member.key === 'resource')
    return resource === undefined ? '' : text.slice(resource.start, resource.end)
  })
}

/** The id under which a message that was carried out is remembered: one sender's id is one message. */
export const rememberedId = ({ sender, header }: Pick<Message, 'sender' | 'header'>): string =>
  derivedUuid(`message ${sender} ${header.id ?? ''}`)

/** What became of a message, in the words of MessageHeader.response. */
export interface Handled {
  readonly code: 'ok' | 'fatal-error' | 'transient-error'
  readonly time: string
  readonly issues: readonly Issue[]
}

/** The message that answers one: the same question gets the same answer. */
export function responseText(
  base: string,
  { header, sender }: Pick<Message, 'header' | 'sender'>,
  { code, time, issues }: Handled,
): string {
  const id = derivedUuid(`response ${sender} ${header.id ?? ''} ${code} ${JSON.stringify(issues)}`)
  const outcomeUrl = `urn:uuid:${derivedUuid(`outcome ${id}`)}`
  const response = {
    resourceType: 'MessageHeader',
    id,
    ...(header.eventCoding === undefined ? { eventUri: header.eventUri } : { eventCoding: header.eventCoding }),
    destination: [{ ...(header.source.name === undefined ? {} : { name: header.source.name }), endpoint: sender }],
    source: { name: 'Linchpin', endpoint: base },
    response: {
      identifier: header.id,
      code,
      ...(issues.length === 0 ? {} : { details: { reference: outcomeUrl } }),
    },
  }
  const entry = [
    { fullUrl: `urn:uuid:${id}`, resource: response },
    ...(issues.length === 0 ? [] : [{ fullUrl: outcomeUrl, resource: JSON.parse(outcomeText(issues)) as object }]),
  ]
  return JSON.stringify({
    resourceType: 'Bundle',
    id: derivedUuid(`bundle ${id}`),
    type: 'message',
    timestamp: time,
    entry,
  })
}
