import assert from 'node:assert/strict'
import { makeLog } from '../../src/base/log.ts'
import { sql } from '../../src/base/sql.ts'
import type { Builder } from '../../src/kernel/views/build.ts'
import { type LiveView, readLiveViews } from '../../src/kernel/views/live-views.ts'
import { type RowBatch, runLive, runOnDemand } from '../../src/kernel/views/run-view.ts'
import type { TestStore } from './store.ts'

/** What building views needs, for a test. */
export const builderOf = ({ store, url }: Pick<TestStore, 'store' | 'url'>): Builder => ({
  database: store.database,
  url,
  log: makeLog('fatal'),
  workers: 1,
})

/** Rows and what they were made of, as sorted texts; or why there are none. */
export async function rowsOf(batches: AsyncIterable<RowBatch>): Promise<string[]> {
  const found: string[] = []
  try {
    for await (const { rows, sources } of batches) {
      found.push(...rows.map((row) => JSON.stringify(row)))
      found.push(...sources.map(({ person, id }) => `${person} ${id}`))
    }
  } catch (error) {
    return [error instanceof Error ? error.message : 'failed']
  }
  return [...new Set(found)].sort()
}

/** Every live table has just the rows that a run over everything stored gives, under the same persons. */
export async function assertLive(made: TestStore, what: string): Promise<readonly LiveView[]> {
  const views = await readLiveViews(made.store.database.reading)
  for (const live of views) {
    const visible = sql`true`
    const due = await rowsOf(runOnDemand(made.store.database, live.view, { visible }))
    assert.deepEqual(await rowsOf(runLive(made.store.database, live, { visible })), due, `${live.name}, ${what}`)
  }
  return views
}

interface ObservationParts {
  readonly id: string
  /** Id of the Patient. */
  readonly of: string
  readonly values: readonly number[]
  readonly status: string
}

/** An Observation for views to be made of. */
export const observationBody = ({ id, of, values, status }: ObservationParts) => ({
  resourceType: 'Observation',
  id,
  status,
  code: { text: 'x' },
  subject: { reference: `Patient/${of}` },
  ...(values.length === 0
    ? {}
    : { component: values.map((value) => ({ code: { text: 'c' }, valueQuantity: { value } })) }),
})

/** Who submits, as writes remember it. */
export const submission = {
  requestId: 'r',
  actorKind: 'system',
  actor: 'i',
  actorName: 'i',
  role: 'system',
  organisation: '',
  purpose: 'HOPERAT',
  source: '',
  author: '',
}
