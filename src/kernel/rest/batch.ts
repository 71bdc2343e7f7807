import type { Context } from '../access/context.ts'
import { bundleAnswer } from './bundle-answer.ts'
import type { BundleEntry } from './bundle-entries.ts'
import { type FhirAnswer, type FhirRequest, problemAnswer } from './exchange.ts'

type Interact = (ctx: Context, method: string, path: string, request: FhirRequest) => Promise<FhirAnswer>

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
      if (entry !== undefined) answers[entry.index] = await one(ctx, request, interact, entry)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, entries.length) }, work))
  return bundleAnswer('batch-response', answers)
}

async function one(ctx: Context, request: FhirRequest, interact: Interact, entry: BundleEntry): Promise<string> {
  const [path = '', query = ''] = entry.url.split('?')
  const asked: FhirRequest = {
    base: request.base,
    query,
    body: entry.resource,
    ...(request.prefer === undefined ? {} : { prefer: request.prefer }),
    ...(entry.ifMatch === undefined ? {} : { ifMatch: entry.ifMatch }),
    ...(entry.ifNoneMatch === undefined ? {} : { ifNoneMatch: entry.ifNoneMatch }),
    ...(entry.ifNoneExist === undefined ? {} : { ifNoneExist: entry.ifNoneExist }),
  }
  // An entry without a path would be a Bundle inside the Bundle.
  const answer = await interact(ctx, entry.method, path === '' ? '-' : path, asked).catch(problemAnswer)
  const { location, etag } = answer.headers
  const response = { status: String(answer.status), location, etag, lastModified: undefined }
  const body = answer.body ?? ''
  if (answer.status >= 400) return `{"response":{"status":"${answer.status}","outcome":${body}}}`
  return `{${body === '' ? '' : `"resource":${body},`}"response":${JSON.stringify(response)}}`
}
