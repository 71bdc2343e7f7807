import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeLog } from '../../src/base/log.ts'
import { sql } from '../../src/base/sql.ts'
import type { JobKind } from '../../src/kernel/jobs/job.ts'
import { type JobHandler, JobRunner } from '../../src/kernel/jobs/runner.ts'
import { respond } from '../../src/kernel/rest/respond.ts'
import { type TestStore, testStore } from './store.ts'

const base = 'http://localhost/fhir/R4'

/** A store with a folder for jobs, and somebody who does them when told to. */
export interface JobStore extends TestStore {
  send(method: string, path: string, body?: string, more?: object): Promise<Sent>
  /** Asks for a job; answers its path. */
  ask(method: string, path: string, body?: string, more?: object): Promise<string>
  /** Does all jobs that wait. */
  work(handlers: Partial<Record<JobKind, JobHandler>>): Promise<void>
}

export interface Sent {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export async function jobStore(): Promise<JobStore> {
  const home = mkdtempSync(join(tmpdir(), 'linchpin-jobs-'))
  const at = await testStore(home)
  const send: JobStore['send'] = async (method, path, body = '', more = {}) => {
    const [where = '', query = ''] = path.replace(`${base}/`, '').split('?')
    const ctx = at.contextOf({ kind: 'system', id: 'test', name: 'Test system' })
    const answer = await respond(ctx, method, where, { base, query, body, ...more })
    let text = answer.body ?? ''
    for await (const block of answer.bytes ?? []) text += Buffer.from(block).toString('utf8')
    return { status: answer.status, headers: answer.headers, text }
  }
  return {
    ...at,
    send,
    async ask(method, path, body = '', more = {}) {
      const asked = await send(method, path, body, { prefer: 'respond-async', ...more })
      if (asked.status !== 202) throw new Error(`No job: ${asked.status} ${asked.text}`)
      return (asked.headers['content-location'] ?? '').replace(`${base}/`, '')
    },
    async work(handlers) {
      const none: JobHandler = () => Promise.reject(new Error('Nobody does this'))
      const all = { export: none, import: none, request: none, ...handlers }
      const runner = new JobRunner(at.store, makeLog('fatal'), all, { atOnce: 1, keepMs: 60_000 })
      runner.start()
      for (;;) {
        const [row] = await at.store.database.read(
          sql`select count(*)::int4 as n from job where state in ('queued', 'running')`,
        )
        if (row?.['n'] === 0) break
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await runner.stop()
    },
    async close() {
      await at.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
