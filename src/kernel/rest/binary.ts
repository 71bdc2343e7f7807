import { compactJson, isObject, members, parseJson } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { type Content, contentUrl, dropContent, readContent, storeContent } from '../store/content.ts'
import type { StoredText } from '../store/reader.ts'
import { type FhirAnswer, type FhirRequest, fhirJson, jsonAnswer, preferredReturn, versionHeaders } from './exchange.ts'
import { formatByName, rankedTypes } from './format.ts'

/** Base64 up to this long stays in the resource. */
const mostInline = 65_536
const outside = new RegExp(
  `"_data":\\{"extension":\\[\\{"url":"${contentUrl}","valueString":"([0-9a-f-]{36})"\\}\\]\\}`,
)

type Write = (request: FhirRequest) => Promise<FhirAnswer>

/** Creates or updates a Binary, sent as its bytes or as a resource; many bytes are kept outside of the resource. */
export async function writeBinary(ctx: Context, request: FhirRequest, write: Write): Promise<FhirAnswer> {
  if (outside.test(compactJson(request.body).text))
    throw problem('invalid', 'The content of a Binary is named by the server alone', { expression: 'Binary.data' })
  const found = request.bytes === undefined ? await largeData(request.body) : request.bytes
  if (found === undefined) return write(request)
  const { first, all } = await beginningOf(found)
  const small = request.bytes !== undefined && first !== undefined
  const content = small ? undefined : await storeContent(ctx.store.database, all)
  const inline = first === undefined || first.length === 0 ? '' : `"data":"${first.toString('base64')}"`
  const data = content === undefined ? inline : nameOf(content)
  const body = request.bytes === undefined ? replacedData(request.body, data) : envelope(request, data)
  try {
    const sentAsBytes = request.bytes !== undefined && request.prefer === undefined
    const { bytes: _, ...rest } = request
    const answer = await write({ ...rest, body, ...(sentAsBytes ? { prefer: 'return=minimal' } : {}) })
    return answer.body === undefined || preferredReturn(request.prefer) !== 'representation'
      ? answer
      : whole(ctx, answer)
  } catch (error) {
    if (content !== undefined) await dropContent(ctx.store.database, content.id)
    throw error
  }
}

const nameOf = ({ id }: Content): string => `"_data":{"extension":[{"url":"${contentUrl}","valueString":"${id}"}]}`

function envelope({ contentType, securityContext }: FhirRequest, data: string): string {
  const context =
    securityContext === undefined ? '' : `,"securityContext":${JSON.stringify({ reference: securityContext })}`
  const type = JSON.stringify(contentType ?? 'application/octet-stream')
  return `{"resourceType":"Binary","contentType":${type}${context}${data === '' ? '' : `,${data}`}}`
}

/** All bytes when they are few; and the whole stream, with what was looked at in front. */
async function beginningOf(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly first: Buffer | undefined; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let length = 0
  while (length * 4 <= mostInline * 3) {
    const next = await iterator.next()
    if (next.done === true) return { first: Buffer.concat(seen), all: streamOf(seen) }
    seen.push(next.value)
    length += next.value.length
  }
  return { first: undefined, all: streamOf(seen, iterator) }
}

async function* streamOf(seen: readonly Uint8Array[], rest?: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* seen
  for (let next = await rest?.next(); next !== undefined && next.done !== true; next = await rest?.next())
    yield next.value
}

/** The bytes of a resource's data when there are many; its form is checked as that of all base64 is. */
async function largeData(body: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (body.length < mostInline) return undefined
  const data = members(body, undefined, ['data']).find(({ key }) => key === 'data')
  if (data === undefined || data.end - data.start < mostInline) return undefined
  const text = parseJson(body.slice(data.start, data.end), 'Binary.data')
  if (typeof text !== 'string' || !/^[0-9A-Za-z+/=\s]*$/.test(text))
    throw problem('invalid', 'This must be base64', { expression: 'Binary.data' })
  return streamOf([Buffer.from(text, 'base64')])
}

function replacedData(body: string, data: string): string {
  const found = members(body, undefined, ['data']).find(({ key }) => key === 'data')
  return found === undefined ? body : body.slice(0, found.keyStart) + data + body.slice(found.end)
}

/** A Binary as the caller wants it: the resource when a FHIR format is asked for, its bytes otherwise (FHIR R4, Binary). */
export function binaryAnswer(ctx: Context, request: FhirRequest, found: StoredText): FhirAnswer {
  const headers = versionHeaders(found.version, found.updatedMs)
  const asked = new URLSearchParams(request.query).get('_format') ?? rankedTypes(request.accept)[0] ?? ''
  if (request.query.includes('_') || Object.hasOwn(formatByName, asked))
    return whole(ctx, jsonAnswer(200, found.body, headers))
  const parsed = parseJson(found.body, 'A stored resource')
  const { contentType = 'application/octet-stream', data = '' } = isObject(parsed) ? parsed : {}
  const id = outside.exec(found.body)?.[1]
  const bytes = id === undefined ? streamOf([Buffer.from(String(data), 'base64')]) : readContent(ctx.store.database, id)
  // What somebody sent is shown from our own address: it must not run there.
  const safe = { 'content-security-policy': "sandbox; default-src 'none'", 'x-content-type-options': 'nosniff' }
  return { status: 200, headers: { ...headers, ...safe, 'content-type': String(contentType) }, bytes }
}

/** The resource with its data, sent as it is read. */
function whole(ctx: Context, answer: FhirAnswer): FhirAnswer {
  const { body = '', ...rest } = answer
  const named = outside.exec(body)
  const id = named?.[1]
  if (named === null || id === undefined) return answer
  const [head, tail] = [body.slice(0, named.index), body.slice(named.index + named[0].length)]
  async function* text(): AsyncGenerator<Buffer> {
    yield Buffer.from(`${head}"data":"`)
    for await (const part of readContent(ctx.store.database, id ?? '')) yield Buffer.from(part.toString('base64'))
    yield Buffer.from(`"${tail}`)
  }
  return { ...rest, headers: { ...rest.headers, 'content-type': fhirJson }, bytes: text() }
}
