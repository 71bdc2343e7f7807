import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Actor, Purpose } from '../kernel/access/actor.ts'
import type { Context } from '../kernel/access/context.ts'
import type { Store } from '../kernel/store/store.ts'
import type { Metrics } from './metrics.ts'

/** What every route of the server works with. */
export interface Web {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Demo personas and the demo client are there. Never with real people's data. */
  readonly demo: boolean
  readonly metrics: Metrics
}

/** A caller's own request id when it is one, else a new one (national API rule: a UUID, mirrored back). */
export function requestIdOf(header: string | string[] | undefined): string {
  const shape = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/
  return typeof header === 'string' && shape.test(header) ? header : randomUUID()
}

const purposes: Readonly<Record<Actor['kind'], Purpose>> = {
  system: 'HOPERAT',
  staff: 'TREAT',
  person: 'PATRQT',
  carer: 'PATRQT',
}

/** The context of one request by one actor. */
export const contextOf = (web: Web, actor: Actor, requestId: string): Context => ({
  actor,
  purpose: purposes[actor.kind],
  requestId,
  store: web.store,
  clock: web.clock,
  log: web.log,
})

/** Base URL of this server as the caller sees it. */
export const originOf = (request: FastifyRequest): string => `${request.protocol}://${request.host}`

/** Headers on every answer. */
export function secure(reply: FastifyReply, contentSecurityPolicy: string): void {
  void reply.headers({
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  })
}
