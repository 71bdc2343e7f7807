import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { importInto } from '../../../test/real-input/importing.ts'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { sql } from '../../base/sql.ts'
import { personType } from '../store/person/people.ts'

let store: TestStore
const folder = mkdtempSync(join(tmpdir(), 'linchpin-ingest-'))

before(async () => {
  store = await testStore()
})
after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const fileOf = (name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const note = (id: string, more = ''): string =>
  `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"note"}${more}}`
const entries = (...resources: readonly string[]): string =>
  resources.map((resource) => `{"resource":${resource}}`).join()
const bundle = (list: string): string => `{"resourceType":"Bundle","type":"collection","entry":[${list}]}`

interface Case {
  readonly what: string
  readonly name: string
  readonly content: string | Buffer
  readonly stored: number
  readonly refused: readonly (readonly [place: RegExp, why: RegExp])[]
}

const cases: readonly Case[] = [
  {
    what: 'a broken line stops no other',
    name: 'broken.ndjson',
    content: `${note('l1')}\n{"resourceType":"Observation",\n${note('l3')}\n`,
    stored: 2,
    refused: [[/^line 2$/, /not JSON/]],
  },
  {
    what: 'a resource that breaks the structure of R4 is named with its place',
    name: 'structure.ndjson',
    content: `${note('s1')}\n${note('s2').replace('"status":"final",', '')}\n`,
    stored: 1,
    refused: [[/^line 2$/, /status/]],
  },
  {
    what: 'a line that is not UTF-8 is refused, not mended',
    name: 'latin.ndjson',
    content: Buffer.concat([
      Buffer.from(`${note('u1')}\n{"resourceType":"Observation","id":"`),
      Buffer.from([0xe9]),
      Buffer.from(`"}\n${note('u3')}\n`),
    ]),
    stored: 2,
    refused: [[/^line 2$/, /not UTF-8/]],
  },
  {
    what: 'a JSON file that is not UTF-8 is refused',
    name: 'latin.json',
    content: Buffer.from([0x7b, 0xe9, 0x7d]),
    stored: 0,
    refused: [[/^the file$/, /not UTF-8/]],
  },
  {
    what: 'a JSON file that breaks off is refused',
    name: 'half.json',
    content: note('h1').slice(0, 40),
    stored: 0,
    refused: [[/^the file$/, /not JSON/]],
  },
  { what: 'an empty JSON file is refused', name: 'empty.json', content: '', stored: 0, refused: [[/^the file$/, /./]] },
  { what: 'an empty NDJSON file holds nothing', name: 'empty.ndjson', content: '', stored: 0, refused: [] },
  {
    what: 'a byte order mark and line ends of Windows are no trouble',
    name: 'windows.ndjson',
    content: `\u{feff}${note('w1')}\r\n${note('w2')}\r\n`,
    stored: 2,
    refused: [],
  },
  { what: 'a packed file is unpacked', name: 'packed.json.gz', content: gzipSync(note('g1')), stored: 1, refused: [] },
  {
    what: 'a packed JSON file that was cut off is refused',
    name: 'cut.json.gz',
    content: gzipSync(note('g2')).subarray(0, 40),
    stored: 0,
    refused: [[/^the file$/, /cannot be read/]],
  },
  {
    what: 'two versions in one file are two versions',
    name: 'twice.ndjson',
    content: `${note('d1')}\n${note('d1', ',"issued":"2026-01-01T00:00:00Z"')}\n`,
    stored: 2,
    refused: [],
  },
  {
    what: 'Bundles in NDJSON are opened',
    name: 'bundles.ndjson',
    content: `${bundle(entries(note('b1'), note('b2')))}\n${bundle(entries(note('b3')))}\n`,
    stored: 3,
    refused: [],
  },
  {
    what: 'an entry without a resource is refused',
    name: 'entry.json',
    content: bundle(`{"fullUrl":"urn:uuid:1"},${entries(note('e2'))}`),
    stored: 1,
    refused: [[/entry 0$/, /no resource/]],
  },
  {
    what: 'a letter that a database cannot hold is refused by itself',
    name: 'nul.ndjson',
    content: `${note('n1')}\n{"resourceType":"Patient","id":"n2","name":[{"family":"\\u0000"}]}\n${note('n3')}\n`,
    stored: 2,
    refused: [[/^line 2$/, /./]],
  },
]

for (const { what, name, content, stored, refused } of cases)
  test(what, async () => {
    const { account } = await importInto(store, [fileOf(name, content)])
    const told = account.exceptions.filter(({ kind }) => kind === 'refused')
    assert.deepEqual(
      [account.stored, account.refused, account.found],
      [stored, refused.length, stored + refused.length],
      JSON.stringify(told),
    )
    for (const [n, [place, why]] of refused.entries()) {
      assert.match(told[n]?.place ?? '', place)
      assert.match(told[n]?.why ?? '', why)
      assert.equal(told[n]?.file, join(folder, name))
    }
  })

test('of a packed file that was cut off the whole lines are stored, and the rest is reported', async () => {
  const lines = Array.from({ length: 3000 }, (_, n) => note(`cut-${n}`, `,"valueString":"${(n * 7919) % 9973}"`)).join(
    '\n',
  )
  const packed = gzipSync(lines)
  const { account } = await importInto(store, [fileOf('cut.ndjson.gz', packed.subarray(0, packed.length / 2))])
  assert.ok(account.stored > 100 && account.stored < 3000)
  assert.deepEqual([account.refused, account.found], [1, account.stored + 1])
  assert.match(account.exceptions[0]?.place ?? '', new RegExp(`^after line ${account.stored}$`))
})

test('a reference to what is not there is kept and reported', async () => {
  const subject = ',"subject":{"reference":"Patient/nowhere"}'
  const { account, missing } = await importInto(store, [fileOf('missing.json', note('m1', subject))])
  assert.deepEqual([account.stored, account.waiting, missing], [1, 1, ['Patient/nowhere']])
  assert.ok((await store.fhir('GET', 'Observation/m1')).text.includes('"reference":"Patient/nowhere"'))
  const patient = '{"resourceType":"Patient","id":"nowhere","name":[{"family":"Hill"}]}'
  const later = await importInto(store, [fileOf('later.json', patient)])
  assert.deepEqual(later.missing, [])
  assert.equal(await store.personOf('Observation', 'm1'), await store.personOf('Patient', 'nowhere'))
})

test('a golden Person cannot be imported, neither as such nor under its id', async () => {
  const rows = await store.store.database.read(
    sql`select id, body from res where rtype = ${personType}::int2 and author = 'Linchpin' limit 1`,
  )
  const { id, body } = rows[0] ?? {}
  const plain = `{"resourceType":"Person","id":"${String(id)}","name":[{"family":"Changed"}]}`
  const { account } = await importInto(store, [fileOf('golden.ndjson', `${String(body)}\n${plain}\n`)])
  assert.deepEqual([account.stored, account.refused], [0, 2])
  assert.deepEqual(
    new Set(account.exceptions.map(({ why }) => why.split(' ').slice(0, 3).join(' '))),
    new Set(['A golden Person']),
  )
})

test('an id that another organisation uses is refused with the reason', async () => {
  const patient = '{"resourceType":"Patient","id":"theirs","name":[{"family":"Theirs"}]}'
  await importInto(store, [fileOf('theirs.json', patient)], 'Y90010')
  const { account } = await importInto(store, [fileOf('ours.json', patient.replace('"Theirs"', '"Ours"'))], 'Y90020')
  assert.deepEqual([account.stored, account.refused], [0, 1])
  assert.match(account.exceptions[0]?.why ?? '', /another organisation/)
})
