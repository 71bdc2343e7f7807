import { lookup as systemLookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { problem } from '../../base/problem.ts'
import { isListed, isPublicAddress } from './addresses.ts'

/** A request that this server makes of another. */
export interface Outbound {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
  /** Hosts of a setting that may be asked although they are private or speak without encryption. */
  readonly allowed: readonly string[]
}

/**
 * Asks another server, and no server of our own network unless a setting names it: the address is checked where the
 * connection is made, so no name can lead astray. Encrypted, except to named hosts. A redirect is not followed.
 */
export function outbound(asked: Outbound, signal?: AbortSignal): Promise<IncomingMessage> {
  const url = checkedUrl(asked.url, asked.allowed)
  const named = isListed(asked.allowed, hostOf(url), portOf(url))
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: asked.method,
        headers: {
          ...asked.headers,
          ...(asked.body === undefined ? {} : { 'content-length': Buffer.byteLength(asked.body) }),
        },
        agent: false,
        timeout: asked.timeoutMs,
        ...(signal === undefined ? {} : { signal }),
        ...(named ? {} : { lookup: publicLookup }),
      },
      resolve,
    )
    const limit = setTimeout(() => request.destroy(new Error('it did not answer in time')), asked.timeoutMs)
    request.on('timeout', () => request.destroy(new Error('it did not answer in time')))
    request.on('response', () => clearTimeout(limit))
    request.on('error', (cause) => {
      clearTimeout(limit)
      reject(problem('unavailable', `${url.host} cannot be asked: ${cause.message}`, { cause }))
    })
    request.end(asked.body)
  })
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')
const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80')

/** An address that may be asked. Says why not, when not. */
export function checkedUrl(text: string, allowed: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw problem('invalid', 'An address begins with https:// and holds no password')
  const host = hostOf(url)
  if (isListed(allowed, host, portOf(url))) return url
  if (url.protocol !== 'https:')
    throw problem('invalid', 'Only hosts named in LINCHPIN_OUTBOUND are asked without encryption')
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw problem('invalid', notPublic)
  return url
}

const notPublic = 'Private addresses are asked only when LINCHPIN_OUTBOUND names them'

/** Resolves a name, and refuses it when any of its addresses is private. */
const publicLookup: LookupFunction = (host, options, done) => {
  systemLookup(host, { ...options, all: true }, (error, addresses) => {
    const first = addresses?.[0]
    if (error !== null || first === undefined) return done(error ?? new Error('it has no address'), [])
    if (!addresses.every(({ address }) => isPublicAddress(address))) return done(new Error(notPublic), [])
    return options.all === true ? done(null, addresses) : done(null, first.address, first.family)
  })
}

/** Reads and forgets what remains of an answer, so that its connection ends. */
export function discard(answer: IncomingMessage): void {
  answer.on('error', () => undefined)
  answer.destroy()
}
