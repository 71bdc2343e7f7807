import { timingSafeEqual } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { asDate } from '../base/clock.ts'
import { problem } from '../base/problem.ts'
import type { SystemActor } from '../kernel/access/actor.ts'

const lifetimeS = 3600
const issuer = 'linchpin'
const mostRemembered = 10_000

/** A system that may ask for tokens with a secret of its own. */
export interface Client {
  readonly id: string
  readonly secret: string
  readonly name: string
  readonly scope: string
}

/** In demo mode anyone may be this client; it does not exist otherwise. */
export const demoClient: Client = { id: 'demo', secret: 'demo', name: 'Demo client', scope: 'system/*.cruds' }

interface Remembered {
  readonly actor: SystemActor
  readonly untilMs: number
}

/** Issues and checks access tokens (OAuth 2.0 client credentials, RFC 6749 section 4.4). */
export class Tokens {
  readonly #secret: Uint8Array
  readonly #clients: ReadonlyMap<string, Client>
  readonly #remembered = new Map<string, Remembered>()

  constructor(secret: Uint8Array, clients: readonly Client[]) {
    this.#secret = secret
    this.#clients = new Map(clients.map((client) => [client.id, client]))
  }

  /** A new token for a client that proves itself. */
  async issue(id: string, secret: string, nowMs: number): Promise<{ token: string; scope: string; expiresIn: number }> {
    const client = this.#clients.get(id)
    if (client === undefined || !same(client.secret, secret))
      throw problem('unauthenticated', 'Unknown client or wrong secret')
    const token = await new SignJWT({ scope: client.scope, name: client.name })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(issuer)
      .setSubject(client.id)
      .setIssuedAt(Math.trunc(nowMs / 1000))
      .setExpirationTime(Math.trunc(nowMs / 1000) + lifetimeS)
      .sign(this.#secret)
    return { token, scope: client.scope, expiresIn: lifetimeS }
  }

  /** The system behind an `Authorization` header. Every failure gets the same words. */
  async actorOf(authorization: string | undefined, nowMs: number): Promise<SystemActor> {
    const token = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/.exec(authorization ?? '')?.[1]
    if (token === undefined) throw problem('unauthenticated', 'This needs an access token in the Authorization header')
    const known = this.#remembered.get(token)
    if (known !== undefined && known.untilMs > nowMs) return known.actor
    this.#remembered.delete(token)
    const found = await this.#verify(token, nowMs)
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear()
    this.#remembered.set(token, found)
    return found.actor
  }

  /** Whether a client may still have tokens: what it set up goes on only as long as it may. */
  knows(id: string): boolean {
    return this.#clients.has(id)
  }

  async #verify(token: string, nowMs: number): Promise<Remembered> {
    try {
      const options = { issuer, algorithms: ['HS256'], currentDate: asDate(nowMs) }
      const { payload } = await jwtVerify(token, this.#secret, options)
      const client = this.#clients.get(payload.sub ?? '')
      if (client === undefined || payload.exp === undefined) throw new Error('The client is gone')
      return { actor: { kind: 'system', id: client.id, name: client.name }, untilMs: payload.exp * 1000 }
    } catch (cause) {
      throw problem('unauthenticated', 'The access token is not valid or has expired', { cause })
    }
  }
}

const same = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
