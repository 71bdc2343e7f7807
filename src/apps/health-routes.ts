import type { FastifyInstance } from 'fastify'
import type { Web } from './web.ts'

/** Liveness, readiness and Prometheus metrics. None of them says anything about anyone. */
export function healthRoutes(server: FastifyInstance, web: Web): void {
  const { metrics } = web
  server.addHook('onResponse', (request, reply, done) => {
    metrics.observe(request.method, reply.statusCode, reply.elapsedTime)
    done()
  })
  server.get('/health/live', () => ({ status: 'live' }))
  server.get('/health/ready', async (_request, reply) => {
    try {
      await web.store.database.ping()
      return { status: 'ready' }
    } catch {
      return reply.code(503).send({ status: 'The database is not answering' })
    }
  })
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
}
