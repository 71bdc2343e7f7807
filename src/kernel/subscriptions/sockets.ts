import type { Log } from '../../base/log.ts'
import { Problem, problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Actor } from '../access/actor.ts'
import type { Store } from '../store/store.ts'
import { openBinding } from './binding.ts'
import type { DeliverySettings } from './deliverer.ts'
import { notificationText, readEvents, tellable } from './notification.ts'
import { findRunning, type Running } from './registry.ts'

/** One open websocket. */
export interface Socket {
  send(text: string): void
  close(reason: string): void
  /** Bytes that the other side has not taken yet. */
  readonly waiting: number
}

interface Bound {
  /** The last event that this socket was told of. */
  last: bigint
  /** How it was bound: R4's own `bind`, which is told `ping`, or by a token. */
  readonly plain: boolean
  heardMs: number
}

const mostBound = 100
const mostWaiting = 8 * 1024 * 1024
const lookMs = 1_000

/** What the client of one websocket has bound, told of its events as they come. Works in whichever process holds the socket. */
export class SocketSession {
  readonly #store: Store
  readonly #log: Log
  readonly #settings: DeliverySettings
  readonly #socket: Socket
  /** Who opened the socket, when an access token said so: only they may bind without a binding token. */
  readonly #actor: Actor | undefined
  readonly #bound = new Map<string, Bound>()
  readonly #timer: NodeJS.Timeout
  readonly #stopListening: () => void
  #last: Promise<void> = Promise.resolve()
  #queued = false
  #closed = false

  constructor(
    {
      store,
      log,
      settings,
      listen,
    }: {
      readonly store: Store
      readonly log: Log
      readonly settings: DeliverySettings
      /** Calls back when there is something to be told. */
      readonly listen: (listener: () => void) => () => void
    },
    socket: Socket,
    actor: Actor | undefined,
  ) {
    this.#store = store
    this.#log = log
    this.#settings = settings
    this.#socket = socket
    this.#actor = actor
    this.#stopListening = listen(() => this.#look())
    this.#timer = setInterval(() => this.#look(), lookMs)
  }

  /** Something the client said. */
  heard(text: string): void {
    this.#next(async () => {
      const [word = '', value = ''] = text.trim().split(/:?\s+/)
      if (word === 'bind-with-token') await this.#bindByToken(value)
      else if (word === 'bind') await this.#bindPlain(value)
      else throw problem('invalid', 'Say bind-with-token TOKEN, or bind ID')
    })
  }

  closed(): void {
    this.#closed = true
    clearInterval(this.#timer)
    this.#stopListening()
  }

  get isBound(): boolean {
    return this.#bound.size > 0
  }

  async #bindByToken(token: string): Promise<void> {
    const nowMs = this.#store.clock.now().epochMilliseconds
    const binding = openBinding(token, nowMs, await this.#store.cursorSecret())
    for (const id of binding.subscriptions) await this.#bind(id, binding.actor.id, false)
  }

  async #bindPlain(id: string): Promise<void> {
    if (this.#actor === undefined)
      throw problem('unauthenticated', 'Open the socket with an access token, or bind with a binding token')
    await this.#bind(id, this.#actor.id, true)
    this.#socket.send(`bound ${id}`)
  }

  async #bind(id: string, actorId: string, plain: boolean): Promise<void> {
    const running = await findRunning(this.#store.database, id)
    if (running === undefined || running.actor.id !== actorId || running.spec.channel !== 'websocket')
      throw problem('not-found', 'There is no such subscription')
    if (this.#bound.size >= mostBound) throw problem('too-many', `At most ${mostBound} subscriptions on one socket`)
    const nowMs = this.#store.clock.now().epochMilliseconds
    this.#bound.set(id, { last: running.delivered, plain: plain || running.spec.topic === undefined, heardMs: nowMs })
    if (!plain && running.spec.topic !== undefined)
      this.#socket.send(notificationText(this.#settings.base, running, 'handshake', [], nowMs))
    this.#look()
  }

  #look(): void {
    if (this.#queued || this.#closed || this.#bound.size === 0) return
    this.#queued = true
    this.#next(async () => {
      this.#queued = false
      for (const [id, bound] of this.#bound) await this.#tell(id, bound)
    })
  }

  /** One thing after another; a problem ends the socket, and the client binds again. */
  #next(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      if (!(error instanceof Problem))
        this.#log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'A websocket was ended')
      this.#socket.close(error instanceof Problem ? error.message : 'Something went wrong here')
      this.closed()
    })
  }

  async #tell(id: string, bound: Bound): Promise<void> {
    for (;;) {
      if (this.#closed || this.#socket.waiting > mostWaiting) return
      const running = await findRunning(this.#store.database, id)
      const actor = running === undefined ? undefined : await this.#settings.actorNow(running.actor)
      if (running === undefined || actor === undefined || running.status === 'off') {
        this.#bound.delete(id)
        if (this.#bound.size === 0) throw problem('not-found', 'The subscription has ended')
        return
      }
      const events = await readEvents(this.#store, id, { after: bound.last, limit: running.spec.mostEvents })
      const last = events.at(-1)
      const nowMs = this.#store.clock.now().epochMilliseconds
      if (last === undefined) return this.#heartbeat(running, bound, nowMs)
      if (bound.plain) this.#socket.send(`ping ${id}`)
      else {
        const told = await tellable(this.#store, { ...running, actor }, events, running.spec.content)
        this.#socket.send(notificationText(this.#settings.base, running, 'event-notification', told, nowMs))
      }
      bound.last = last.number
      bound.heardMs = nowMs
      await this.#store.database.read(
        sql`update subscription set delivered = greatest(delivered, ${last.number}::int8) where id = ${id}`,
        'subscription_told',
      )
    }
  }

  #heartbeat(running: Running, bound: Bound, nowMs: number): void {
    const { heartbeatSeconds } = running.spec
    if (bound.plain || heartbeatSeconds === 0 || nowMs - bound.heardMs < heartbeatSeconds * 1000) return
    bound.heardMs = nowMs
    this.#socket.send(notificationText(this.#settings.base, running, 'heartbeat', [], nowMs))
  }
}
