import cookie from '@fastify/cookie'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { problem } from '../base/problem.ts'
import { addEntry as addEntryCapability } from '../capabilities/add-entry/capability.ts'
import { duplicates } from '../capabilities/duplicates/capability.ts'
import { findPerson } from '../capabilities/find-person/capability.ts'
import { myRecord } from '../capabilities/my-record/capability.ts'
import { record } from '../capabilities/record/capability.ts'
import { signIn } from '../capabilities/sign-in/capability.ts'
import { Sessions } from '../kernel/access/sessions.ts'
import { tokenSecret } from '../kernel/access/token-secret.ts'
import { addEntry } from '../kernel/record/add-entry.ts'
import { readEntries, readEntry } from '../kernel/record/entries.ts'
import { listAuthors } from '../kernel/record/entry-authors.ts'
import { findPeople } from '../kernel/record/find-people.ts'
import { openPerson } from '../kernel/record/open-person.ts'
import { decideReview, listReviews, readReview, readReviewPlace, undoDecision } from '../kernel/record/reviews.ts'
import { problemAnswer } from '../kernel/rest/exchange.ts'
import { mostBodyBytes } from '../kernel/rest/limits.ts'
import { queryViews } from '../kernel/views/query-views.ts'
import type { DeclaredView } from '../kernel/views/registry.ts'
import type { Capability } from '../platform/capability.ts'
import type { Persona } from '../platform/page.ts'
import type { RecordStore } from '../platform/record-port.ts'
import { routesOf } from '../platform/routes.ts'
import { contentSecurityPolicy } from '../ui/assets.ts'
import { problemPage } from '../ui/problem-page.tsx'
import { authRoutes } from './auth-routes.ts'
import { fhirBase, fhirRoutes } from './fhir-routes.ts'
import { FillingWords } from './fill-demo.ts'
import { healthRoutes } from './health-routes.ts'
import { liveRoute } from './live-route.ts'
import { pageRoutes } from './page-routes.ts'
import { demoClient, Tokens } from './tokens.ts'
import { requestIdOf, secure, type Web } from './web.ts'

/** Every capability there is. */
export const capabilities: readonly Capability[] = [
  signIn,
  findPerson,
  record,
  addEntryCapability,
  duplicates,
  myRecord,
]

/** Every view that a capability needs kept live. */
export const declaredViews: readonly DeclaredView[] = capabilities.flatMap(({ views }) => views ?? [])

/** The kernel's answer to what pages ask of the record. */
export const records: RecordStore = {
  findPeople,
  openPerson,
  readEntries,
  listAuthors,
  readEntry,
  addEntry,
  listReviews,
  readReview,
  readReviewPlace,
  decideReview,
  undoDecision,
  queryViews,
}

/** Answers what Fastify itself refuses (too large, not decodable), in the form the caller expects. */
function refuse(web: Web, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 500) web.log.error({ error: error instanceof Error ? error.stack : 'unknown' }, 'A request failed')
  const tooLarge = problem('invalid', `A request has at most ${mostBodyBytes} bytes`, { status: 413 })
  const other =
    status >= 500
      ? problem('fault', 'Something went wrong here')
      : problem('invalid', 'This is not a request we can read')
  const known = status === 413 ? tooLarge : other
  if (request.url.startsWith(fhirBase)) {
    const answer = problemAnswer(known)
    return reply.code(answer.status).headers(answer.headers).send(answer.body)
  }
  const page = problemPage({ kind: known.kind, requestId: requestIdOf(request.headers['x-request-id']) })
  secure(reply, contentSecurityPolicy)
  return reply.code(known.status).type('text/html; charset=utf-8').send(page)
}

/** Puts the whole server together. It does not listen yet. */
export async function makeServer(web: Web, personas: readonly Persona[]): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: mostBodyBytes,
    forceCloseConnections: 'idle',
    // What is asked while the server drains is answered.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 500 },
    exposeHeadRoutes: true,
    frameworkErrors: (error, request, reply) => void refuse(web, error, request, reply),
  })
  server.setErrorHandler((error, request, reply) => refuse(web, error, request, reply))
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  const sessions = new Sessions(web.store.database, web.clock)
  const tokens = new Tokens(await tokenSecret(web.store.database), web.demo ? [demoClient] : [])
  healthRoutes(server, web)
  authRoutes(server, web, tokens)
  await fhirRoutes(server, web, tokens)
  const routes = routesOf(capabilities).filter((route) => web.demo || route.pattern !== '/auth/demo')
  // Cookies are for pages alone: the API does not pay for them.
  await server.register(async (scope) => {
    await scope.register(cookie)
    liveRoute(scope, web, sessions)
    pageRoutes(scope, web, {
      routes,
      personas: web.demo ? personas : [],
      records,
      sessions,
      filling: new FillingWords(web.store),
    })
  })
  return server
}
