import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { typeName } from '../../src/kernel/fhir/resource-types.ts'
import type { Acknowledged } from './ledger.ts'

const versions = `(select rtype, id, ver, body from res union all select rtype, id, ver, body from res_hist
  union all select rtype, id, ver, body from shared union all select rtype, id, ver, body from shared_hist)`

/** Expects a query to find nothing: each row it finds is a fault. */
async function none(database: Client, fault: string, query: string): Promise<void> {
  const { rows } = await database.query(`${query} limit 5`)
  assert.deepEqual(rows, [], fault)
}

/** Everything that was acknowledged is there, byte for byte, and its audit row with it. */
export async function acknowledgedIsThere(database: Client, acknowledged: readonly Acknowledged[]): Promise<void> {
  const ids = [...new Set(acknowledged.flatMap((each) => each.versions.map(({ name }) => name.split('/')[1] ?? '')))]
  const stored = new Map<string, string>()
  const { rows } = await database.query<{ rtype: number; id: string; ver: number; body: string }>(
    `select v.* from ${versions} v where id = any($1)`,
    [ids],
  )
  for (const { rtype, id, ver, body } of rows) stored.set(`${typeName(rtype)}/${id} ${ver}`, body)
  const audited = new Set<string>()
  const audit = await database.query<{ request: string; name: string }>(
    `select request, unnest(ids) as name from audit where request = any($1) and action in ('create', 'update', 'delete')`,
    [acknowledged.map(({ request }) => request)],
  )
  for (const { request, name } of audit.rows) audited.add(`${request} ${name}`)
  for (const { request, versions: told, marker } of acknowledged) {
    assert.equal(told.length, marker === undefined ? told.length : 5, 'a transaction answers all its entries')
    for (const { name, version, body } of told) {
      assert.equal(stored.get(`${name} ${version}`), body, `${name} version ${version} was acknowledged`)
      assert.ok(audited.has(`${request} ${name}`), `the write of ${name} version ${version} is audited`)
    }
  }
}

/** Of no transaction is there a part. */
export async function nothingIsHalfThere(database: Client, acknowledged: readonly Acknowledged[]): Promise<void> {
  const { rows } = await database.query<{ marker: string; resources: string; persons: string }>(
    `select substring(body from '"value":"(tx-[0-9]+)"') as marker, count(*) as resources, count(distinct person) as persons
     from res where body like '%"value":"tx-%' group by 1`,
  )
  for (const each of rows)
    assert.deepEqual(each, { marker: each.marker, resources: '5', persons: '1' }, 'a transaction is whole or not there')
  const there = new Set(rows.map(({ marker }) => marker))
  for (const { marker } of acknowledged)
    assert.ok(marker === undefined || there.has(marker), `${marker} was acknowledged`)
}

/** Versions of every resource count from 1 without a gap, and side rows speak of rows that are there. */
export async function historyIsWhole(database: Client): Promise<void> {
  // A kill takes the planner's statistics with it, and the questions below join whole tables.
  await database.query('analyze')
  await none(
    database,
    'versions have no gap and no double',
    `select rtype, id, array_agg(ver order by ver) from ${versions} v group by rtype, id
     having count(*) <> max(ver) or min(ver) <> 1 or count(distinct ver) <> count(*)`,
  )
  for (const side of ['res_str', 'res_date', 'res_num'])
    await none(
      database,
      `${side} holds nothing of rows that are gone`,
      `select s.rtype, s.id from ${side} s where not exists
         (select 1 from res r where (r.person, r.rtype, r.id) = (s.person, s.rtype, s.id))
         and not exists (select 1 from shared r where (r.person, r.rtype, r.id) = (s.person, s.rtype, s.id))`,
    )
}

/** The feed tells of every stored version once, in order, at positions without gaps. */
export async function feedAgrees(database: Client): Promise<void> {
  await outboxIsEmpty(database)
  const told = 'select rtype, id, ver from feed where op <> 4'
  await none(
    database,
    'no version is told twice',
    `select rtype, id, ver from (${told}) t group by 1, 2, 3 having count(*) > 1`,
  )
  await none(database, 'every version is told', `select rtype, id, ver from ${versions} v except ${told}`)
  await none(database, 'nothing is told that is not stored', `${told} except select rtype, id, ver from ${versions} v`)
  await none(
    database,
    'versions of a resource come in order',
    `select rtype, id, ver, before from (select rtype, id, ver, op, lag(ver) over (partition by rtype, id order by pos) as before
       from feed) t where before is not null and (ver < before or (ver = before and op <> 4))`,
  )
  await none(database, 'positions have no gap', 'select count(*), max(pos) from feed having count(*) <> max(pos)')
}

async function outboxIsEmpty(database: Client): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const { rows } = await database.query<{ n: string }>('select count(*) as n from outbox')
    if (rows[0]?.n === '0') return
    await sleep(50)
  }
  assert.fail('the relay does not empty the outbox')
}
