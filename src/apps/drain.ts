import { Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** Ends a server without losing a request. */
export type Drain = (graceMs: number) => Promise<void>

/** Open live streams would keep the server up for ever: after a while they are cut, and pages connect again. */
const cutMs = 10_000

/**
 * Prepares a server to be drained; call before it listens. It takes no new connections from then on. For `graceMs` it goes
 * on answering on those it has, and each answer ends its connection, so that callers who keep theirs open are not cut
 * off while they ask; then it closes.
 */
export function drainOf(server: FastifyInstance): Drain {
  let draining = false
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (draining) void reply.header('connection', 'close')
    done()
  })
  return async (graceMs) => {
    draining = true
    // Of an HTTP server it would close the idle connections too, on which somebody may just be asking.
    if (graceMs > 0) Server.prototype.close.call(server.server)
    await sleep(graceMs)
    const cut = setTimeout(() => server.server.closeAllConnections(), cutMs)
    await server.close()
    clearTimeout(cut)
  }
}
