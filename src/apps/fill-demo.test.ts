import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../test/support/store.ts'
import { makeLog } from '../base/log.ts'
import { storedState } from '../synth/run/load.ts'
import { readConfig } from './config.ts'
import { seedDemo } from './demo.ts'
import { FillingWords, fillDemo } from './fill-demo.ts'

let store: TestStore
before(async () => {
  store = await testStore()
})
after(() => store.close())

const config = readConfig({ LINCHPIN_WORKERS: '2', LINCHPIN_HOME: '/nowhere' })

/** Fills until it says that it is done, or until it has said something and is stopped. */
async function fill(stopAtOnce: boolean): Promise<readonly string[]> {
  const said: string[] = []
  let heard = (): void => undefined
  const told = new Promise<void>((resolve) => {
    heard = resolve
  })
  const print = (line: string): void => {
    said.push(line)
    if (stopAtOnce || line.startsWith('Filled')) heard()
  }
  const filling = fillDemo(store.store, makeLog('error'), config, store.url, print)
  await told
  await filling.stop()
  return said
}

test('the demo people are there at once; the care system around them is filled beside, and goes on after a stop', async () => {
  assert.ok((await seedDemo(store.store, 120)) > 500)
  const words = new FillingWords(store.store)
  assert.match((await words.read()) ?? '', /0 of 120 people/)
  const begun = await fill(true)
  assert.match(begun[0] ?? '', /120 made-up people, 24 months/)
  const loaded = (await storedState(store.store.database))?.loaded ?? 0
  assert.ok(loaded < 120, 'it was stopped on the way')
  const rest = await fill(false)
  assert.match(
    rest.at(-1) ?? '',
    /Filled the demo care system: \d+ resources, \d+ quarantined, \d+ for review, 0 refused/,
  )
  assert.equal((await storedState(store.store.database))?.loaded, 120)
  assert.equal(await words.read(), undefined)
  assert.equal(await seedDemo(store.store, 120), 0, 'a filled database is left alone')
})
