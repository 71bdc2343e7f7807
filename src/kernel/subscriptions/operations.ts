import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { parametersOf } from '../bulk/parameters.ts'
import { type FhirAnswer, jsonAnswer } from '../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../rest/operation.ts'
import { bindingToken } from './binding.ts'
import { eventChannel } from './matcher.ts'
import { notificationText, readEvents, statusText, tellable } from './notification.ts'
import { findRunning, type Running, runningColumns, runningOf, tellState } from './registry.ts'
import { payloadContents } from './spec.ts'

const definition = (name: string): string =>
  `http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-${name}`
const own = (name: string): string => `https://linchpin.example/fhir/OperationDefinition/Subscription-${name}`

/** Path, below the FHIR base, at which websockets are bound. */
export const websocketPath = '_websocket'

const mostListed = 1000

/** What can be asked of subscriptions (R4 topic backport 1.1), and what an operator does with what could not be sent. */
export const subscriptionOperations: readonly FhirOperation[] = [
  {
    name: 'status',
    definition: definition('status'),
    levels: ['type', 'instance'],
    types: ['Subscription'],
    affectsState: false,
    run: status,
  },
  {
    name: 'events',
    definition: definition('events'),
    levels: ['instance'],
    types: ['Subscription'],
    affectsState: false,
    run: events,
  },
  {
    name: 'get-ws-binding-token',
    definition: definition('get-ws-binding-token'),
    levels: ['type', 'instance'],
    types: ['Subscription'],
    affectsState: false,
    run: token,
  },
  {
    name: 'dead-letters',
    definition: own('dead-letters'),
    levels: ['type', 'instance'],
    types: ['Subscription'],
    affectsState: false,
    run: deadLetters,
  },
  {
    name: 'resend',
    definition: own('resend'),
    levels: ['instance'],
    types: ['Subscription'],
    affectsState: true,
    run: resend,
  },
]

/** A subscription that this actor may ask about. */
async function mine(ctx: Context, id: string | undefined): Promise<Running> {
  const running = id === undefined ? undefined : await findRunning(ctx.store.database, id)
  if (running === undefined || ctx.actor.kind !== 'system')
    throw problem('not-found', 'There is no such subscription, or it has only just been made')
  return running
}

const searchset = (base: string, type: string, resources: readonly string[]): FhirAnswer =>
  jsonAnswer(
    200,
    `{"resourceType":"Bundle","type":"searchset","total":${resources.length},"link":[{"relation":"self","url":"${base}/Subscription/${type}"}]${
      resources.length === 0
        ? ''
        : `,"entry":[${resources.map((each) => `{"resource":${each},"search":{"mode":"match"}}`).join(',')}]`
    }}`,
  )

async function status(ctx: Context, { level, id, method, request }: Invocation): Promise<FhirAnswer> {
  if (level === 'instance') {
    const running = await mine(ctx, id)
    return searchset(request.base, `${running.id}/$status`, [statusText(request.base, running, 'query-status')])
  }
  const given = parametersOf(request, method)
  const ids = given.filter(([name]) => name === 'id').flatMap(([, value]) => value.split(','))
  const states = given.filter(([name]) => name === 'status').flatMap(([, value]) => value.split(','))
  refuseOthers(given, ['id', 'status'])
  const all = await list(ctx)
  const found = all.filter(
    (each) => (ids.length === 0 || ids.includes(each.id)) && (states.length === 0 || states.includes(each.status)),
  )
  return searchset(
    request.base,
    '$status',
    found.map((each) => statusText(request.base, each, 'query-status')),
  )
}

function refuseOthers(given: readonly (readonly [string, string])[], known: readonly string[]): void {
  for (const [name] of given)
    if (!known.includes(name))
      throw problem('invalid', `"${name.slice(0, 100)}" is no parameter here`, { expression: name.slice(0, 100) })
}

async function list(ctx: Context): Promise<Running[]> {
  if (ctx.actor.kind !== 'system') throw problem('forbidden', 'Only systems have subscriptions')
  const rows = await ctx.store.database.read(
    sql`select ${runningColumns} from subscription order by id limit ${mostListed}::int4`,
  )
  return rows.map(runningOf)
}

