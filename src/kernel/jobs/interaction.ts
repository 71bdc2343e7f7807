import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { importManifest } from '../bulk/import-job.ts'
import { exportManifest, filesOf } from '../bulk/manifest.ts'
import type { FhirAnswer, FhirRequest } from '../rest/exchange.ts'
import type { JobKind } from './job.ts'
import { requestAnswer } from './request-job.ts'
import { type JobAnswer, jobStatus, removeJob } from './status.ts'

const answersOf = ({ store }: Context): Readonly<Record<JobKind, JobAnswer>> => ({
  export: exportManifest,
  import: importManifest,
  request: (job) => requestAnswer(store.jobs.folder(job.id)),
})

/** What can be done at the address of a job: ask how far it is, end it, fetch a file. Only whoever asked for it may. */
export async function jobInteraction(
  ctx: Context,
  method: string,
  { base }: FhirRequest,
  [id = '', file = '', ...more]: readonly string[],
): Promise<FhirAnswer> {
  if (id === '' || more.length > 0) throw problem('not-found', 'There is no such job')
  if (method === 'GET') return file === '' ? jobStatus(ctx, base, id, answersOf(ctx)) : download(ctx, id, file)
  if (method === 'DELETE' && file === '') return removeJob(ctx, id)
  throw problem('invalid', 'A job is asked after by GET and ended by DELETE', { status: 405 })
}

/** A file of a job, streamed. The names that a job offers are known: no other leads anywhere. */
async function download(ctx: Context, id: string, name: string): Promise<FhirAnswer> {
  const job = await ctx.store.jobs.find(id, ctx.actor)
  if (!filesOf(job).includes(name)) throw problem('not-found', 'The job has no such file')
  const bytes = createReadStream(join(ctx.store.jobs.folder(job.id), name), { highWaterMark: 1 << 18 })
  return { status: 200, headers: { 'content-type': 'application/fhir+ndjson', 'cache-control': 'no-store' }, bytes }
}
