import { problem } from '../../base/problem.ts'
import { checkedUrl, discard, outbound } from '../outbound/request.ts'
import type { Store } from '../store/store.ts'
import { type NotificationType, notificationText, type SubscriptionEvent, tellable } from './notification.ts'
import type { Running } from './registry.ts'

/** What sending needs beside the subscription. */
export interface Sending {
  readonly store: Store
  /** Base of the FHIR API as others reach it. */
  readonly base: string
  /** Hosts that a setting names. */
  readonly allowed: readonly string[]
  readonly signal: AbortSignal
}

/** Sends a handshake, a heartbeat or events to the endpoint; resolves once it has taken them. */
export async function sendHook(
  sending: Sending,
  running: Running,
  type: NotificationType,
  events: readonly SubscriptionEvent[],
): Promise<void> {
  const { spec } = running
  if (spec.topic === undefined) return sendPlain(sending, running, type, events)
  const told = await tellable(sending.store, running, events, spec.content)
  const nowMs = sending.store.clock.now().epochMilliseconds
  await post(sending, running, 'POST', spec.endpoint, notificationText(sending.base, running, type, told, nowMs))
}

/**
 * R4's own rest-hook: without a payload a POST with nothing in it, with one the resource as an update below the endpoint
 * (FHIR R4, Subscription, Channels). It has no handshakes and no heartbeats.
 */
async function sendPlain(
  sending: Sending,
  running: Running,
  type: NotificationType,
  events: readonly SubscriptionEvent[],
): Promise<void> {
  const { spec } = running
  checkedUrl(spec.endpoint, sending.allowed)
  if (type !== 'event-notification') return
  for (const event of events) {
    if (spec.payload === '') await post(sending, running, 'POST', spec.endpoint, undefined)
    else {
      const [told] = await tellable(sending.store, running, [event], 'full-resource')
      if (told?.body === undefined) continue
      const url = `${spec.endpoint.replace(/\/$/, '')}/${event.type}/${event.id}`
      await post(sending, running, 'PUT', url, told.body)
    }
  }
}

async function post(
  { allowed, signal }: Sending,
  { spec }: Running,
  method: 'POST' | 'PUT',
  url: string,
  body: string | undefined,
): Promise<void> {
  const headers = Object.fromEntries(
    spec.headers.map((header) => [header.slice(0, header.indexOf(':')), header.slice(header.indexOf(':') + 1).trim()]),
  )
  const typed = body === undefined ? headers : { ...headers, 'content-type': 'application/fhir+json' }
  const timeoutMs = spec.timeoutSeconds * 1000
  const answer = await outbound({ url, method, headers: typed, body: body ?? '', timeoutMs, allowed }, signal)
  const status = answer.statusCode ?? 0
  discard(answer)
  if (status < 200 || status > 299) throw problem('unavailable', `The endpoint answered ${status}`)
}
