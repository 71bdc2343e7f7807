import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { livesOf } from '../lives/lives.ts'
import { dayNumber } from '../london.ts'
import { settingsFor } from '../settings.ts'
import { runClock } from './clock.ts'
import { loadSystem, storedState } from './load.ts'

let store: TestStore
before(async () => {
  store = await testStore()
})
after(() => store.close())

const settings = settingsFor(200, 6, 5, dayNumber(2026, 10, 25))

/** Runs the clock until it has written so much, and stops it. */
async function live(least: number): Promise<number> {
  const stopping = new AbortController()
  const report = (_moment: number, written: number): void => {
    if (written >= least) stopping.abort()
  }
  return runClock(store.store, { speed: 10_000, signal: stopping.signal, report })
}

test('a clock needs a system that is whole', async () => {
  await assert.rejects(live(1), /holds no synthetic system/)
})

test('the clock writes what happens next, stops, and goes on from there', async () => {
  const options = { url: store.url, workers: 1, report: () => undefined }
  await loadSystem(store.store.database, settings, options)
  const first = await live(10)
  assert.ok(first >= 10)
  const reached = (await storedState(store.store.database))?.settings.until ?? 0
  assert.ok(reached > settings.until)
  const second = await live(5)
  const end = (await storedState(store.store.database))?.settings.until ?? 0
  assert.ok(end > reached)
  const made = [0, 1].flatMap((block) => livesOf({ ...settings, until: end }, block, settings.until))
  const happened = made.filter(({ resource, known }) => resource.resourceType !== 'Patient' && known > settings.until)
  assert.ok(first + second >= happened.length, 'everything that happened was written')
  for (const { resource } of happened) {
    const name = `${resource.resourceType}/${resource.id ?? ''}`
    assert.equal((await store.fhir('GET', name)).status, 200, name)
  }
})
