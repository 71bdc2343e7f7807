import { Writable } from 'node:stream'
import type pg from 'pg'
import { isObject } from '../../base/json.ts'

/** Statements of one turn of the event loop, whoever asked, leave in one write: a system call each would cost more than they do. */
export function gather(client: pg.ClientBase): void {
  const connection: unknown = 'connection' in client ? client.connection : undefined
  const stream = isObject(connection) ? connection['stream'] : undefined
  if (!(stream instanceof Writable) || stream.writableCorked > 0) return
  stream.cork()
  setImmediate(() => stream.uncork())
}
