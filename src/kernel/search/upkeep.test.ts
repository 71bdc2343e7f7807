import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { makeLog } from '../../base/log.ts'
import { sql } from '../../base/sql.ts'
import { keepStatistics, SearchUpkeep } from './upkeep.ts'

let store: TestStore

before(async () => {
  store = await testStore()
})
after(() => store.close())

test('statistics are put right after many writes, once', async () => {
  const { database } = store.store
  await database.transaction(async (connection) => {
    await connection.query(
      sql`insert into res_date (person, key, low, high, rtype, id) select 1, 1, now(), now(), 1, n::text from generate_series(1, 6000) n`,
    )
    await connection.query(sql`select pg_stat_force_next_flush()`)
  })
  for (;;) {
    // PostgreSQL tells its counters a moment after the commit.
    const [row] = await database.read(
      sql`select n_mod_since_analyze as n from pg_stat_user_tables where relname = 'res_date'`,
    )
    if (Number(row?.['n']) >= 6000) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.deepEqual(await keepStatistics(database), ['res_date'])
  assert.deepEqual(await keepStatistics(database), [])
})

test('upkeep reads words by itself until it is closed', async () => {
  const upkeep = new SearchUpkeep(store.store.database, store.store.feed, makeLog('error'))
  await store.fhir('PUT', 'Patient/u', '{"resourceType":"Patient","id":"u","name":[{"family":"Upkeep"}]}')
  for (;;) {
    const rows = await store.store.database.read(sql`select 1 from res_words where id = 'u'`)
    if (rows.length > 0) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await upkeep.close()
})
