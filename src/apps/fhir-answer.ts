import { Readable } from 'node:stream'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { FastifyReply } from 'fastify'
import type { FhirAnswer } from '../kernel/rest/exchange.ts'
import { rankedTypes } from '../kernel/rest/format.ts'

/** Below this, packing costs more than it saves. */
const leastPackedBytes = 2048

const packers: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: (text) => gzipSync(text, { level: 1 }),
  br: (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } }),
}

/** Sends an answer of the FHIR API, packed when the caller takes that. */
export async function sendAnswer(reply: FastifyReply, answer: FhirAnswer, requestId: string): Promise<void> {
  void reply
    .code(answer.status)
    .headers({ ...answer.headers, 'x-request-id': requestId, vary: 'Accept, Accept-Encoding' })
  if (answer.status === 401) void reply.header('www-authenticate', 'Bearer')
  if (answer.bytes !== undefined) return void (await reply.send(Readable.from(answer.bytes)))
  const body = answer.body ?? ''
  const coding = body.length < leastPackedBytes ? undefined : codingFor(reply.request.headers['accept-encoding'])
  const pack = coding === undefined ? undefined : packers[coding]
  if (pack === undefined || coding === undefined) return void (await reply.send(body))
  await reply.header('content-encoding', coding).send(pack(body))
}

/** The most wanted of the codings we write; a caller who names none gets none. */
function codingFor(accepted: string | string[] | undefined): string | undefined {
  if (typeof accepted !== 'string') return undefined
  return rankedTypes(accepted).find((name) => Object.hasOwn(packers, name))
}
