import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testStore } from '../../../test/support/store.ts'
import { sql } from '../../base/sql.ts'
import { trimFeed } from './trimmer.ts'

test('the feed is cut by age, never before who still reads it, and its last row stays', async () => {
  const at = await testStore()
  try {
    for (let n = 0; n < 5; n += 1)
      await at.fhir(
        'PUT',
        `Organization/t${n}`,
        JSON.stringify({ resourceType: 'Organization', id: `t${n}`, name: 'x' }),
      )
    await at.eventsAfter(0n, 't4', 1)
    const { database, feed } = at.store
    const position = await feed.position()
    await database.read(sql`update feed set at = at - interval '10 days'`)
    const settings = { feedDays: 5, eventDays: 5 }
    assert.equal(await trimFeed(at.store, settings), 0, 'nobody has matched it yet')
    await database.read(sql`insert into setting (name, value) values ('subscription-position', '3')`)
    assert.equal(await trimFeed(at.store, { ...settings, feedDays: 0 }), 0)
    assert.equal(await trimFeed(at.store, { ...settings, feedDays: 20 }), 0)
    assert.equal(await trimFeed(at.store, settings), 3)
    await database.read(sql`update setting set value = '1000' where name = 'subscription-position'`)
    await trimFeed(at.store, settings)
    assert.equal(await feed.position(), position)
    await at.fhir('PUT', 'Organization/next', JSON.stringify({ resourceType: 'Organization', id: 'next', name: 'x' }))
    const [event] = await at.eventsAfter(position, 'next', 1)
    assert.equal(event?.position, position + 1n)
  } finally {
    await at.close()
  }
})
