import { isObject } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import { mustGoOn, type RunningJob } from '../jobs/runner.ts'
import { outcomeText } from '../rest/exchange.ts'
import { subsetOf } from '../search/subset.ts'
import type { Connection } from '../store/database.ts'
import { type Lines, type Piece, pieceEnd, readDeleted, readPiece, readRows } from './chunk.ts'
import { appendLines, filesAreWhole, flushFiles, type JobFile } from './export-files.ts'
import type { ExportRequest } from './export-request.ts'
import { type Listed, makeList } from './listing.ts'

/** What is kept of an export between two steps. */
interface Checkpoint {
  readonly transactionTime: string
  readonly position: string
  readonly listed: Listed
  /** Number of the last row that is in the files. */
  readonly last: number
  readonly files: readonly JobFile[]
  readonly deleted: readonly JobFile[]
}

/** What an export made, as its manifest tells it; file names without their address. */
export interface ExportResult {
  readonly transactionTime: string
  readonly request: string
  readonly output: readonly JobFile[]
  readonly deleted: readonly JobFile[]
  readonly error: readonly JobFile[]
}

const requestOf = (value: unknown): ExportRequest => value as ExportRequest
const checkpointOf = (value: unknown): Checkpoint | undefined =>
  isObject(value) ? (value as unknown as Checkpoint) : undefined

/** Does an export: lists it in one snapshot, then writes it piece by piece, each piece once whatever is killed when. */
export async function runExport(running: RunningJob): Promise<ExportResult> {
  const request = requestOf(running.job.request)
  let at = await begin(running, request)
  while (at.last < at.listed.deleted) {
    mustGoOn(running.signal)
    at = await step(running, request, at)
  }
  const error = await remarksFile(running.folder, at.listed.remarks)
  await flushFiles(running.folder, [...at.files, ...at.deleted, ...error])
  const { transactionTime, files, deleted } = at
  return { transactionTime, request: request.url, output: files, deleted, error }
}

async function begin(running: RunningJob, request: ExportRequest): Promise<Checkpoint> {
  const { job, store, folder } = running
  const known = checkpointOf(job.checkpoint)
  if (known !== undefined)
    return (await filesAreWhole(folder, [...known.files, ...known.deleted]))
      ? known
      : { ...known, last: 0, files: [], deleted: [] }
  // Before the snapshot: all that was committed up to this moment is in it.
  const transactionTime = store.clock.now().toString({ smallestUnit: 'millisecond' })
  return store.database.transaction(async (connection) => {
    const listed = await makeList(connection, job.id, job.actor, request)
    const at = { transactionTime, position: listed.position, listed, last: 0, files: [], deleted: [] }
    await running.save(connection, at, `0 of ${listed.deleted} resources`)
    return at
  })
}

/** One piece: read, audited, written to its files, and counted, all or nothing. */
async function step(running: RunningJob, request: ExportRequest, at: Checkpoint): Promise<Checkpoint> {
  const { listed, last } = at
  const { store, job, folder } = running
  return store.database.transaction(async (connection) => {
    const most = last < listed.res ? listed.res : last < listed.shared ? listed.shared : listed.deleted
    const to = await pieceEnd(connection, job.id, last, most)
    const nowMs = store.clock.now().epochMilliseconds
    let { files, deleted } = at
    if (last >= listed.shared) {
      const lines = deletedLines(await readDeleted(connection, job, last, to, nowMs))
      deleted = await appendLines(folder, deleted, lines)
    } else {
      const piece = { part: last < listed.res ? ('res' as const) : ('shared' as const), last, to }
      for (const lines of await linesOf(connection, running, request, piece))
        files = await appendLines(folder, files, lines)
    }
    const next = { ...at, last: to, files, deleted }
    await running.save(connection, next, `${to} of ${listed.deleted} resources`)
    return next
  })
}

async function linesOf(
  connection: Connection,
  { job, store }: RunningJob,
  request: ExportRequest,
  piece: Piece,
): Promise<Lines[]> {
  const nowMs = store.clock.now().epochMilliseconds
  if (Object.keys(request.elements).length === 0) return readPiece(connection, job, piece, nowMs)
  const byType = new Map<string, string[]>()
  for (const { type, body } of await readRows(connection, job, piece, nowMs)) {
    const elements = request.elements[type]
    // Only what every resource of the type must have is kept where none of the named elements exists.
    const line =
      elements === undefined
        ? body
        : subsetOf(type, { summary: 'false', elements: elements.length === 0 ? ['id'] : elements })(body)
    const lines = byType.get(type)
    if (lines === undefined) byType.set(type, [line])
    else lines.push(line)
  }
  return [...byType].map(([type, lines]) => ({ type, count: lines.length, text: `${lines.join('\n')}\n` }))
}

const mostInBundle = 500

/** Deletions come as Bundles of type transaction (Bulk Data Access 2.0, `deleted`). */
function deletedLines(names: readonly string[]): Lines {
  const lines: string[] = []
  for (let from = 0; from < names.length; from += mostInBundle) {
    const entry = names.slice(from, from + mostInBundle).map((url) => ({ request: { method: 'DELETE', url } }))
    lines.push(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }))
  }
  return { type: 'Bundle', count: lines.length, text: `${lines.join('\n')}\n` }
}

async function remarksFile(folder: string, remarks: readonly string[]): Promise<JobFile[]> {
  if (remarks.length === 0) return []
  const lines = remarks.map((message) => outcomeText([{ severity: 'warning', code: 'not-found', message }]))
  const made = await appendLines(folder, [], {
    type: 'OperationOutcome',
    count: lines.length,
    text: `${lines.join('\n')}\n`,
  })
  const [file] = made
  if (file === undefined) throw problem('fault', 'The remarks of an export were not written')
  return [file]
}
