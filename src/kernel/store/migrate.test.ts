import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Client } from 'pg'
import { emptyDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { makeLog } from '../../base/log.ts'
import { Problem } from '../../base/problem.ts'
import { schemaFingerprint } from './fingerprint.ts'
import { migrate } from './migrate.ts'
import { migrations as released } from './migrations/list.ts'
import type { Migration } from './migrations/migration.ts'

const log = makeLog('silent')

const beds: Migration = {
  number: 1,
  name: 'beds',
  statements: [
    'create table bed (id int primary key, ward text not null)',
    'insert into bed select number, $$Ward 1$$ from generate_series(1, 100) as number',
    'create index concurrently bed_ward on bed (ward)',
  ],
}
const wards: Migration = {
  number: 2,
  name: 'wards',
  statements: ['create table ward (name text primary key)', 'alter table bed add column ward_name text'],
  contract: ['alter table bed drop column ward'],
}

const holder: { database?: Promise<TestDatabase> } = {}

after(async () => {
  await (await holder.database)?.close()
})

/** One database for all these tests, emptied for each: that is quicker than a new one. */
async function emptyUrl(): Promise<string> {
  holder.database ??= emptyDatabase()
  const { url } = await holder.database
  await run(url, 'drop schema public cascade')
  await run(url, 'create schema public')
  return url
}

async function run(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

const isRefused = (starting: Promise<unknown>, sentence: RegExp): Promise<void> =>
  assert.rejects(
    starting,
    (error) => error instanceof Problem && error.kind === 'unavailable' && sentence.test(error.message),
  )

test('an empty database gets the released schema, and a second run has nothing to do', async () => {
  const url = await emptyUrl()
  const first = await migrate(url, log)
  assert.equal(first.version, released.length)
  assert.equal(
    first.statements,
    released.reduce((sum, { statements }) => sum + statements.length, 0),
  )
  assert.deepEqual(await migrate(url, log), { version: released.length, statements: 0, waiting: first.waiting })
})

test('an empty database has at most 60 tables and 25 MB more than PostgreSQL itself', async () => {
  const url = await emptyUrl()
  const size = 'select pg_database_size(current_database())::int as bytes'
  const [bare] = await run(url, size)
  await migrate(url, log)
  const [made] = await run(url, size)
  assert.ok(Number(made?.['bytes']) - Number(bare?.['bytes']) <= 25 * 2 ** 20)
  const [tables] = await run(
    url,
    `select count(*)::int as count from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`,
  )
  assert.ok(Number(tables?.['count']) <= 60)
})

test('a later version adds what is new', async () => {
  const url = await emptyUrl()
  await migrate(url, log, [beds])
  assert.deepEqual(await migrate(url, log, [beds, wards]), { version: 2, statements: 2, waiting: 1 })
})

test('what older versions need is removed only when asked for', async () => {
  const url = await emptyUrl()
  await migrate(url, log, [beds, wards])
  const columns = `select string_agg(column_name, ',' order by column_name) as names from information_schema.columns where table_name = 'bed'`
  assert.deepEqual(await run(url, columns), [{ names: 'id,ward,ward_name' }])
  assert.deepEqual(await migrate(url, log, [beds, wards], { contract: true }), {
    version: 2,
    statements: 1,
    waiting: 0,
  })
  assert.deepEqual(await run(url, columns), [{ names: 'id,ward_name' }])
  assert.deepEqual(await migrate(url, log, [beds, wards]), { version: 2, statements: 0, waiting: 0 })
})

for (const cut of [1, 2, 3, 4] as const) {
  test(`a run cut off after statement ${cut} goes on where it stopped`, async () => {
    const url = await emptyUrl()
    const stop = new Error('power cut')
    const cutOff = migrate(url, log, [beds, wards], {
      onStatement: (done) => {
        if (done === cut) throw stop
      },
    })
    await assert.rejects(cutOff, stop)
    assert.equal((await migrate(url, log, [beds, wards])).statements, 5 - cut)
    assert.deepEqual(await run(url, 'select count(*)::int as beds from bed'), [{ beds: 100 }])
    assert.equal((await migrate(url, log, [beds, wards])).statements, 0)
  })
}

test('a statement that fails leaves no trace of itself and can be run again', async () => {
  const url = await emptyUrl()
  const faulty = {
    ...wards,
    statements: ['create table ward (name text primary key)', 'alter table nothing add x int'],
  }
  await assert.rejects(migrate(url, log, [beds, faulty]), /"nothing" does not exist/)
  assert.deepEqual(await run(url, 'select number, done_statements from linchpin_migration order by number'), [
    { number: 1, done_statements: 3 },
    { number: 2, done_statements: 1 },
  ])
})

test('an index whose building was cut off is built again', async () => {
  const url = await emptyUrl()
  const unique: Migration = {
    number: 2,
    name: 'unique',
    statements: ['create unique index concurrently bed_once on bed (ward)'],
  }
  await migrate(url, log, [beds])
  await assert.rejects(migrate(url, log, [beds, unique]), /could not create unique index/)
  await run(url, 'update bed set ward = id::text')
  assert.equal((await migrate(url, log, [beds, unique])).statements, 1)
  assert.deepEqual(await run(url, `select indisvalid from pg_index where indexrelid = 'bed_once'::regclass`), [
    { indisvalid: true },
  ])
})

test('a database from a newer version is refused, and left as it is', async () => {
  const url = await emptyUrl()
  await migrate(url, log, [beds, wards])
  await isRefused(migrate(url, log, [beds]), /was made by a newer version of Linchpin \(migration 2, wards\)/)
})

test('a migration that was altered after it ran is refused', async () => {
  const url = await emptyUrl()
  await migrate(url, log, [beds])
  const altered = { ...beds, statements: beds.statements.with(0, 'create table bed (id bigint primary key)') }
  await isRefused(migrate(url, log, [altered]), /Migration 1 \(beds\) is not the one that this database ran/)
})

for (const change of [
  'alter table bed add column note text',
  'alter table bed alter column ward drop not null',
  `alter table bed alter column ward set default 'Ward 9'`,
  'alter table bed alter column ward type varchar(9)',
  'alter table bed add check (id > 0)',
  'drop index bed_ward',
  'create index bed_extra on bed (ward, id)',
  'create table extra (id int)',
  'drop table bed',
]) {
  test(`a schema altered by hand is refused: ${change}`, async () => {
    const url = await emptyUrl()
    await migrate(url, log, [beds])
    await run(url, change)
    await isRefused(migrate(url, log, [beds]), /somebody altered them by hand/)
  })
}

for (const change of [
  'insert into bed values (101)',
  'analyze bed',
  'create extension pg_trgm',
  'create table view_waiting (id int)',
]) {
  test(`what is not part of the schema is no drift: ${change}`, async () => {
    const url = await emptyUrl()
    await migrate(url, log, [{ ...beds, statements: ['create table bed (id int primary key)'] }])
    await run(url, change)
    await migrate(url, log, [{ ...beds, statements: ['create table bed (id int primary key)'] }])
  })
}

test('several processes that migrate at once do the work once', async () => {
  const url = await emptyUrl()
  const runs = await Promise.all([1, 2, 3, 4].map(() => migrate(url, log, [beds, wards])))
  assert.deepEqual(runs.map(({ statements }) => statements).filter(Boolean), [5])
})

test('the fingerprint of the same schema is always the same', async (t) => {
  const prints: string[] = []
  for (const _ of [1, 2]) {
    const url = await emptyUrl()
    await migrate(url, log)
    const client = new Client({ connectionString: url })
    await client.connect()
    prints.push(await schemaFingerprint(client))
    await client.end()
  }
  assert.equal(prints[0], prints[1])
  t.diagnostic(`fingerprint ${prints[0]}`)
})

test('numbers with a gap are a fault of ours', async () => {
  const url = await emptyUrl()
  await assert.rejects(migrate(url, log, [{ ...beds, number: 2 }]), /Migration 2 \(beds\) should have number 1/)
})

test('a database that cannot be reached is named as the reason', async () => {
  await isRefused(migrate('postgresql://nobody@127.0.0.1:1/none', log), /The database cannot be reached/)
})

test('a database in another encoding is refused', async () => {
  const url = await emptyUrl()
  const name = `latin_${process.pid}`
  await run(url, `create database ${name} encoding 'LATIN1' locale 'C' template template0`)
  try {
    const latin = url.replace(/\/linchpin_test_\w+/, `/${name}`)
    await isRefused(migrate(latin, log), /needs a database with encoding UTF8 and this one has LATIN1/)
  } finally {
    await run(url, `drop database ${name}`)
  }
})
