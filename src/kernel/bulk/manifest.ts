import type { Job } from '../jobs/job.ts'
import { jobsPath } from '../jobs/status.ts'
import type { FhirAnswer } from '../rest/exchange.ts'
import type { JobFile } from './export-files.ts'
import type { ExportResult } from './export-job.ts'
import { importFiles } from './import-job.ts'

const resultOf = (value: unknown): ExportResult => value as ExportResult

/** The manifest of a finished export (Bulk Data Access 2.0, Response - Complete Status). */
export function exportManifest(job: Job, base: string): FhirAnswer {
  const { transactionTime, request, output, deleted, error } = resultOf(job.result)
  const listed = (files: readonly JobFile[]) =>
    files.map(({ type, name, count }) => ({ type, url: `${base}/${jobsPath}/${job.id}/${name}`, count }))
  const body = {
    transactionTime,
    request,
    requiresAccessToken: true,
    output: listed(output),
    ...(deleted.length === 0 ? {} : { deleted: listed(deleted) }),
    error: listed(error),
  }
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** Names of the files that a finished job offers. */
export function filesOf(job: Job): readonly string[] {
  if (job.state !== 'done' || job.kind === 'request') return []
  if (job.kind === 'import') return importFiles(job)
  const { output, deleted, error } = resultOf(job.result)
  return [...output, ...deleted, ...error].map(({ name }) => name)
}
