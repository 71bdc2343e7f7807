import type { MessageHeader } from 'fhir/r4.js'
import { Problem, problem } from '../../../base/problem.ts'
import type { Context } from '../../access/context.ts'
import { submissionOf } from '../../access/submission.ts'
import { typeNumber } from '../../fhir/resource-types.ts'
import { type FhirAnswer, jsonAnswer } from '../../rest/exchange.ts'
import { interact } from '../../rest/interact.ts'
import type { FhirOperation, Invocation } from '../../rest/operation.ts'
import { givenParameters } from '../../rest/parameters.ts'
import { transaction } from '../../rest/transaction.ts'
import { draftOf } from '../../store/draft.ts'
import { readShared } from '../../store/reader.ts'
import { mergeOperation } from '../merge.ts'
import { type Handled, type Message, messageOf, rememberedId, responseText } from './envelope.ts'
import { events, type MessageEvent } from './events.ts'

const headerType = typeNumber('MessageHeader') ?? 0

/**
 * `$process-message`: carries out a message once, however often it is sent, and answers with a message. Its header is stored
 * with what it brought, under an id made of its own: who finds it there knows that the message was carried out.
 */
export const processMessage: FhirOperation = {
  name: 'process-message',
  definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message',
  levels: ['system'],
  affectsState: true,
  run: answer,
}

async function answer(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  const declared = {
    content: { type: 'Resource', required: true },
    async: { type: 'boolean' },
    'response-url': { type: 'uri' },
  } as const
  const given = givenParameters(invocation, declared, { bare: 'content' })
  if (given.async === true || given['response-url'] !== undefined)
    throw problem('rule', 'Messages are answered at once: "async" and "response-url" are not used', {
      expression: 'async',
    })
  const message = messageOf(given.content)
  const handled = (await doneBefore(ctx, message)) ?? (await handle(ctx, invocation, message))
  return jsonAnswer(200, responseText(invocation.request.base, message, handled))
}

async function doneBefore(ctx: Context, message: Message): Promise<Handled | undefined> {
  const found = await readShared(ctx.store.database, headerType, rememberedId(message))
  if (found === undefined) return undefined
  return { code: 'ok', time: Temporal.Instant.fromEpochMilliseconds(found.updatedMs).toString(), issues: [] }
}

async function handle(ctx: Context, invocation: Invocation, message: Message): Promise<Handled> {
  const time = ctx.clock.now().toString({ smallestUnit: 'millisecond' })
  try {
    const event = events.find((each) => each.code === message.event)
    if (event === undefined)
      throw problem('rule', `The event ${message.event.slice(0, 100)} is not carried out here`, {
        expression: 'MessageHeader.event',
      })
    const focus = focusOf(message, event)
    if (event.does === 'link') await link(ctx, invocation, message, focus)
    else await store(ctx, invocation, message)
  } catch (error) {
    if (!(error instanceof Problem) || error.kind === 'fault') throw error
    const done = error.status === 412 ? await doneBefore(ctx, message) : undefined
    if (done !== undefined) return done
    const passes = error.kind === 'unavailable' || error.kind === 'too-many'
    return { code: passes ? 'transient-error' : 'fatal-error', time, issues: error.issues }
  }
  return (await doneBefore(ctx, message)) ?? { code: 'ok', time, issues: [] }
}

/** References in focus, of the types that the event is about; each that is in the message must say what the event says. */
function focusOf({ header, carried }: Message, event: MessageEvent): readonly string[] {
  const focus = (header.focus ?? []).flatMap(({ reference }) => (reference === undefined ? [] : [reference]))
  if (focus.length === 0)
    throw problem('invalid', 'A message of this event has a focus', { expression: 'MessageHeader.focus' })
  for (const reference of focus) {
    const found = carried.find((each) => isNamed(each, reference))?.resource
    const type = found === undefined ? reference.split('/').at(-2) : String(found['resourceType'])
    if (type === undefined || !event.focus.includes(type))
      throw problem('rule', `The focus of ${event.code} is of type ${event.focus.join(', ')}`, {
        expression: 'MessageHeader.focus',
      })
    if (found === undefined && event.does === 'store')
      throw problem('invalid', `The message does not hold its focus ${reference.slice(0, 80)}`, {
        expression: 'MessageHeader.focus',
      })
    if (found !== undefined) event.check?.(found)
  }
  return focus
}

const isNamed = ({ fullUrl, resource }: Message['carried'][number], reference: string): boolean =>
  fullUrl === reference ||
  fullUrl.endsWith(`/${reference}`) ||
  `${String(resource['resourceType'])}/${String(resource['id'])}` === reference

/** All that the message holds, and its header, in one transaction. */
async function store(ctx: Context, { request }: Invocation, message: Message): Promise<void> {
  const entries = message.carried.map(({ index, fullUrl, text, resource }) => {
    const type = String(resource['resourceType'])
    const id = resource['id']
    const named = typeof id === 'string'
    const method = named ? ('PUT' as const) : ('POST' as const)
    return { index, fullUrl, method, url: named ? `${type}/${id}` : type, resource: text }
  })
  const remembered = {
    index: 0,
    fullUrl: '',
    method: 'PUT' as const,
    url: `MessageHeader/${rememberedId(message)}`,
    resource: headerText(message),
    ifNoneMatch: '*',
  }
  await transaction(ctx, { base: request.base, query: '', body: '' }, [...entries, remembered], interact)
}

/** The header as it is remembered: under the id made of its own, which stays in an identifier-like extension. */
function headerText(message: Message): string {
  const { id: _id, meta: _meta, ...header } = message.header
  const original = {
    url: 'https://linchpin.example/fhir/StructureDefinition/message-id',
    valueString: message.header.id ?? '',
  }
  const kept = { ...header, id: rememberedId(message), extension: [...(header.extension ?? []), original] }
  return JSON.stringify(kept satisfies MessageHeader)
}

async function link(ctx: Context, invocation: Invocation, message: Message, focus: readonly string[]): Promise<void> {
  const [source, target] = focus
  if (source === undefined || target === undefined || focus.length !== 2)
    throw problem('invalid', 'A patient-link has two Patients in focus', { expression: 'MessageHeader.focus' })
  const parameter = [
    { name: 'source-patient', valueReference: { reference: source } },
    { name: 'target-patient', valueReference: { reference: target } },
  ]
  const body = JSON.stringify({ resourceType: 'Parameters', parameter })
  await mergeOperation.run(ctx, { ...invocation, request: { base: invocation.request.base, query: '', body } })
  const id = rememberedId(message)
  const draft = draftOf(headerText(message), 'The MessageHeader')
  // Remembered after the merge: a message that comes again in between is told that the two are one person already.
  await ctx.store.writer.write({
    action: 'update',
    type: draft.type,
    rtype: draft.rtype,
    id,
    draft,
    newId: false,
    submission: submissionOf(ctx),
  })
}
