import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isObject } from '../../base/json.ts'
import { Problem, problem } from '../../base/problem.ts'
import { submissionOf } from '../access/submission.ts'
import type { Account } from '../ingest/account.ts'
import { ingest } from '../ingest/ingest.ts'
import type { Job } from '../jobs/job.ts'
import { JobLost } from '../jobs/queue.ts'
import { mustGoOn, type RunningJob } from '../jobs/runner.ts'
import { jobsPath } from '../jobs/status.ts'
import { discard, outbound } from '../outbound/request.ts'
import { type FhirAnswer, outcomeText } from '../rest/exchange.ts'
import type { JobFile } from './export-files.ts'
import type { ImportRequest } from './import-request.ts'

export interface ImportSettings {
  /** Database that the workers of an import open. */
  readonly url: string
  readonly workers: number
  /** Hosts that may be fetched from although they are private. */
  readonly allowed: readonly string[]
  /** Largest file that is fetched. */
  readonly mostBytes: number
}

/** What became of one file: every resource of it is in one of the counts. */
interface Input {
  readonly url: string
  readonly type: string
  readonly found: number
  readonly stored: number
  readonly unchanged: number
  readonly refused: number
  readonly quarantined: number
  readonly forReview: number
  readonly waiting: number
  readonly error?: JobFile
}

interface Result {
  readonly transactionTime: string
  readonly request: string
  readonly inputs: readonly Input[]
}

const fetchMs = 60_000
const saveMs = 2_000
const uploadName = 'the body of the request'

const requestOf = (value: unknown): ImportRequest => value as ImportRequest
const inputsOf = (value: unknown): readonly Input[] =>
  isObject(value) && Array.isArray(value['inputs']) ? (value['inputs'] as readonly Input[]) : []

/** Does imports: file by file, each accounted for. A file that was cut off is read again, which changes nothing that is stored. */
export const importer =
  (settings: ImportSettings) =>
  async (running: RunningJob): Promise<Result> => {
    const request = requestOf(running.job.request)
    const transactionTime = running.store.clock.now().toString({ smallestUnit: 'millisecond' })
    const all = request.uploaded ? [{ url: uploadName, type: '' }] : request.inputs
    let inputs = inputsOf(running.job.checkpoint)
    await mkdir(running.folder, { recursive: true, mode: 0o700 })
    for (const [index, input] of all.entries()) {
      if (index < inputs.length) continue
      mustGoOn(running.signal)
      inputs = [...inputs, await importOne(running, settings, input, { index, inputs, of: all.length })]
      await running.save(running.store.database.reading, { inputs }, `${inputs.length} of ${all.length} files`)
    }
    return { transactionTime, request: request.url, inputs }
  }

interface Place {
  readonly index: number
  readonly inputs: readonly Input[]
  readonly of: number
}

async function importOne(
  running: RunningJob,
  settings: ImportSettings,
  input: ImportRequest['inputs'][number],
  place: Place,
): Promise<Input> {
  const path = join(running.folder, `input-${place.index}.ndjson${/\.gz($|\?)/.test(input.url) ? '.gz' : ''}`)
  try {
    if (input.url === uploadName) await writeFile(path, running.job.body, { mode: 0o600 })
    else await fetchTo(path, input.url, settings, running.signal)
  } catch (error) {
    if (running.signal.aborted) throw new JobLost()
    if (!(error instanceof Problem)) throw error
    // One file that cannot be fetched is told of, and stops no other.
    return { ...input, ...nothing, error: await errorFile(running.folder, place.index, [error.message]) }
  }
  const account = await ingestFile(running, settings, path, place)
  await rm(path, { force: true })
  const faults = account.exceptions.map(({ kind, place: where, why }) => `${kind}: ${where}: ${why}`)
  const listed = account.exceptions.length
  const more = account.refused + account.quarantined + account.reviews - listed
  const lines = more > 0 ? [...faults, `and ${more} more that are not listed`] : faults
  const { found, stored, unchanged, refused, quarantined, reviews, waiting } = account
  const counts = { found, stored, unchanged, refused, quarantined, forReview: reviews, waiting }
  const error = lines.length === 0 ? {} : { error: await errorFile(running.folder, place.index, lines) }
  return { ...input, ...counts, ...error }
}

