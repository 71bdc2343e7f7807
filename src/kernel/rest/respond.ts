import { Problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { jobInteraction } from '../jobs/interaction.ts'
import { jobsPath } from '../jobs/status.ts'
import { allowedMethods } from './allowed.ts'
import { type FhirAnswer, type FhirRequest, fhirJson, problemAnswer } from './exchange.ts'
import { notAcceptable, type Wanted, wantedFormat } from './format.ts'
import { interact } from './interact.ts'

/** Answers one FHIR request whatever becomes of it, in the format the caller asked for. */
export async function respond(ctx: Context, method: string, path: string, request: FhirRequest): Promise<FhirAnswer> {
  const wanted = wantedFormat(request.query, request.accept)
  const answer = await carryOut(ctx, method, path, request, wanted).catch((error: unknown) => failed(ctx, error))
  const allow = answer.status === 405 ? { allow: allowedMethods(path).join(', ') } : {}
  return written({ ...answer, headers: { ...answer.headers, ...allow } }, wanted)
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
  return interact(ctx, method, path, request)
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
  if (wanted?.pretty !== true) return answer
  return { ...answer, body: indented(answer.body) }
}

/** JSON for people: what stands between values changes, and no value does. */
function indented(text: string): string {
  const rawJson: unknown = Reflect.get(JSON, 'rawJSON')
  if (typeof rawJson !== 'function') return text
  const parsed: unknown = JSON.parse(text, (_, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? rawJson(context?.source ?? String(value)) : value,
  )
  return `${JSON.stringify(parsed, null, 2)}\n`
}
