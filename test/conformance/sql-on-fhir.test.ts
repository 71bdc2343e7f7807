import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeLog } from '../../src/base/log.ts'
import { packageRoot } from '../../src/base/root.ts'
import { sql } from '../../src/base/sql.ts'
import type { Builder } from '../../src/kernel/views/build.ts'
import { type CompiledView, compileView } from '../../src/kernel/views/compile-view.ts'
import { bringUp } from '../../src/kernel/views/keeper.ts'
import { readLiveViews } from '../../src/kernel/views/live-views.ts'
import { rebuildView } from '../../src/kernel/views/registry.ts'
import { type RowBatch, runLive, runOnDemand } from '../../src/kernel/views/run-view.ts'
import { type TestStore, testStore } from '../support/store.ts'

// The official SQL on FHIR tests, each three ways: on demand, from a table kept live, and from that table built anew.

const folder = join(packageRoot, '../shared/conformance/sql-on-fhir')

interface OfficialTest {
  readonly title: string
  readonly view: Record<string, unknown>
  readonly expect?: readonly Record<string, unknown>[]
  readonly expectColumns?: readonly string[]
  readonly expectError?: boolean
}

interface OfficialFile {
  readonly resources: readonly Record<string, unknown>[]
  readonly tests: readonly OfficialTest[]
}

if (existsSync(folder))
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.json') && !each.includes('schema')))
    test(`SQL on FHIR ${name}: on demand, live and rebuilt, all as expected`, () => runFile(name))
else test('the official SQL on FHIR tests', { skip: `${folder} is not there` }, () => undefined)

async function runFile(name: string): Promise<void> {
  const { resources, tests }: OfficialFile = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const made = await testStore()
  const { store, url } = made
  try {
    const builder: Builder = { database: store.database, url, log: makeLog('error'), workers: 2 }
    const views = tests.map((each, index) => compiled({ ...each.view, name: `t${index}` }))
    const declared = views.flatMap((view, index) =>
      view === undefined ? [] : [{ definition: { ...tests[index]?.view, name: `t${index}` } }],
    )
    // Half of the resources are there when the tables are made, and half come later.
    const put = (from: readonly Record<string, unknown>[]) => load(made, from)
    const half = Math.ceil(resources.length / 2)
    await put(resources.slice(0, half))
    await bringUp(builder, declared)
    await put(resources.slice(half))
    const live = await readLiveViews(store.database.reading)
    for (const [index, official] of tests.entries()) {
      const view = views[index]
      const at = live.find((each) => each.name === `t${index}`)
      const rows =
        view === undefined ? 'refused' : await outcome(view, runOnDemand(store.database, view, { visible: sql`true` }))
      check(`${name}: ${official.title}, on demand`, official, view, rows)
      if (at !== undefined)
        assert.deepEqual(
          await outcome(at.view, runLive(store.database, at, { visible: sql`true` })),
          rows,
          `${official.title}, live`,
        )
    }
    for (const each of live) await rebuildView(store.database, each)
    await bringUp(builder, declared)
    for (const each of await readLiveViews(store.database.reading)) {
      const before = live.find((old) => old.name === each.name)
      assert.notEqual(before?.id, each.id, 'the table was made anew')
      const official = tests[Number(each.name.slice(1))]
      if (official !== undefined)
        check(
          `${name}: ${official.title}, rebuilt`,
          official,
          each.view,
          await outcome(each.view, runLive(store.database, each, { visible: sql`true` })),
        )
    }
  } finally {
    await made.close()
  }
}

async function load(made: TestStore, resources: readonly Record<string, unknown>[]): Promise<void> {
  for (const each of resources) {
    // Some of the official resources leave out what R4 requires: they are made whole where no view looks.
    const whole = { ...required[String(each['resourceType'])], ...each }
    const answer = await made.fhir(
      'PUT',
      `${String(each['resourceType'])}/${String(each['id'])}`,
      JSON.stringify(whole),
    )
    assert.ok(answer.status < 300, answer.text)
  }
}

const required: Readonly<Record<string, object>> = {
  Observation: { status: 'final', code: { text: 'code' } },
  ClaimResponse: { status: 'active', type: { text: 'x' }, use: 'claim', created: '2020-01-01', outcome: 'complete' },
}

function compiled(definition: Record<string, unknown>): CompiledView | undefined {
  try {
    return compileView(definition)
  } catch {
    return undefined
  }
}

async function outcome(view: CompiledView, batches: AsyncIterable<RowBatch>): Promise<'refused' | string[]> {
  const rows: string[] = []
  try {
    for await (const batch of batches)
      for (const row of batch.rows)
        rows.push(canonical(Object.fromEntries(view.columns.map((each, index) => [each.name, row[index]]))))
  } catch {
    return 'refused'
  }
  return rows.sort()
}

/** Rows are compared without their order; a column that is not there is null. */
const canonical = (row: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(row)
        .filter(([, value]) => value !== null && value !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  )

function check(
  title: string,
  official: OfficialTest,
  view: CompiledView | undefined,
  rows: 'refused' | string[],
): void {
  if (official.expectError === true) assert.equal(rows, 'refused', title)
  if (official.expectColumns !== undefined)
    assert.deepEqual(
      view?.columns.map((each) => each.name),
      official.expectColumns,
      title,
    )
  if (official.expect !== undefined) assert.deepEqual(rows, official.expect.map(canonical).sort(), title)
}
