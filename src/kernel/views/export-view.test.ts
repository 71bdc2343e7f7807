import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testStore } from '../../../test/support/store.ts'
import { compileView } from './compile-view.ts'
import { exportView, queryExports } from './export-view.ts'

const view = compileView({
  name: 'people',
  resource: 'Patient',
  select: [
    {
      column: [
        { name: 'id', path: 'id' },
        { name: 'gender', path: 'gender' },
        { name: 'active', path: 'active' },
      ],
    },
  ],
})

test('an export is written in partitions with its lineage, and the next one writes only what changed', async () => {
  const made = await testStore()
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-export-'))
  try {
    const ctx = made.contextOf({ kind: 'system', id: 'x', name: 'Export' })
    const put = (n: number, gender: string) =>
      made.fhir('PUT', `Patient/p${n}`, JSON.stringify({ resourceType: 'Patient', id: `p${n}`, gender }))
    for (let n = 0; n < 40; n += 1) await put(n, n % 2 === 0 ? 'male' : 'female')
    await made.eventsAfter(0n, 'p39', 1)
    const count = () => queryExports(folder, 'select gender, count(*)::int as n from people group by 1 order by 1')
    const first = await exportView(ctx, { view }, folder)
    assert.deepEqual(await count(), [
      { gender: 'female', n: 20 },
      { gender: 'male', n: 20 },
    ])
    const position = await made.store.feed.position()
    await put(1, 'male')
    await made.fhir('DELETE', 'Patient/p2')
    await made.eventsAfter(position, 'p2', 1)
    const second = await exportView(ctx, { view }, folder)
    assert.deepEqual(await count(), [
      { gender: 'female', n: 19 },
      { gender: 'male', n: 20 },
    ])
    const rewritten = second.files.filter((file) => file.position === second.position).length
    assert.ok(rewritten >= 1 && rewritten <= 2, `${rewritten} partitions were written`)
    assert.equal(first.version, second.version)
    assert.ok(BigInt(second.position) > BigInt(first.position))
    assert.ok((await made.audit('Patient/p1')).some(({ action }) => action === 'search'))
  } finally {
    rmSync(folder, { recursive: true })
    await made.close()
  }
})

test('SQL over exports reaches nothing but the exports', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-export-'))
  const secret = join(tmpdir(), `linchpin-secret-${process.pid}.csv`)
  writeFileSync(secret, 'a\n1\n')
  try {
    for (const statement of [
      `select * from '${secret}'`,
      `copy (select 1) to '${secret}'`,
      `set enable_external_access = true`,
      `attach '${secret}.db'`,
      'install httpfs',
      'select',
    ])
      await assert.rejects(queryExports(folder, statement), /cannot be answered/, statement)
    assert.deepEqual(await queryExports(folder, 'select 1 + 1 as two'), [{ two: 2 }])
  } finally {
    rmSync(folder, { recursive: true })
    rmSync(secret)
  }
})
