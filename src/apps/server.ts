import cookie from '@fastify/cookie'
import fastify, { type FastifyInstance } from 'fastify'
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
import { findPeople } from '../kernel/record/find-people.ts'
import { openPerson } from '../kernel/record/open-person.ts'
import { decideReview, listReviews, readReview, undoDecision } from '../kernel/record/reviews.ts'
import type { Capability } from '../platform/capability.ts'
import type { Persona } from '../platform/page.ts'
import type { RecordStore } from '../platform/record-port.ts'
import { routesOf } from '../platform/routes.ts'
import { authRoutes } from './auth-routes.ts'
import { fhirRoutes } from './fhir-routes.ts'
import { healthRoutes } from './health-routes.ts'
import { liveRoute } from './live-route.ts'
import { pageRoutes } from './page-routes.ts'
import { demoClient, Tokens } from './tokens.ts'
import type { Web } from './web.ts'

/** Every capability there is. */
export const capabilities: readonly Capability[] = [
  signIn,
  findPerson,
  record,
  addEntryCapability,
  duplicates,
  myRecord,
]

/** The kernel's answer to what pages ask of the record. */
export const records: RecordStore = {
  findPeople,
  openPerson,
  readEntries,
  readEntry,
  addEntry,
  listReviews,
  readReview,
  decideReview,
  undoDecision,
}

/** Largest request taken, stated in the README. */
const bodyLimitBytes = 64 * 1024 * 1024

/** Puts the whole server together. It does not listen yet. */
export async function makeServer(web: Web, personas: readonly Persona[]): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 500 },
    exposeHeadRoutes: true,
  })
  await server.register(cookie)
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  const sessions = new Sessions(web.store.database, web.clock)
  const tokens = new Tokens(await tokenSecret(web.store.database), web.demo ? [demoClient] : [])
  healthRoutes(server, web)
  authRoutes(server, web, tokens)
  fhirRoutes(server, web, tokens)
  liveRoute(server, web, sessions)
  const routes = routesOf(capabilities).filter((route) => web.demo || route.pattern !== '/auth/demo')
  pageRoutes(server, web, { routes, personas: web.demo ? personas : [], records, sessions })
  return server
}
