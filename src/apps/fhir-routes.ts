import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem, problem } from '../base/problem.ts'
import { type FhirAnswer, type FhirRequest, problemAnswer } from '../kernel/rest/exchange.ts'
import { interact } from '../kernel/rest/interact.ts'
import type { Tokens } from './tokens.ts'
import { contextOf, originOf, requestIdOf, type Web } from './web.ts'

/** Where the FHIR API lies. */
export const fhirBase = '/fhir/R4'

const jsonTypes = new Set(['application/fhir+json', 'application/json', 'text/json'])

/** Mounts the FHIR R4 API. Everything but the CapabilityStatement needs an access token. */
export function fhirRoutes(server: FastifyInstance, web: Web, tokens: Tokens): void {
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const requestId = requestIdOf(request.headers['x-request-id'])
    const answer = await answerOf(web, tokens, request, requestId).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.kind === 'fault')
        web.log.error({ requestId, error: error instanceof Error ? error.stack : 'unknown' }, 'A FHIR request failed')
      return problemAnswer(error)
    })
    void reply.code(answer.status).headers({ ...answer.headers, 'x-request-id': requestId })
    if (answer.status === 401) void reply.header('www-authenticate', 'Bearer')
    // A HEAD is a GET whose body stays here; Fastify drops it.
    await reply.send(answer.body ?? '')
  }
  server.all(fhirBase, handle)
  server.all(`${fhirBase}/*`, handle)
}

async function answerOf(web: Web, tokens: Tokens, request: FastifyRequest, requestId: string): Promise<FhirAnswer> {
  const [path = '', query = ''] = request.url.slice(fhirBase.length).split(/\?(.*)/s)
  const at = pathOf(path)
  const asked = fhirRequest(request, query)
  const isPublic = at === 'metadata'
  const nowMs = web.clock.now().epochMilliseconds
  const actor = isPublic
    ? ({ kind: 'system', id: 'anonymous', name: 'Anyone' } as const)
    : await tokens.actorOf(request.headers.authorization, nowMs)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  return interact(contextOf(web, actor, requestId), method, at, asked)
}

function pathOf(path: string): string {
  try {
    return decodeURIComponent(path).replace(/^\/|\/$/g, '')
  } catch (cause) {
    throw problem('invalid', 'The address is not encoded as an address must be', { cause })
  }
}

function fhirRequest(request: FastifyRequest, query: string): FhirRequest {
  const { headers } = request
  const header = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const optional = {
    ifMatch: header('if-match'),
    ifNoneMatch: header('if-none-match'),
    ifNoneExist: header('if-none-exist'),
    prefer: header('prefer'),
  }
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  return { base: `${originOf(request)}${fhirBase}`, query, body: bodyOf(request), ...given }
}

function bodyOf(request: FastifyRequest): string {
  const { body } = request
  if (!Buffer.isBuffer(body) || body.length === 0) return ''
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const form = type === 'application/x-www-form-urlencoded'
  if (!form && !jsonTypes.has(type)) throw problem('invalid', 'Send application/fhir+json', { status: 415 })
  if (!isUtf8(body)) throw problem('invalid', 'The body is not UTF-8')
  // A byte order mark is no part of the JSON behind it.
  return body.toString('utf8').replace(/^\u{feff}/u, '')
}
