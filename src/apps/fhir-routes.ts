import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '../base/problem.ts'
import { allowedMethods } from '../kernel/rest/allowed.ts'
import { capabilityStatement } from '../kernel/rest/capability-statement.ts'
import { type FhirAnswer, type FhirRequest, jsonAnswer } from '../kernel/rest/exchange.ts'
import { formatByName, mediaType, wantedFormat } from '../kernel/rest/format.ts'
import { openApiPath } from '../kernel/rest/openapi.ts'
import { failed, respond, written } from '../kernel/rest/respond.ts'
import { sendAnswer } from './fhir-answer.ts'
import { bodyBytes, bodyText } from './fhir-body.ts'
import { smartConfiguration } from './smart-configuration.ts'
import type { Tokens } from './tokens.ts'
import { contextOf, originOf, requestIdOf, type Web } from './web.ts'

/** Where the FHIR API lies. */
export const fhirBase = '/fhir/R4'

const anyone = { kind: 'system', id: 'anonymous', name: 'Anyone' } as const
/** What says how the API works, and holds nothing of anybody. */
const publicPaths: ReadonlySet<string> = new Set(['metadata', openApiPath])
const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Mounts the FHIR R4 API. Everything but what says how it works needs an access token. */
export async function fhirRoutes(server: FastifyInstance, web: Web, tokens: Tokens): Promise<void> {
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const requestId = requestIdOf(request.headers['x-request-id'])
    const answer = await answerOf(web, tokens, request, requestId).catch((error: unknown) =>
      written(failed({ log: web.log, requestId }, error), wantedFormat(queryOf(request), request.headers.accept)),
    )
    // A HEAD is a GET whose body stays here; Fastify drops it.
    await sendAnswer(reply, answer, requestId)
  }
  await server.register(async (scope) => {
    // Bodies are read here, after the caller is known, and not before.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    for (const at of ['', fhirBase])
      scope.get(`${at}/.well-known/smart-configuration`, (request, reply) =>
        reply.send(smartConfiguration(originOf(request))),
      )
    scope.all(fhirBase, handle)
    scope.all(`${fhirBase}/*`, handle)
  })
}

const queryOf = (request: FastifyRequest): string => request.url.slice(fhirBase.length).split(/\?(.*)/s)[1] ?? ''

async function answerOf(web: Web, tokens: Tokens, request: FastifyRequest, requestId: string): Promise<FhirAnswer> {
  const path = pathOf(request.url.slice(fhirBase.length).split('?')[0] ?? '')
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (!methods.has(method)) throw problem('invalid', `${method} means nothing here`, { status: 405 })
  if (method === 'OPTIONS') return options(path, web, request)
  const isPublic = publicPaths.has(path)
  const actor = isPublic
    ? anyone
    : await tokens.actorOf(request.headers.authorization, web.clock.now().epochMilliseconds)
  return respond(contextOf(web, actor, requestId), method, path, await fhirRequest(request, path))
}

/** FHIR R4 http, capabilities: OPTIONS on the base answers the CapabilityStatement, elsewhere what may be done. */
function options(path: string, web: Web, request: FastifyRequest): FhirAnswer {
  const headers = { allow: allowedMethods(path).join(', ') }
  if (path !== '') return { status: 204, headers }
  const text = capabilityStatement(`${originOf(request)}${fhirBase}`, web.store.references)
  return written(jsonAnswer(200, text, headers), wantedFormat(queryOf(request), request.headers.accept))
}

function pathOf(path: string): string {
  try {
    return decodeURIComponent(path).replace(/^\/|\/$/g, '')
  } catch (cause) {
    throw problem('invalid', 'The address is not encoded as an address must be', { cause })
  }
}

async function fhirRequest(request: FastifyRequest, path: string): Promise<FhirRequest> {
  const header = (name: string): string | undefined => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const optional = {
    accept: header('accept'),
    contentType: mediaType(header('content-type')) || undefined,
    ifMatch: header('if-match'),
    ifNoneMatch: header('if-none-match'),
    ifModifiedSince: header('if-modified-since'),
    ifNoneExist: header('if-none-exist'),
    prefer: header('prefer'),
    securityContext: header('x-security-context'),
  }
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  const content = await contentOf(request, path)
  return { base: `${originOf(request)}${fhirBase}`, query: queryOf(request), ...content, ...given }
}

const bodiless = new Set(['GET', 'HEAD', 'DELETE'])
/** NDJSON, for an import. */
const lineTypes = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson'])
const otherTypes = new Set(['application/x-www-form-urlencoded', 'application/json-patch+json', 'application/graphql'])

/** The body as text, or as bytes where bytes are what is stored. */
async function contentOf(request: FastifyRequest, path: string): Promise<Pick<FhirRequest, 'body' | 'bytes'>> {
  if (bodiless.has(request.method)) return { body: '' }
  const type = mediaType(request.headers['content-type'])
  const bytes = bodyBytes(request.raw)
  if (Object.hasOwn(formatByName, type) || otherTypes.has(type)) return { body: await bodyText(bytes) }
  if (path === '$import' && lineTypes.has(type)) return { body: await bodyText(bytes) }
  if (/^Binary(\/[^/]*)?$/.test(path)) return { body: '', bytes }
  const body = await bodyText(bytes)
  if (body === '') return { body }
  throw problem(
    'invalid',
    `Send ${[...Object.keys(formatByName), ...otherTypes].filter((each) => each.includes('/')).join(' or ')}`,
    {
      status: 415,
      expression: 'http.content-type',
    },
  )
}
