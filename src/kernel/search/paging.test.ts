import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { sql } from '../../base/sql.ts'
import type { Position } from './cursor.ts'
import { tableOf } from './filter-condition.ts'
import { indexedRows, merged, sortedRows, valuelessRows } from './page-source.ts'
import { sortKeysOf } from './sort.ts'

let store: TestStore

before(async () => {
  store = await testStore()
})
after(() => store.close())

const put = async (type: string, id: string, more: object): Promise<void> => {
  const answer = await store.fhir('PUT', `${type}/${id}`, JSON.stringify({ resourceType: type, id, ...more }))
  assert.ok(answer.status < 300, answer.text)
}

async function page(path: string): Promise<{ ids: string[]; next: string | undefined; previous: string | undefined }> {
  const answer = await store.fhir('GET', path)
  assert.equal(answer.status, 200, answer.text)
  const bundle = JSON.parse(answer.text)
  const link = (relation: string): string | undefined =>
    bundle.link.find((each: { relation: string }) => each.relation === relation)?.url.split('/R4/')[1]
  return {
    ids: (bundle.entry ?? []).map((each: { resource: { id: string } }) => each.resource.id),
    next: link('next'),
    previous: link('previous'),
  }
}

const names = ['Adams', 'Brown', 'Clark', 'Davis', 'Evans', 'Frost', 'Green', 'Hill', 'Irwin', 'Jones', 'King', 'Lee']

test('a row whose sort key changes between two pages comes once, forward and back', async () => {
  const rename = fc.tuple(fc.nat(names.length - 1), fc.constantFrom(...names, 'Aa', 'Zz'))
  let round = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(rename, { maxLength: 3 }), { minLength: 6, maxLength: 6 }),
      fc.constantFrom('family', '-family', '_lastUpdated', '-_lastUpdated', '-birthdate,family'),
      fc.integer({ min: 2, max: 5 }),
      async (changes, sort, count) => {
        round += 1
        const tag = `round-${round}`
        const meta = { meta: { tag: [{ system: 'http://x', code: tag }] } }
        const id = (n: number): string => `${tag}-${n}`
        for (const [n, family] of names.entries()) await put('Patient', id(n), { ...meta, name: [{ family }] })
        const seen: string[] = []
        let last: string | undefined
        let step = 0
        for (
          let at: string | undefined = `Patient?_tag=${tag}&_sort=${sort}&_count=${count}`;
          at !== undefined;
          step += 1
        ) {
          const found = await page(at)
          seen.push(...found.ids)
          for (const [n, family] of changes[step] ?? [])
            await put('Patient', id(n), { ...meta, name: [{ family }], active: step % 2 === 0 })
          await put('Patient', `${tag}-new-${step}`, { ...meta, name: [{ family: 'Mm' }] })
          last = found.previous
          at = found.next
        }
        const expected = names.map((_, n) => id(n)).toSorted()
        assert.deepEqual(seen.toSorted(), expected)
        const back: string[] = []
        for (let at = last; at !== undefined; ) {
          const found = await page(at)
          back.unshift(...found.ids)
          at = found.previous
        }
        assert.deepEqual(back, seen.slice(0, back.length))
      },
    ),
    { numRuns: process.env['LINCHPIN_LONG'] === '1' ? 500 : 12, seed: 20261125 },
  )
})

const kinds: readonly (readonly [sort: string, order: readonly string[]])[] = [
  ['status', ['k2', 'k1', 'k3']],
  ['-status', ['k1', 'k3', 'k2']],
  ['value-quantity', ['k3', 'k1', 'k2']],
  ['-value-quantity', ['k1', 'k3', 'k2']],
  ['subject', ['k3', 'k2', 'k1']],
  ['code', ['k1', 'k3', 'k2']],
  ['-identifier', ['k2', 'k1', 'k3']],
  ['status,-code', ['k2', 'k3', 'k1']],
  ['_profile', ['k2', 'k1', 'k3']],
]
test('every kind of parameter has an order', async () => {
  const coded = (code: string) => ({ code: { coding: [{ system: 'http://x', code }] } })
  const quantity = (value: number, code: string) => ({
    valueQuantity: { value, unit: code, system: 'http://unitsofmeasure.org', code },
  })
  await put('Observation', 'k1', { status: 'final', ...coded('a'), ...quantity(1, 'kg'), identifier: [{ value: '5' }] })
  await put('Observation', 'k2', {
    status: 'amended',
    ...coded('c'),
    subject: { reference: 'Patient/b' },
    identifier: [{ value: '7' }],
    meta: { profile: ['http://a'] },
  })
  await put('Observation', 'k3', {
    status: 'final',
    ...coded('b'),
    ...quantity(900, 'g'),
    subject: { reference: 'Patient/a' },
  })
  for (const [sort, order] of kinds) assert.deepEqual((await page(`Observation?_sort=${sort}`)).ids, order, sort)
  const first = await page('Observation?_sort=-identifier&_count=1')
  const second = await page(first.next ?? '')
  assert.deepEqual([...first.ids, ...second.ids], ['k2', 'k1'])
  await put('Patient', 'dead', { deceasedDateTime: '2020-01-01', meta: { tag: [{ code: 'd' }] } })
  await put('Patient', 'alive', { meta: { tag: [{ code: 'd' }] } })
  assert.deepEqual((await page('Patient?_tag=d&_sort=-deceased')).ids, ['dead', 'alive'])
})

test('the way along an index finds what sorting finds, from any place, either way', async () => {
  const type = 'Person'
  for (let n = 0; n < 14; n += 1)
    await put(type, `w${n}`, {
      ...(n % 4 === 3 ? {} : { name: [{ family: names[(n * 5) % 7], given: ['x', names[n % 5]] }] }),
      ...(n % 3 === 2 ? {} : { birthDate: `19${50 + (n % 5)}` }),
    })
  const source = {
    type,
    table: tableOf(type),
    where: sql`r.rtype = (select rtype from res where id = 'w1') and r.id like 'w%'`,
  }
  await store.store.database.transaction(async (connection) => {
    for (const value of ['birthdate', '-birthdate', 'name', '-name', 'birthdate,-name', '-name,birthdate'])
      for (const backward of [false, true]) {
        const sort = sortKeysOf(type, value)
        const rows = (from: Position | undefined, limit: number) =>
          connection.query(merged([sortedRows({ ...source, sort }, { from, limit })], sort, backward, limit))
        const along = (from: Position | undefined, limit: number) => {
          const end = { from, limit }
          const all = { ...source, sort }
          const ways = [indexedRows(all, end), valuelessRows(all, end)]
          return connection.query(merged(ways, sort, backward, limit))
        }
        const start: Position | undefined = backward
          ? { backward, keys: sort.map(() => null), id: '~', type }
          : undefined
        for (const row of [undefined, ...(await rows(start, 50))]) {
          const keys = sort.map((_, index) =>
            typeof row?.[`k${index}`] === 'string' ? String(row[`k${index}`]) : null,
          )
          const from = row === undefined ? start : { backward, keys, id: String(row['id']), type }
          assert.deepEqual(
            await along(from, 4),
            await rows(from, 4),
            `${value} ${String(backward)} ${JSON.stringify(keys)}`,
          )
        }
      }
  })
})
