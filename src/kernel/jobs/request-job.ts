import { createReadStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { compactJson, isObject } from '../../base/json.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { batch } from '../rest/batch.ts'
import { type BundleEntry, bundleParts } from '../rest/bundle-entries.ts'
import { type FhirAnswer, type FhirRequest, problemAnswer } from '../rest/exchange.ts'
import { interact } from '../rest/interact.ts'
import { text } from '../store/current.ts'
import type { DeferredRequest } from './respond-async.ts'
import { mustGoOn, type RunningJob } from './runner.ts'

/** File in which the answer to a deferred request lies. */
const answerFile = 'answer.json'

interface Checkpoint {
  /** Entries of a batch that are answered, or 1 once a single request has begun. */
  readonly done: number
  /** Bytes of the answer that are written. */
  readonly bytes: number
}

const deferredOf = (value: unknown): DeferredRequest => value as DeferredRequest
const checkpointOf = (value: unknown): Checkpoint | undefined =>
  isObject(value) ? { done: Number(value['done']), bytes: Number(value['bytes']) } : undefined

/**
 * Carries out a deferred request. After an interruption nothing is written a second time: each step has a request id of
 * its own, and the audit, which is committed with a write, tells whether the step was carried out.
 */
export async function runRequest(running: RunningJob): Promise<Record<string, never>> {
  const asked = deferredOf(running.job.request)
  const request: FhirRequest = { ...asked.request, body: running.job.body }
  const entries = batchEntries(asked, request)
  await mkdir(running.folder, { recursive: true, mode: 0o700 })
  if (entries === undefined) await single(running, asked, request)
  else await entryByEntry(running, request, entries)
  return {}
}

/** The entries of a batch; undefined for any other request, also one that is none at all. */
function batchEntries({ method, path }: DeferredRequest, { body }: FhirRequest): readonly BundleEntry[] | undefined {
  if (method !== 'POST' || path !== '') return undefined
  try {
    const { type, entries } = bundleParts(compactJson(body).text)
    return type === 'batch' ? entries : undefined
  } catch {
    return undefined
  }
}

const contextOf = ({ job, store, log }: RunningJob, step: string): Context => ({
  actor: job.actor,
  purpose: job.purpose,
  requestId: `${job.id}${step}`,
  store,
  clock: store.clock,
  log,
})

const open200 = '{"resourceType":"Bundle","type":"batch-response","entry":[{"resource":'

async function single(running: RunningJob, { method, path }: DeferredRequest, request: FhirRequest): Promise<void> {
  const { store, job } = running
  const ctx = contextOf(running, '')
  const before = checkpointOf(job.checkpoint) === undefined ? undefined : await carriedOut(ctx)
  await running.save(store.database.reading, { done: 1, bytes: 0 }, 'under way')
  const answer = before ?? (await interact(ctx, method, path, request).catch((error: unknown) => told(ctx, error)))
  const response = JSON.stringify(responseOf(answer))
  const content = answer.bytes === undefined ? (answer.body ?? '') : await allOf(answer.bytes)
  const resource = content === '' ? '' : `"${answer.status >= 400 ? 'outcome' : 'resource'}":${content}`
  const entry =
    answer.status >= 400
      ? `{"response":${response.slice(0, -1)}${resource === '' ? '' : `,${resource}`}}}`
      : `{${resource === '' ? '' : `${resource},`}"response":${response}}`
  await write(running, 0, `{"resourceType":"Bundle","type":"batch-response","entry":[${entry}]}`)
}

const responseOf = ({ status, headers }: FhirAnswer) => ({
  status: String(status),
  ...(headers['location'] === undefined ? {} : { location: headers['location'] }),
  ...(headers['etag'] === undefined ? {} : { etag: headers['etag'] }),
})

async function allOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const blocks: Uint8Array[] = []
  for await (const block of bytes) blocks.push(block)
  return Buffer.concat(blocks).toString('utf8')
}

/** The batch-response is the one resource of the answer; its entries are written as they are carried out. */
async function entryByEntry(running: RunningJob, request: FhirRequest, entries: readonly BundleEntry[]): Promise<void> {
  const { store, job } = running
  const known = checkpointOf(job.checkpoint)
  const head = `${open200}{"resourceType":"Bundle","type":"batch-response"${entries.length === 0 ? '' : ',"entry":['}`
  let at = known ?? { done: 0, bytes: await write(running, 0, head) }
  for (let index = at.done; index < entries.length; index += 1) {
    mustGoOn(running.signal)
    const entry = entries[index]
    if (entry === undefined) break
    const ctx = contextOf(running, `#${index}`)
    const before = known !== undefined && index === known.done ? await carriedOut(ctx) : undefined
    const line =
      before === undefined ? await answerOf(ctx, request, entry) : `{"response":${JSON.stringify(responseOf(before))}}`
    const bytes = at.bytes + (await write(running, at.bytes, `${index === 0 ? '' : ','}${line}`))
    at = { done: index + 1, bytes }
    await running.save(store.database.reading, at, `${at.done} of ${entries.length} entries`)
  }
  await write(running, at.bytes, `${entries.length === 0 ? '' : ']'}},"response":{"status":"200"}}]}`)
}

const entryOpens = '"entry":['

async function answerOf(ctx: Context, request: FhirRequest, entry: BundleEntry): Promise<string> {
  const { body = '' } = await batch(ctx, request, [{ ...entry, index: 0 }], interact)
  return body.slice(body.indexOf(entryOpens) + entryOpens.length, -2)
}

/** What a step wrote before the interruption, if it did: the audit was committed with it. */
async function carriedOut(ctx: Context): Promise<FhirAnswer | undefined> {
  const rows = await ctx.store.database.read(
    sql`select unnest(ids) as name from audit where request = ${ctx.requestId} and action in ('create', 'update', 'delete') order by seq`,
  )
  if (rows.length === 0) return undefined
  const entry = rows.map((row) => ({ response: { status: '200', location: text(row, 'name') } }))
  const only = rows.length === 1 ? { location: text(rows[0] ?? {}, 'name') } : {}
  return {
    status: 200,
    headers: only,
    body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry }),
  }
}

function told(ctx: Context, error: unknown): FhirAnswer {
  const answer = problemAnswer(error)
  if (answer.status >= 500)
    ctx.log.error(
      { requestId: ctx.requestId, error: error instanceof Error ? error.stack : 'unknown' },
      'A request failed',
    )
  return answer
}

/** Writes at a place in the answer; answers how many bytes. Repeating a step overwrites what it wrote. */
async function write(running: RunningJob, at: number, part: string): Promise<number> {
  const path = join(running.folder, answerFile)
  const handle = await open(path, at === 0 ? 'w' : 'r+', 0o600)
  try {
    const bytes = Buffer.from(part, 'utf8')
    await handle.truncate(at)
    let written = 0
    while (written < bytes.length)
      written += (await handle.write(bytes, written, bytes.length - written, at + written)).bytesWritten
    return bytes.length
  } finally {
    await handle.close()
  }
}

/** The answer to a deferred request: a Bundle with what would have been answered at once. */
export function requestAnswer(folder: string): FhirAnswer {
  const bytes = createReadStream(join(folder, answerFile), { highWaterMark: 1 << 18 })
  return {
    status: 200,
    headers: { 'content-type': 'application/fhir+json; charset=utf-8', 'cache-control': 'no-store' },
    bytes,
  }
}
