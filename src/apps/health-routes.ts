import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { Web } from './web.ts'

/** Liveness, readiness and Prometheus metrics. None of them says anything about anyone. */
export function healthRoutes(server: FastifyInstance, web: Web): void {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'linchpin_http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'status'],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'linchpin_http_request_seconds',
    help: 'Time to answer',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  server.addHook('onResponse', (request, reply, done) => {
    requests.inc({ method: request.method, status: String(reply.statusCode) })
    seconds.observe(reply.elapsedTime / 1000)
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
  server.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
}
