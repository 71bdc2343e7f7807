import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem, problem } from '../base/problem.ts'
import { type OpenSession, type Session, type Sessions, sessionCookie } from '../kernel/access/sessions.ts'
import type { PageAnswer, PageRequest, Persona } from '../platform/page.ts'
import type { RecordStore } from '../platform/record-port.ts'
import type { Route } from '../platform/routes.ts'
import { assetAt, contentSecurityPolicy } from '../ui/assets.ts'
import { problemPage } from '../ui/problem-page.tsx'
import type { FillingWords } from './fill-demo.ts'
import { contextOf, requestIdOf, secure, type Web } from './web.ts'

/** What pages need beside the web itself. */
export interface Pages {
  readonly routes: readonly Route[]
  readonly personas: readonly Persona[]
  readonly records: RecordStore
  readonly sessions: Sessions
  readonly filling: FillingWords
}

const noSession: Session = { csrfToken: '', confirmedPeople: [] }

/** Mounts every page of the capabilities, and their assets. */
export function pageRoutes(server: FastifyInstance, web: Web, pages: Pages): void {
  server.get('/assets/*', async (request, reply) => {
    const asset = assetAt(request.url.split('?')[0] ?? '')
    secure(reply, contentSecurityPolicy)
    if (asset === undefined) return reply.code(404).send('')
    return reply
      .headers({ 'content-type': asset.type, 'cache-control': 'public, max-age=31536000, immutable' })
      .send(asset.body)
  })
  for (const route of pages.routes)
    server.route({
      method: route.method,
      url: route.pattern,
      handler: (request, reply) => show(web, pages, route, request, reply),
    })
  server.setNotFoundHandler((request, reply) => {
    const requestId = requestIdOf(request.headers['x-request-id'])
    secure(reply, contentSecurityPolicy)
    return reply
      .code(404)
      .type('text/html; charset=utf-8')
      .send(problemPage({ kind: 'not-found', requestId }))
  })
}

async function show(
  web: Web,
  pages: Pages,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const requestId = requestIdOf(request.headers['x-request-id'])
  secure(reply, contentSecurityPolicy)
  void reply.headers({ 'cache-control': 'no-store', 'x-request-id': requestId })
  try {
    const token = request.cookies[sessionCookie]
    const open = await pages.sessions.find(token)
    if (wantsPersonas(route, request)) return await reply.send({ personas: pages.personas.map(publicPersona) })
    if (request.method === 'POST') refuseForeign(request)
    const answer = await answerOf(web, pages, route, pageRequest(request, open), open, requestId)
    return await carryOut(pages, answer, token, reply, request)
  } catch (error) {
    return showProblem(web, error, requestId, reply)
  }
}

async function answerOf(
  web: Web,
  pages: Pages,
  route: Route,
  request: PageRequest,
  open: OpenSession | undefined,
  requestId: string,
): Promise<PageAnswer> {
  if (route.access === 'public') {
    const signedIn = open === undefined ? {} : { actor: open.actor }
    const filling = web.demo ? await pages.filling.read() : undefined
    const shown = { requestId, clock: web.clock, personas: pages.personas, ...(filling && { filling }) }
    return route.handle({ ...shown, ...signedIn }, request)
  }
  if (open === undefined) throw problem('unauthenticated', 'Sign in first')
  return route.handle({ ...contextOf(web, open.actor, requestId), records: pages.records }, request)
}

function pageRequest(request: FastifyRequest, open: OpenSession | undefined): PageRequest {
  const params = request.params
  return {
    url: request.url,
    params:
      typeof params === 'object' && params !== null
        ? Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]))
        : {},
    query: new URLSearchParams(request.url.split('?')[1] ?? ''),
    form: new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''),
    session: open?.session ?? noSession,
  }
}

async function carryOut(
  pages: Pages,
  answer: PageAnswer,
  token: string | undefined,
  reply: FastifyReply,
  request: FastifyRequest,
): Promise<FastifyReply> {
  if (answer.kind === 'html') return reply.code(answer.status).type('text/html; charset=utf-8').send(answer.html)
  const { signIn, signOut, confirmedPerson } = answer
  if (token !== undefined && (signOut === true || signIn !== undefined)) await pages.sessions.close(token)
  if (signOut === true) void reply.clearCookie(sessionCookie, { path: '/' })
  if (token !== undefined && confirmedPerson !== undefined) await pages.sessions.confirm(token, confirmedPerson)
  const persona = pages.personas.find(({ id }) => id === signIn)
  if (signIn !== undefined) {
    if (persona === undefined) throw problem('not-found', 'There is no such persona')
    const options = { path: '/', httpOnly: true, sameSite: 'lax', secure: request.protocol === 'https' } as const
    void reply.setCookie(sessionCookie, await pages.sessions.open(persona.actor), options)
  }
  return reply.code(303).header('location', answer.to).send('')
}

/** A form of another site is not ours, whatever cookie its browser sends along (Fetch Metadata). */
function refuseForeign(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw problem('forbidden', 'This form came from another site. Open the page here and send it again.')
}

const wantsPersonas = (route: Route, request: FastifyRequest): boolean =>
  route.pattern === '/auth/demo' && request.method === 'GET' && /application\/json/.test(request.headers.accept ?? '')

const publicPersona = ({ id, actor, place, task }: Persona) => ({
  id,
  name: actor.name,
  kind: actor.kind === 'staff' ? actor.role : actor.kind,
  place,
  task,
})

function showProblem(web: Web, error: unknown, requestId: string, reply: FastifyReply): FastifyReply {
  const known = error instanceof Problem ? error : problem('fault', 'Something went wrong here', { cause: error })
  if (known.kind === 'fault')
    web.log.error({ requestId, error: error instanceof Error ? error.stack : 'unknown' }, 'A page failed')
  if (known.kind === 'unauthenticated') return reply.code(303).header('location', '/').send('')
  return reply
    .code(known.status)
    .type('text/html; charset=utf-8')
    .send(problemPage({ kind: known.kind, requestId }))
}
