import type { FastifyInstance } from 'fastify'
import { type RawData, WebSocketServer } from 'ws'
import type { Log } from '../base/log.ts'
import type { Actor } from '../kernel/access/actor.ts'
import type { Store } from '../kernel/store/store.ts'
import type { Deliverer, DeliverySettings } from '../kernel/subscriptions/deliverer.ts'
import { websocketPath } from '../kernel/subscriptions/operations.ts'
import { SocketSession } from '../kernel/subscriptions/sockets.ts'

const longestMessageBytes = 16_384
const mostSockets = 5_000
const unboundMs = 30_000
const goingAway = 1001
const policy = 1008

/** Opens websockets for subscriptions at `/fhir/R4/_websocket`. Answers how to close them all. */
export function websockets(
  server: FastifyInstance,
  path: string,
  {
    store,
    log,
    settings,
    deliverer,
    actorOf,
  }: {
    readonly store: Store
    readonly log: Log
    readonly settings: DeliverySettings
    readonly deliverer: Deliverer
    /** Who an `Authorization` header speaks for; undefined for none that holds. */
    readonly actorOf: (authorization: string | undefined) => Promise<Actor | undefined>
  },
): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessageBytes, perMessageDeflate: false })
  server.server.on('upgrade', (request, socket, head) => {
    const asked = (request.url ?? '').split('?')[0]
    if (asked !== `${path}/${websocketPath}` || sockets.clients.size >= mostSockets) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
      return
    }
    socket.on('error', () => socket.destroy())
    void actorOf(request.headers.authorization).then((actor) =>
      sockets.handleUpgrade(request, socket, head, (open) => {
        const session = new SocketSession(
          { store, log, settings, listen: (listener) => deliverer.listen(listener) },
          {
            send: (text) => open.send(text),
            close: (reason) => open.close(policy, reason.slice(0, 120)),
            get waiting() {
              return open.bufferedAmount
            },
          },
          actor,
        )
        const idle = setTimeout(() => session.isBound || open.close(policy, 'Nothing was bound'), unboundMs)
        open.on('message', (data: RawData, isBinary) => {
          if (isBinary || !Buffer.isBuffer(data)) open.close(policy, 'Say it in text')
          else session.heard(data.toString('utf8'))
        })
        open.on('error', () => open.terminate())
        open.on('close', () => {
          clearTimeout(idle)
          session.closed()
        })
      }),
    )
  })
  return () => {
    for (const client of sockets.clients) client.close(goingAway, 'The server is stopping')
    sockets.close()
  }
}
