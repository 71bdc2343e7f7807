import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testStore } from '../../../test/support/store.ts'
import { builderOf } from '../../../test/support/views.ts'
import { sql } from '../../base/sql.ts'
import type { Actor } from '../access/actor.ts'
import { bringUp } from './keeper.ts'
import { queryViews, type ViewQuery } from './query-views.ts'

const waiting = {
  definition: {
    name: 'waiting',
    resource: 'Task',
    select: [{ column: [{ name: 'since', path: 'authoredOn', tag: [{ name: 'ansi/type', value: 'TIMESTAMP' }] }] }],
    where: [{ path: "status = 'requested'" }],
  },
  indexes: [['since']],
}

const oldest: ViewQuery<'waiting'> = {
  views: ['waiting'],
  gives: 'rows',
  select: ({ waiting: table }) => sql`select _person, _type, _id, since from ${table} w order by since limit 10`,
}
const total: ViewQuery<'waiting'> = {
  views: ['waiting'],
  gives: 'figures',
  select: ({ waiting: table }) => sql`select count(*)::int4 as n from ${table} w`,
}

test('a capability asks its views by SQL: only what the actor may see is there, and what is shown is audited', async () => {
  const made = await testStore()
  try {
    const task = (id: string, status: string) =>
      made.fhir(
        'PUT',
        `Task/${id}`,
        JSON.stringify({
          resourceType: 'Task',
          id,
          status,
          intent: 'order',
          authoredOn: '2026-01-01T10:00:00+01:00',
          for: { reference: 'Patient/p' },
        }),
      )
    await made.fhir('PUT', 'Patient/p', JSON.stringify({ resourceType: 'Patient', id: 'p' }))
    await task('t1', 'requested')
    const ctx = made.contextOf({ kind: 'system', id: 's', name: 'System' })
    await assert.rejects(queryViews(ctx, oldest), /being made ready/)
    await bringUp(builderOf(made), [waiting])
    await task('t2', 'requested')
    await task('t3', 'completed')
    assert.deepEqual(
      (await queryViews(ctx, oldest)).map((row) => row['_id']),
      ['t1', 't2'],
    )
    assert.deepEqual(await queryViews(ctx, total), [{ n: 2 }])
    assert.ok((await made.audit('Task/t2')).some(({ action }) => action === 'search'))
    assert.ok((await made.audit('ViewDefinition/waiting')).length > 0)
    const nurse: Actor = {
      kind: 'staff',
      id: 'n',
      name: 'Nurse',
      role: 'hospital-nurse',
      organisation: 'RXX',
      organisationName: 'Trust',
      practitioner: 'Practitioner/n',
    }
    assert.deepEqual(await queryViews(made.contextOf(nurse), oldest), [])
  } finally {
    await made.close()
  }
})
