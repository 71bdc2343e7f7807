import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { isObject } from '../../base/json.ts'
import { type Problem, problem } from '../../base/problem.ts'

/** A place between two rows of a sorted result: the row it touches and the side to go on from there. */
export interface Position {
  readonly backward: boolean
  /** The row's sort keys as text; null where the row has no value. */
  readonly keys: readonly (string | null)[]
  /** Parts resources of several types that have the same id. */
  readonly type?: string
  readonly id: string
  /** When the first page was read, for a result whose order can change: all pages show what it was then. */
  readonly sinceMs?: number
}

/** A position as an opaque text for links. `search` names the search it belongs to: another one refuses it. */
export function sealCursor(position: Position, search: string, secret: Uint8Array): string {
  const text = JSON.stringify(position)
  // Sort keys can be names, so the cursor is encrypted as well as signed. The same place always makes the same link.
  const nonce = derived(secret, 'cursor nonce', `${search}\n${text}`).subarray(0, nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', derived(secret, 'cursor key', ''), nonce)
  cipher.setAAD(Buffer.from(search))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** The position behind a cursor; refuses one that this server did not make for this search. */
export function openCursor(cursor: string, search: string, secret: Uint8Array): Position {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length <= nonceBytes + tagBytes || bytes.toString('base64url') !== cursor) throw refused()
  const decipher = createDecipheriv('aes-256-gcm', derived(secret, 'cursor key', ''), bytes.subarray(0, nonceBytes))
  decipher.setAAD(Buffer.from(search))
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  try {
    const text = decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
    return positionOf(JSON.parse(text))
  } catch (cause) {
    throw refused(cause)
  }
}

const nonceBytes = 12
const tagBytes = 16

const derived = (secret: Uint8Array, use: string, text: string): Buffer =>
  createHmac('sha256', secret).update(`${use}\n${text}`).digest()

const refused = (cause?: unknown): Problem =>
  problem(
    'invalid',
    'This page link is not one that the server made for this search. Start again from the first page.',
    {
      expression: '_cursor',
      cause,
    },
  )

function positionOf(value: unknown): Position {
  if (!isObject(value) || !Array.isArray(value['keys'])) throw new Error('Not a position')
  const keys = value['keys'].map((key: unknown) => (typeof key === 'string' ? key : null))
  const since = typeof value['sinceMs'] === 'number' ? { sinceMs: value['sinceMs'] } : {}
  const type = typeof value['type'] === 'string' ? { type: value['type'] } : {}
  return { backward: value['backward'] === true, keys, id: String(value['id']), ...type, ...since }
}
