import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { problem } from '../base/problem.ts'
import { mostBodyBytes } from '../kernel/rest/limits.ts'

const unpackers: Readonly<Record<string, () => Readable & NodeJS.WritableStream>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

const tooLarge = (): Error =>
  problem('invalid', `A request has at most ${mostBodyBytes} bytes, packed or not`, { status: 413 })

/**
 * The body of a request as it comes in, unpacked. Memory stays that of a chunk: a text that unpacks to more than a
 * request may have is given up at that point.
 */
export async function* bodyBytes(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  const unpack = Object.hasOwn(unpackers, encoding) ? unpackers[encoding] : undefined
  if (unpack === undefined && encoding !== 'identity')
    throw problem('invalid', 'A body may be packed with gzip, deflate or br', { status: 415 })
  if (Number(request.headers['content-length'] ?? 0) > mostBodyBytes) throw tooLarge()
  const unpacker = unpack?.()
  const stream: Readable = unpacker === undefined ? request : request.pipe(unpacker)
  let length = 0
  try {
    for await (const chunk of stream) {
      if (!Buffer.isBuffer(chunk)) continue
      length += chunk.length
      if (length > mostBodyBytes) throw tooLarge()
      yield chunk
    }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && /^(Z_|ERR_BROTLI|ERR__ERROR)/.test(String(cause.code)))
      throw problem('invalid', `The body is not ${encoding}, as its Content-Encoding says`, { cause })
    throw cause
  } finally {
    unpacker?.destroy()
  }
}

/** A whole body as text. */
export async function bodyText(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
  if (!isUtf8(body)) throw problem('invalid', 'The body is not UTF-8')
  // A byte order mark is no part of the text behind it.
  return Buffer.from(body.buffer, body.byteOffset, body.length)
    .toString('utf8')
    .replace(/^\u{feff}/u, '')
}