/** Events again, as they were numbered: for a subscriber that missed some. */
async function events(ctx: Context, { id, method, request }: Invocation): Promise<FhirAnswer> {
  const running = await mine(ctx, id)
  const given = parametersOf(request, method)
  refuseOthers(given, ['eventsSinceNumber', 'eventsUntilNumber', 'content', '_count'])
  const value = (name: string): string | undefined => given.find(([key]) => key === name)?.[1]
  const number = (name: string, standard: bigint): bigint => {
    const text = value(name)
    if (text === undefined) return standard
    if (!/^\d{1,18}$/.test(text)) throw problem('invalid', `${name} is the number of an event`, { expression: name })
    return BigInt(text)
  }
  const asked = value('content') ?? running.spec.content
  const content = payloadContents.find((each) => each === asked)
  if (content === undefined)
    throw problem('invalid', `content is one of ${payloadContents.join(', ')}`, { expression: 'content' })
  // More than was agreed is not told afterwards either.
  const most = payloadContents.indexOf(running.spec.content)
  const used = payloadContents[Math.min(payloadContents.indexOf(content), most)] ?? 'empty'
  const first = number('eventsSinceNumber', 1n)
  const range = {
    after: first > 0n ? first - 1n : 0n,
    through: number('eventsUntilNumber', running.number),
    limit: mostListed,
  }
  const told = await tellable(
    ctx.store,
    { ...running, actor: ctx.actor },
    await readEvents(ctx.store, running.id, range),
    used,
  )
  const nowMs = ctx.clock.now().epochMilliseconds
  return jsonAnswer(200, notificationText(request.base, running, 'query-event', told, nowMs))
}

async function token(ctx: Context, { id, method, request }: Invocation): Promise<FhirAnswer> {
  const given = parametersOf(request, method)
  refuseOthers(given, ['ids'])
  const ids = id === undefined ? given.flatMap(([, value]) => value.split(',')) : [id]
  if (ids.length === 0) throw problem('invalid', 'Name the subscriptions in "ids"', { expression: 'ids' })
  for (const each of ids) {
    const running = await mine(ctx, each)
    if (running.actor.id !== ctx.actor.id) throw problem('not-found', 'There is no such subscription')
    if (running.spec.channel !== 'websocket') throw problem('rule', 'This subscription does not speak by websocket')
  }
  const made = bindingToken(ctx.actor, ids, ctx.clock.now().epochMilliseconds, await ctx.store.cursorSecret())
  return jsonAnswer(
    200,
    JSON.stringify({
      resourceType: 'Parameters',
      parameter: [
        { name: 'token', valueString: made.token },
        {
          name: 'expiration',
          valueDateTime: Temporal.Instant.fromEpochMilliseconds(made.untilMs).toString({ smallestUnit: 'second' }),
        },
        ...ids.map((each) => ({ name: 'subscription', valueString: each })),
        { name: 'websocket-url', valueUrl: `${request.base.replace(/^http/, 'ws')}/${websocketPath}` },
      ],
    }),
  )
}

/** What could not be sent, by subscription: why, and which events wait. Ids only; the reads are audited where they are sent. */
async function deadLetters(ctx: Context, { level, id, request }: Invocation): Promise<FhirAnswer> {
  const all = level === 'instance' ? [await mine(ctx, id)] : await list(ctx)
  const parameters: string[] = []
  for (const running of all) {
    const rows = await ctx.store.database.read(
      sql`select count(*)::int4 as n, min(number) as first, max(number) as last, min(at)::text as since from subscription_event
          where subscription = ${running.id} and dead is not null`,
    )
    const [row = {}] = rows
    if (row['n'] === 0) continue
    parameters.push(
      JSON.stringify({
        resourceType: 'Parameters',
        parameter: [
          { name: 'subscription', valueReference: { reference: `${request.base}/Subscription/${running.id}` } },
          { name: 'status', valueCode: running.status },
          { name: 'reason', valueString: running.reason || 'not stated' },
          { name: 'events', valueInteger: row['n'] },
          { name: 'first-event-number', valueString: String(row['first']) },
          { name: 'last-event-number', valueString: String(row['last']) },
        ],
      }),
    )
  }
  return searchset(request.base, '$dead-letters', parameters)
}

/** Tries again what was given up: the subscription shakes hands anew and goes on with the first event that was not taken. */
async function resend(ctx: Context, { id, request }: Invocation): Promise<FhirAnswer> {
  const running = await mine(ctx, id)
  if (running.status !== 'error') throw problem('rule', 'Nothing of this subscription was given up')
  const { database } = ctx.store
  await database.read(
    sql`with again as (update subscription set status = 'requested', reason = '', attempts = 0, failing = null, next = null where id = ${running.id} and status = 'error'
          returning id, delivered)
        update subscription_event e set dead = null from again a where e.subscription = a.id and e.number > a.delivered`,
  )
  await tellState(ctx.store, running.id, 'requested', '')
  await database.read(sql`select pg_notify(${eventChannel}, '')`)
  const now = await mine(ctx, running.id)
  return jsonAnswer(200, statusText(request.base, now, 'query-status'))
}
