import { parseExact } from '../../base/exact-json.ts'
import { Problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { jsonOf } from '../fhir/xml/read-xml.ts'
import { xmlOf } from '../fhir/xml/write-xml.ts'
import { jobInteraction } from '../jobs/interaction.ts'
import { deferred } from '../jobs/respond-async.ts'
import { jobsPath } from '../jobs/status.ts'
import { allowedMethods } from './allowed.ts'
import { type FhirAnswer, type FhirRequest, fhirJson, problemAnswer } from './exchange.ts'
import { formatByName, notAcceptable, type Wanted, wantedFormat } from './format.ts'
import { interact } from './interact.ts'

/** Answers one FHIR request whatever becomes of it, in the format the caller asked for. */
export async function respond(ctx: Context, method: string, path: string, request: FhirRequest): Promise<FhirAnswer> {
  const wanted = wantedFormat(request.query, request.accept)
  const answer = await carryOut(ctx, method, path, request, wanted).catch((error: unknown) => failed(ctx, error))
  const allow = answer.status === 405 ? { allow: allowedMethods(path).join(', ') } : {}
  return written({ ...(await collected(answer, wanted)), headers: { ...answer.headers, ...allow } }, wanted)
}

/** A resource that is sent as it is read is JSON: for another form of it all of it is needed. */
async function collected(answer: FhirAnswer, wanted: Wanted | undefined): Promise<FhirAnswer> {
  const { bytes, ...rest } = answer
  const asIs = bytes === undefined || answer.headers['content-type'] !== fhirJson
  if (asIs || wanted === undefined || (wanted.format === 'json' && !wanted.pretty)) return answer
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return { ...rest, body: Buffer.concat(parts).toString('utf8') }
}

/** Bytes of a Binary and the files of an operation have formats of their own, which the interaction sees to. */
const ownFormat = (path: string): boolean =>
  path.startsWith('Binary/') || path.startsWith(jobsPath) || path.includes('$')

async function carryOut(
  ctx: Context,
  method: string,
  path: string,
  request: FhirRequest,
  wanted: Wanted | undefined,
): Promise<FhirAnswer> {
  if (wanted === undefined && !ownFormat(path)) throw notAcceptable()
  const [first, ...rest] = path.split('/')
  if (first === jobsPath) return jobInteraction(ctx, method, request, rest)
  const plain = inJson(request)
  return (await deferred(ctx, method, path, plain)) ?? interact(ctx, method, path, plain)
}

const fhirXml = 'application/fhir+xml; charset=utf-8'

/** Interactions know JSON alone: what came as XML is made into it. */
function inJson(request: FhirRequest): FhirRequest {
  const { contentType = '', body } = request
  if (body === '' || !Object.hasOwn(formatByName, contentType) || formatByName[contentType] !== 'xml') return request
  return { ...request, body: jsonOf(body), contentType: 'application/fhir+json' }
}

/** A problem as an answer; a fault is told to the log, whole, and to nobody else. */
export function failed(ctx: Pick<Context, 'log' | 'requestId'>, error: unknown): FhirAnswer {
  if (!(error instanceof Problem) || error.kind === 'fault')
    ctx.log.error(
      { requestId: ctx.requestId, error: error instanceof Error ? error.stack : 'unknown' },
      'A FHIR request failed',
    )
  return problemAnswer(error)
}

/** The answer in the wanted format. */
export function written(answer: FhirAnswer, wanted: Wanted | undefined): FhirAnswer {
  if (answer.body === undefined || answer.body === '' || answer.headers['content-type'] !== fhirJson) return answer
  if (wanted?.format === 'xml')
    return {
      ...answer,
      headers: { ...answer.headers, 'content-type': fhirXml },
      body: xmlOf(answer.body, wanted.pretty),
    }
  return wanted?.pretty === true ? { ...answer, body: indented(answer.body) } : answer
}

/** JSON for people: what stands between values changes, and no value does. */
const indented = (text: string): string => `${JSON.stringify(parseExact(text, 'An answer'), null, 2)}\n`
