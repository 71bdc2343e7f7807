import assert from 'node:assert/strict'
import type { Person } from 'fhir/r4.js'
import { personKey } from '../../src/base/id.ts'
import { sql } from '../../src/base/sql.ts'
import { typeName } from '../../src/kernel/fhir/resource-types.ts'
import type { TestStore } from '../support/store.ts'

interface Row {
  readonly person: bigint
  readonly name: string
  readonly author: string
  readonly resource: { readonly subject?: { readonly reference?: string } }
}

/** Everything in `res` as it stands. */
async function rowsOf({ store }: TestStore): Promise<readonly Row[]> {
  const rows = await store.database.search(sql`select person, rtype, id, author, body from res`)
  return rows.map((row) => ({
    person: BigInt(String(row['person'])),
    name: `${typeName(Number(row['rtype']))}/${String(row['id'])}`,
    author: String(row['author']),
    resource: JSON.parse(String(row['body'])),
  }))
}

const isPerson = (row: Row): row is Row & { readonly resource: Person } => row.name.startsWith('Person/')

/** What must hold of the person index at any moment, whatever was written, merged and taken apart before. */
export async function indexIsSound(store: TestStore): Promise<void> {
  const rows = await rowsOf(store)
  const golden = rows.filter(isPerson).filter((row) => row.author === 'Linchpin')
  const patients = rows.filter((row) => row.name.startsWith('Patient/'))
  const linked = new Map<string, bigint[]>()
  for (const { name, person, resource } of golden) {
    assert.equal(person, personKey(resource.id ?? ''), `${name} lies under its own key`)
    const targets = (resource.link ?? []).map((link) => link.target.reference ?? '')
    const own = targets.filter((target) => target.startsWith('Patient/'))
    for (const target of own) linked.set(target, [...(linked.get(target) ?? []), person])
    if (resource.active === false && linksOn(resource))
      assert.deepEqual(own, [], `${name} is replaced and has no Patients`)
  }
  for (const { name, person } of patients)
    assert.deepEqual(linked.get(name), [person], `${name} is linked by one golden Person, under whose key it lies`)
  assert.equal(linked.size, patients.length, 'no golden Person links a Patient that is not there')
  const home = new Map(patients.map(({ name, person }) => [name, person]))
  for (const { name, person, resource } of rows) {
    const subject = home.get(resource.subject?.reference ?? '')
    if (subject !== undefined) assert.equal(person, subject, `${name} lies under the person of its Patient`)
  }
  const replaced = new Set(
    golden.filter(({ resource }) => resource.active === false && linksOn(resource)).map(({ person }) => person),
  )
  const left = rows.filter(({ name, person }) => replaced.has(person) && !name.startsWith('Person/'))
  assert.deepEqual(
    left.map(({ name }) => name),
    [],
    'nothing is left under a Person that was replaced',
  )
  await sideRowsFollow(store, home)
}

const linksOn = (person: Person): boolean =>
  (person.link ?? []).some((link) => link.target.reference?.startsWith('Person/') === true)

/** History, search rows and match keys lie where their rows lie. */
async function sideRowsFollow({ store }: TestStore, home: ReadonlyMap<string, bigint>): Promise<void> {
  const history = await store.database.search(
    sql`select h.rtype, h.id, h.person from res_hist h join res r using (rtype, id) where h.person <> r.person limit 3`,
  )
  assert.deepEqual(history, [], 'history lies with its row')
  const strings = await store.database.search(
    sql`select s.rtype, s.id from res_str s join res r using (rtype, id) where s.person <> r.person
        union all select s.rtype, s.id from res_date s join res r using (rtype, id) where s.person <> r.person limit 3`,
  )
  assert.deepEqual(strings, [], 'search rows lie with their row')
  for (const row of await store.database.search(sql`select patient, person from match_key`))
    assert.equal(
      row['person'],
      home.get(`Patient/${String(row['patient'])}`),
      'a match key leads to the person of its Patient',
    )
}

/** Every row of two people, by person: to be compared before and after. Versions of golden Persons and Tasks are left out. */
export async function rowsOfPeople({ store }: TestStore, persons: readonly bigint[]): Promise<readonly string[]> {
  const rows = await store.database.search(
    sql`select 'res' as part, person, rtype, id, concat_ws('|', ver, updated, code, date, source, author, body,
            (select array_agg(t order by t) from unnest(toks) t)::text) as rest from res
        union all select 'hist', person, rtype, id, concat_ws('|', ver, updated, op, source, author, body) from res_hist
        union all select 'str', person, rtype, id, concat_ws('|', key, val) from res_str
        union all select 'date', person, rtype, id, concat_ws('|', key, low, high) from res_date
        union all select 'key', person, 0, patient, key::text from match_key`,
  )
  const own = new Set(['Person', 'Task'])
  return rows
    .filter((row) => persons.includes(BigInt(String(row['person']))) && !own.has(typeName(Number(row['rtype'])) ?? ''))
    .map((row) => ['part', 'person', 'rtype', 'id', 'rest'].map((column) => String(row[column])).join(' '))
    .sort()
}
