import type { Context } from '../access/context.ts'
import { instantText } from '../store/draft.ts'
import { bundleAnswer } from './bundle-answer.ts'
import type { BundleEntry } from './bundle-entries.ts'
import { type FhirAnswer, type FhirRequest, problemAnswer } from './exchange.ts'
import { jsonPatchType, patchInEntry } from './patch.ts'

export type Interact = (ctx: Context, method: string, path: string, request: FhirRequest) => Promise<FhirAnswer>

/** Entries of a batch that run at once. */
const atOnce = 32

/** FHIR batch: every entry by itself, each with its own outcome, answered in the order sent. */
export async function batch(
  ctx: Context,
  request: FhirRequest,
  entries: readonly BundleEntry[],
  interact: Interact,
): Promise<FhirAnswer> {
  const answers: string[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < entries.length) {
      const entry = entries[next]
      next += 1
      if (entry !== undefined) answers[entry.index] = await byItself(ctx, request, interact, entry)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, entries.length) }, work))
  return bundleAnswer('batch-response', answers)
}

/** Carries out one entry as if it had come alone, and answers its entry in the response Bundle. */
export async function byItself(
  ctx: Context,
  request: FhirRequest,
  interact: Interact,
  entry: BundleEntry,
): Promise<string> {
  const answer = await carryOut(ctx, request, interact, entry).catch(problemAnswer)
  const { location, etag, 'last-modified': modified } = answer.headers
  const lastModified = modified === undefined ? undefined : instantOf(modified)
  const response = { status: String(answer.status), location, etag, lastModified }
  const body = entry.method === 'HEAD' ? '' : (answer.body ?? '')
  if (answer.status >= 400) return `{"response":{"status":"${answer.status}","outcome":${answer.body ?? '{}'}}}`
  return `{${body === '' ? '' : `"resource":${body},`}"response":${JSON.stringify(response)}}`
}

async function carryOut(
  ctx: Context,
  request: FhirRequest,
  interact: Interact,
  entry: BundleEntry,
): Promise<FhirAnswer> {
  const [path = '', query = ''] = entry.url.split(/\?(.*)/s)
  const { prefer } = request
  const conditions = {
    ...(prefer === undefined ? {} : { prefer }),
    ...(entry.ifMatch === undefined ? {} : { ifMatch: entry.ifMatch }),
    ...(entry.ifNoneMatch === undefined ? {} : { ifNoneMatch: entry.ifNoneMatch }),
    ...(entry.ifModifiedSince === undefined ? {} : { ifModifiedSince: entry.ifModifiedSince }),
    ...(entry.ifNoneExist === undefined ? {} : { ifNoneExist: entry.ifNoneExist }),
  }
  const asked: FhirRequest = { base: request.base, query, ...bodyOf(entry), ...conditions }
  const at = path.replace(/^\//, '')
  // An entry without a path that writes would be a Bundle inside the Bundle.
  const method = entry.method === 'HEAD' ? 'GET' : entry.method
  return interact(ctx, method, at === '' && method !== 'GET' ? '-' : at, asked)
}

/** A patch comes in a resource; alone it would have been sent as it is. */
function bodyOf(entry: BundleEntry): Pick<FhirRequest, 'body' | 'contentType'> {
  if (entry.method !== 'PATCH') return { body: entry.resource }
  const { kind, content } = patchInEntry(entry.resource)
  return { body: JSON.stringify(content), ...(kind === 'json' ? { contentType: jsonPatchType } : {}) }
}

/** An HTTP date as a FHIR instant. */
const instantOf = (httpDate: string): string => instantText(Date.parse(httpDate))
