import { isObject } from '../../base/json.ts'
import type { Context } from '../access/context.ts'
import { type FhirAnswer, httpDate, jsonAnswer, outcomeText } from '../rest/exchange.ts'
import type { Job } from './job.ts'
import type { JobFailure } from './runner.ts'

/** What follows the base in the address of a job. */
export const jobsPath = '_jobs'

const pollSeconds = 1

/** The answer to whoever asked for a job: where to look. */
export const accepted = (base: string, id: string): FhirAnswer => ({
  status: 202,
  headers: { 'content-location': `${base}/${jobsPath}/${id}`, 'retry-after': String(pollSeconds) },
})

/** How a finished job of each kind answers. */
export type JobAnswer = (job: Job, base: string) => FhirAnswer | Promise<FhirAnswer>

/** `GET` of a job's address: how far it is, what became of it, or what was wrong. */
export async function jobStatus(
  ctx: Context,
  base: string,
  id: string,
  answers: Readonly<Record<Job['kind'], JobAnswer>>,
): Promise<FhirAnswer> {
  const job = await ctx.store.jobs.find(id, ctx.actor)
  switch (job.state) {
    case 'queued':
    case 'running':
      return { status: 202, headers: { 'x-progress': job.progress.slice(0, 100), 'retry-after': String(pollSeconds) } }
    case 'failed': {
      const { status, issues } = failureOf(job.result)
      return jsonAnswer(status, outcomeText(issues))
    }
    case 'done': {
      const answer = await answers[job.kind](job, base)
      return { ...answer, headers: { ...answer.headers, expires: httpDate(job.expiresMs) } }
    }
  }
}

const failureOf = (value: unknown): JobFailure =>
  isObject(value) && Array.isArray(value['issues'])
    ? (value as unknown as JobFailure)
    : { status: 500, issues: [{ severity: 'error', code: 'exception', message: 'The job has ended without a result' }] }

/** `DELETE` of a job's address: it ends, and its files go. */
export async function removeJob(ctx: Context, id: string): Promise<FhirAnswer> {
  await ctx.store.jobs.remove(id, ctx.actor)
  return { status: 202, headers: {} }
}