const nothing = { found: 0, stored: 0, unchanged: 0, refused: 0, quarantined: 0, forReview: 0, waiting: 0 }

async function ingestFile(
  running: RunningJob,
  settings: ImportSettings,
  path: string,
  { index, inputs, of }: Place,
): Promise<Account> {
  const { store, job, signal } = running
  let progress = ''
  const saving = setInterval(() => {
    // Telling how far it is may fail; what counts is told at the end of the file.
    running
      .save(store.database.reading, { inputs }, progress || `reading file ${index + 1} of ${of}`)
      .catch(() => undefined)
  }, saveMs)
  const ended = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new JobLost())))
  try {
    const working = ingest(store.database, {
      url: settings.url,
      paths: [path],
      submission: submissionOf(job),
      workers: settings.workers,
      report: (done, total) => {
        progress = `file ${index + 1} of ${of}: ${done}${total === undefined ? '' : ` of about ${total}`} resources`
      },
    })
    const { account } = await Promise.race([working, ended])
    store.feed.nudge()
    return account
  } finally {
    clearInterval(saving)
  }
}

async function fetchTo(path: string, url: string, settings: ImportSettings, signal: AbortSignal): Promise<void> {
  const { allowed, mostBytes } = settings
  const headers = { accept: 'application/fhir+ndjson, application/ndjson' }
  const answer = await outbound({ url, method: 'GET', headers, timeoutMs: fetchMs, allowed }, signal)
  if (answer.statusCode !== 200) {
    discard(answer)
    throw problem('unavailable', `${url} answered ${answer.statusCode ?? 0}`)
  }
  answer.setTimeout(fetchMs, () => answer.destroy(new Error('nothing came for a minute')))
  let bytes = 0
  const limit = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      done(bytes > mostBytes ? new Error(`it is larger than ${mostBytes} bytes`) : null, chunk)
    },
  })
  try {
    await pipeline(answer, limit, createWriteStream(`${path}.part`, { mode: 0o600 }), { signal })
    await rename(`${path}.part`, path)
  } catch (cause) {
    throw problem('unavailable', `${url} cannot be fetched: ${cause instanceof Error ? cause.message : 'unknown'}`, {
      cause,
    })
  }
}

async function errorFile(folder: string, index: number, messages: readonly string[]): Promise<JobFile> {
  const lines = messages.map((message) => outcomeText([{ severity: 'error', code: 'processing', message }]))
  const text = `${lines.join('\n')}\n`
  const name = `error-${index}.ndjson`
  await writeFile(join(folder, name), text, { mode: 0o600 })
  return { name, type: 'OperationOutcome', count: lines.length, bytes: Buffer.byteLength(text) }
}

const countsOf = ({ found, stored, unchanged, refused, quarantined, forReview, waiting }: Input) => ({
  found,
  stored,
  unchanged,
  refused,
  quarantined,
  forReview,
  waiting,
})

const resultOf = (value: unknown): Result => value as Result

/** The answer of a finished import: what became of each file, and where its errors are. */
export function importManifest(job: Job, base: string): FhirAnswer {
  const { transactionTime, request, inputs } = resultOf(job.result)
  const output = inputs.map((input) => ({
    ...countsOf(input),
    type: input.type,
    inputUrl: input.url,
    count: input.found,
  }))
  const error = inputs.flatMap(({ url, error: file }) =>
    file === undefined
      ? []
      : [{ type: file.type, inputUrl: url, count: file.count, url: `${base}/${jobsPath}/${job.id}/${file.name}` }],
  )
  const body = { transactionTime, request, requiresAccessToken: true, output, error }
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** Names of the error files of an import. */
export const importFiles = (job: Job): readonly string[] =>
  resultOf(job.result).inputs.flatMap(({ error }) => (error === undefined ? [] : [error.name]))
