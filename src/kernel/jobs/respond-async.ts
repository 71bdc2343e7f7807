import type { Context } from '../access/context.ts'
import type { FhirAnswer, FhirRequest } from '../rest/exchange.ts'
import { accepted } from './status.ts'

/** A request that is carried out after its answer, as it is kept with the job. */
export interface DeferredRequest {
  readonly method: string
  readonly path: string
  /** All of the request but its body. */
  readonly request: Omit<FhirRequest, 'body' | 'bytes'>
}

/** Operations that are jobs by their nature, and see to it themselves. */
const jobsThemselves = /(?:^|\/)\$(?:export|import)$/

/**
 * Puts a request aside when its caller asks for that (`Prefer: respond-async`, FHIR R4 http, asynchronous use), and tells
 * where to look for the answer. Undefined when it is to be answered at once.
 */
export async function deferred(
  ctx: Context,
  method: string,
  path: string,
  { body, bytes, ...request }: FhirRequest,
): Promise<FhirAnswer | undefined> {
  if (!/\brespond-async\b/.test(request.prefer ?? '')) return undefined
  // What a Binary is made of is read as it comes, once.
  if (jobsThemselves.test(path) || path === 'metadata' || bytes !== undefined) return undefined
  const asked: DeferredRequest = { method, path, request }
  return accepted(request.base, await ctx.store.jobs.enqueue(ctx, { kind: 'request', request: asked, body }))
}
