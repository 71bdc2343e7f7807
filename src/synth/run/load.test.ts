import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { dayNumber } from '../london.ts'
import { settingsFor } from '../settings.ts'
import { loadSystem } from './load.ts'
import { readState, stateId } from './state.ts'

let store: TestStore
before(async () => {
  store = await testStore()
})
after(() => store.close())

// Seed 3 has a record with two birth dates and one without a number and with a former address among its first people.
const settings = settingsFor(150, 12, 3, dayNumber(2026, 11, 25))

test('the system is loaded without a refusal, twice without a change, and only planted faults are set apart', async () => {
  const told: number[] = []
  const options = { url: store.url, workers: 2, report: (people: number) => void told.push(people) }
  const first = await loadSystem(store.store.database, settings, options)
  assert.deepEqual([first.refused, first.waiting], [0, 0], JSON.stringify(first.exceptions.slice(0, 3)))
  assert.equal(told.at(-1), 150)
  const marked = (code: string) => store.fhir('GET', `Patient?_tag=${code}&_summary=count`)
  const count = async (code: string): Promise<number> => Number(/"total":(\d+)/.exec((await marked(code)).text)?.[1])
  assert.equal(first.quarantined, await count('two-birth-dates'))
  assert.equal(first.reviews, await count('moved-without-number'))
  assert.deepEqual([first.quarantined > 0, first.reviews > 0], [true, true])
  const state = await store.fhir('GET', `Library/${stateId}`)
  assert.deepEqual(readState(state.text), { settings, loaded: 150 })
  const second = await loadSystem(store.store.database, settings, options)
  // The state goes back to nobody, and from there up again.
  assert.deepEqual([second.stored, second.refused], [3, 0])
})
