import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { makeMetrics } from '../../src/apps/metrics.ts'
import { makeServer } from '../../src/apps/server.ts'
import { systemClock } from '../../src/base/clock.ts'
import { makeLog } from '../../src/base/log.ts'
import { openStore, type Store } from '../../src/kernel/store/store.ts'
import { testDatabase } from './database.ts'

/** The whole server on a database of its own, asked as the demo client asks. */
export interface FhirServer {
  readonly server: FastifyInstance
  readonly store: Store
  readonly token: string
  /** One request below the FHIR base; JSON unless its headers say otherwise. */
  send(method: string, path: string, options: InjectOptions): Promise<LightMyRequestResponse>
  /** Listens on a free port; answers the address of the FHIR base. */
  listen(): Promise<string>
  close(): Promise<void>
}

export async function fhirServer(): Promise<FhirServer> {
  const database = await testDatabase()
  const log = makeLog('fatal')
  const store = openStore(database.url, log, systemClock, { relay: true })
  await store.feed.start()
  const server = await makeServer({ store, clock: systemClock, log, demo: true, metrics: makeMetrics() }, [])
  const issued = await server.inject({
    method: 'POST',
    url: '/auth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'grant_type=client_credentials&client_id=demo&client_secret=demo',
  })
  const token = String(issued.json()['access_token'])
  return {
    server,
    store,
    token,
    send: (method, path, { headers, ...options }) =>
      server.inject({
        ...options,
        method: method as 'GET',
        url: `/fhir/R4${path === '' ? '' : `/${path}`}`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', ...headers },
      }),
    listen: async () => `${await server.listen({ port: 0, host: '127.0.0.1' })}/fhir/R4`,
    async close() {
      await server.close()
      await store.close()
      await database.close()
    },
  }
}
