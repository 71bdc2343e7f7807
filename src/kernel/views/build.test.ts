import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testStore } from '../../../test/support/store.ts'
import { assertLive, builderOf, observationBody, rowsOf, submission } from '../../../test/support/views.ts'
import { systemClock } from '../../base/clock.ts'
import { makeLog } from '../../base/log.ts'
import { Problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { draftOf } from '../store/draft.ts'
import type { Operation } from '../store/operation.ts'
import { openStore } from '../store/store.ts'
import type { Builder } from './build.ts'
import { compileView } from './compile-view.ts'
import { bringUp } from './keeper.ts'
import { readLiveViews } from './live-views.ts'
import { type DeclaredView, rebuildView } from './registry.ts'
import { runLive } from './run-view.ts'

const observationsView: DeclaredView = {
  definition: {
    name: 'observations',
    resource: 'Observation',
    status: 'active',
    select: [
      {
        column: [
          { name: 'id', path: 'id' },
          { name: 'version', path: 'meta.versionId' },
        ],
      },
      { forEach: 'component', column: [{ name: 'n', path: '%rowIndex' }] },
    ],
  },
  indexes: [['id']],
}

/** Writers who get into each other's way again and again are told so; nothing was written then. */
const refusedAsConflict = (error: unknown): void =>
  assert.ok(error instanceof Problem && error.kind === 'conflict', String(error))

test('no write of any process is missed while a view is being built, and the table before is served until the new one is proven', async () => {
  const made = await testStore()
  const other = openStore(made.url, makeLog('fatal'), systemClock, { relay: false })
  try {
    const stores = [made.store, other]
    const write = (index: number, n: number) => {
      const id = `o${index % 40}`
      const body = observationBody({
        id,
        of: `p${index % 3}`,
        values: Array.from({ length: n % 4 }, (_, v) => v),
        status: 'final',
      })
      const at = { type: 'Observation', rtype: typeNumber('Observation') ?? 0, id, newId: false, submission }
      const operation: Operation =
        n % 7 === 0 ? { action: 'delete', ...at } : { action: 'update', draft: draftOf(JSON.stringify(body)), ...at }
      return stores[n % 2]?.writer.write(operation).catch(refusedAsConflict)
    }
    for (let n = 0; n < 80; n += 1) await write(n, n)
    let writing = true
    const writers = [0, 1, 2, 3].map(async (lane) => {
      for (let n = lane; writing; n += 4) await write(n * 13, n)
    })
    const patientsIn = (async () => {
      for (let n = 0; writing; n += 1)
        await made.fhir(
          'PUT',
          `Patient/p${n % 3}`,
          JSON.stringify({ resourceType: 'Patient', id: `p${n % 3}`, active: n % 2 === 0 }),
        )
    })()
    try {
      for (let round = 0; round < 4; round += 1) {
        await bringUp(builderOf(made), [observationsView])
        const [live] = await readLiveViews(made.store.database.reading)
        assert.equal(live?.state, 'live')
        if (live !== undefined && round < 3) await rebuildView(made.store.database, live)
        const states = (await readLiveViews(made.store.database.reading)).map(({ state }) => state)
        if (round < 3) assert.deepEqual(states, ['live', 'building'])
      }
    } finally {
      writing = false
      await Promise.all([...writers, patientsIn])
    }
    await assertLive(made, 'after writing beside four builds')
  } finally {
    await other.close()
    await made.close()
  }
})

test('a view is built on from where a killed process left it', async () => {
  const made = await testStore()
  try {
    for (let n = 0; n < 20; n += 1)
      await made.fhir(
        'PUT',
        `Observation/o${n}`,
        JSON.stringify(observationBody({ id: `o${n}`, of: 'p', values: [n], status: 'final' })),
      )
    const builder = builderOf(made)
    // The connection ends in the middle of a range, as that of a killed process does: what it did is undone with its lease.
    const killed = {
      ...builder,
      database: withTransactions(builder, failingAfter(builder, 3)),
    }
    await assert.rejects(bringUp(killed, [observationsView]))
    const [begun] = await readLiveViews(made.store.database.reading)
    assert.equal(begun?.state, 'building')
    await made.fhir('DELETE', 'Observation/o3')
    await bringUp(builder, [observationsView])
    const [live] = await assertLive(made, 'after going on')
    assert.equal(live?.id, begun?.id)
    assert.equal(live?.state, 'live')
  } finally {
    await made.close()
  }
})

/** The same database with other transactions. */
const withTransactions = (
  { database }: Builder,
  transaction: Builder['database']['transaction'],
): Builder['database'] =>
  new Proxy(database, {
    get(target, name) {
      const value: unknown = name === 'transaction' ? transaction : Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

/** Transactions of which the nth ends with the connection. */
function failingAfter({ database }: Builder, n: number): Builder['database']['transaction'] {
  let left = n
  return (work) =>
    database.transaction(async (connection) => {
      left -= 1
      if (left === 0) await connection.query(sql`select pg_terminate_backend(pg_backend_pid())`)
      return work(connection)
    })
}

test('a view that cannot evaluate a resource does not stop its write, and says so when it is read', async () => {
  const made = await testStore()
  try {
    const view = {
      definition: { name: 'one', resource: 'Patient', select: [{ column: [{ name: 'family', path: 'name.family' }] }] },
    }
    await bringUp(builderOf(made), [view])
    const answer = await made.fhir(
      'PUT',
      'Patient/p',
      JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ family: 'A' }, { family: 'B' }] }),
    )
    assert.equal(answer.status, 201)
    const [live] = await assertLive(made, 'with a fault')
    if (live === undefined) throw new Error('no view')
    assert.match(
      String(await rowsOf(runLive(made.store.database, live, { visible: sql`true` }))),
      /2 values.*Patient\/p/,
    )
    await made.fhir('PUT', 'Patient/p', JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ family: 'A' }] }))
    assert.ok((await rowsOf(runLive(made.store.database, live, { visible: sql`true` }))).includes('["A"]'))
  } finally {
    await made.close()
  }
})

test('a view that asks for the time runs on demand and is not kept live', async () => {
  const definition = {
    name: 'now',
    resource: 'Patient',
    status: 'active',
    select: [{ column: [{ name: 'at', path: 'now()', type: 'dateTime' }] }],
  }
  assert.equal(compileView(definition).stable, false)
  const made = await testStore()
  try {
    await bringUp(builderOf(made), [{ definition }])
    assert.deepEqual(await readLiveViews(made.store.database.reading), [])
  } finally {
    await made.close()
  }
})
