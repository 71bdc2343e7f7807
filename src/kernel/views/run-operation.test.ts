import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { DuckDBConnection } from '@duckdb/node-api'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { makeLog } from '../../base/log.ts'
import type { Actor } from '../access/actor.ts'
import { respond } from '../rest/respond.ts'
import { bringUp } from './keeper.ts'

let made: TestStore

before(async () => {
  made = await testStore()
  const put = async (type: string, id: string, more: object) => {
    const answer = await made.fhir('PUT', `${type}/${id}`, JSON.stringify({ resourceType: type, id, ...more }))
    assert.ok(answer.status < 300, answer.text)
  }
  await put('Patient', 'a', { name: [{ family: 'Ahmed', given: ['Ali', 'B, "b"'] }], birthDate: '1970-01-01' })
  await put('Patient', 'b', { name: [{ family: 'Brown' }], birthDate: '1980-01-01' })
  await put('Group', 'g', { type: 'person', actual: true, member: [{ entity: { reference: 'Patient/b' } }] })
  await put('ViewDefinition', 'names', { ...namesView, status: 'active' })
})
after(() => made.close())

const namesView = {
  resourceType: 'ViewDefinition',
  name: 'names',
  url: 'https://example.org/names',
  resource: 'Patient',
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'born', path: 'birthDate', tag: [{ name: 'ansi/type', value: 'DATE' }] },
      ],
    },
    { forEachOrNull: 'name.given', column: [{ name: 'given', path: '$this' }] },
  ],
}

interface Parameter {
  readonly name: string
  readonly [value: string]: unknown
}

const call = (parameter: readonly Parameter[], path = 'ViewDefinition/$viewdefinition-run', accept?: string) =>
  made.fhir(
    'POST',
    path,
    JSON.stringify({ resourceType: 'Parameters', parameter }),
    accept === undefined ? {} : { accept },
  )

const viewResource = { name: 'viewResource', resource: namesView }

test('a view that is sent along gives its rows as a JSON array', async () => {
  const { status, headers, text } = await call([viewResource])
  assert.equal(status, 200, text)
  assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  assert.deepEqual(JSON.parse(text), [
    { id: 'a', born: '1970-01-01', given: 'Ali' },
    { id: 'a', born: '1970-01-01', given: 'B, "b"' },
    { id: 'b', born: '1980-01-01', given: null },
  ])
})

for (const [name, parameters, ids] of [
  ['a patient', [{ name: 'patient', valueReference: { reference: 'Patient/b' } }], ['b']],
  ['a group', [{ name: 'group', valueReference: { reference: 'Group/g' } }], ['b']],
  ['a limit of rows', [{ name: '_limit', valuePositiveInt: 1 }], ['a']],
  ['a time that is to come', [{ name: '_since', valueInstant: '2100-01-01T00:00:00Z' }], []],
  [
    'resources that are sent along',
    [{ name: 'resource', resource: { resourceType: 'Patient', id: 'sent' } }],
    ['sent'],
  ],
] as const)
  test(`a run can be over ${name}`, async () => {
    const { text } = await call([viewResource, ...parameters])
    assert.deepEqual([...new Set(JSON.parse(text).map((row: { id: string }) => row.id))], ids, text)
  })

test('a stored view runs by reference, by canonical URL and on its instance, before and after it has a table', async () => {
  const byReference = () => call([{ name: 'viewReference', valueReference: { reference: 'ViewDefinition/names' } }])
  const onDemand = await byReference()
  assert.equal(JSON.parse(onDemand.text).length, 3, onDemand.text)
  const builder = { database: made.store.database, url: made.url, log: makeLog('error'), workers: 1 }
  await bringUp(builder, [])
  for (const answer of [
    await byReference(),
    await call([{ name: 'viewReference', valueReference: { reference: 'https://example.org/names' } }]),
    await made.fhir('GET', 'ViewDefinition/names/$viewdefinition-run'),
    await made.fhir('GET', 'ViewDefinition/$viewdefinition-run?viewReference=ViewDefinition/names'),
  ])
    assert.equal(answer.text, onDemand.text)
})

test('ndjson has a row a line, and CSV its header unless it is not wanted', async () => {
  const ndjson = await call([
    viewResource,
    { name: '_format', valueCode: 'ndjson' },
    { name: '_limit', valuePositiveInt: 1 },
  ])
  assert.equal(ndjson.text, '{"id":"a","born":"1970-01-01","given":"Ali"}\n')
  const csv = await call([viewResource], undefined, 'text/csv')
  assert.equal(csv.text, 'id,born,given\r\na,1970-01-01,Ali\r\na,1970-01-01,"B, ""b"""\r\nb,1980-01-01,\r\n')
  const bare = await made.fhir('GET', 'ViewDefinition/names/$viewdefinition-run?_format=csv&header=false&_limit=1')
  assert.equal(bare.text, 'a,1970-01-01,Ali\r\n')
})

test('Parquet has the rows with their types', async () => {
  const system: Actor = { kind: 'system', id: 'test', name: 'Test' }
  const request = { base: '', query: '_format=parquet', body: '' }
  const { bytes } = await respond(made.contextOf(system), 'GET', 'ViewDefinition/names/$viewdefinition-run', request)
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes ?? []) chunks.push(chunk)
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-parquet-'))
  writeFileSync(join(folder, 'rows.parquet'), Buffer.concat(chunks))
  const duck = await DuckDBConnection.create()
  const read = await duck.runAndReadAll(
    `select typeof(born) as type, count(given)::int as n from '${folder}/rows.parquet' group by 1`,
  )
  assert.deepEqual(read.getRowObjectsJson(), [{ type: 'DATE', n: 2 }])
  duck.closeSync()
  rmSync(folder, { recursive: true })
})

for (const [name, parameters, status, place] of [
  ['no view', [{ name: '_limit', valuePositiveInt: 1 }], 400, 'viewReference'],
  [
    'an unknown view',
    [{ name: 'viewReference', valueReference: { reference: 'ViewDefinition/none' } }],
    404,
    undefined,
  ],
  ['an unknown format', [viewResource, { name: '_format', valueCode: 'xlsx' }], 400, '_format'],
  [
    'two columns of one name',
    [{ name: 'viewResource', resource: { ...namesView, select: [namesView.select[0], namesView.select[0]] } }],
    400,
    'ViewDefinition.select[1].column[0].name',
  ],
  [
    'a path that breaks off',
    [{ name: 'viewResource', resource: { ...namesView, where: [{ path: 'name.' }] } }],
    400,
    'ViewDefinition.where[0].path',
  ],
  [
    'an unknown constant',
    [{ name: 'viewResource', resource: { ...namesView, where: [{ path: 'active = %x' }] } }],
    400,
    'ViewDefinition.where[0].path',
  ],
  [
    'a group and a patient',
    [
      viewResource,
      { name: 'group', valueReference: { reference: 'Group/g' } },
      { name: 'patient', valueReference: { reference: 'Patient/a' } },
    ],
    400,
    'group',
  ],
  [
    'more values than one',
    [
      {
        name: 'viewResource',
        resource: { ...namesView, select: [{ column: [{ name: 'given', path: 'name.given' }] }] },
      },
    ],
    422,
    'ViewDefinition.select[0].column[0].path',
  ],
] as const)
  test(`a run with ${name} is refused with its place`, async () => {
    const answer = await call(parameters)
    assert.equal(answer.status, status, answer.text)
    if (place !== undefined) assert.equal(JSON.parse(answer.text).issue[0].expression[0], place, answer.text)
  })

test('a view that cannot be compiled is not stored', async () => {
  const answer = await made.fhir(
    'POST',
    'ViewDefinition',
    JSON.stringify({ ...namesView, status: 'draft', where: [{ path: 'nonsense()' }] }),
  )
  assert.equal(answer.status, 400, answer.text)
  assert.equal(JSON.parse(answer.text).issue[0].expression[0], 'ViewDefinition.where[0].path')
})

test('stored views are found by name, URL, status and the resource they are of', async () => {
  for (const query of [
    'name=names',
    'url=https://example.org/names',
    'status=active',
    'resource=Patient',
    '_id=names',
  ]) {
    const { text } = await made.fhir('GET', `ViewDefinition?${query}`)
    assert.equal(JSON.parse(text).entry?.[0]?.resource.id, 'names', `${query}: ${text}`)
  }
})

test('every resource whose rows are shown is audited, and a member of staff sees the rows of their own patients only', async () => {
  const { text } = await call([viewResource])
  assert.equal(JSON.parse(text).length, 3)
  assert.ok((await made.audit('Patient/a')).some(({ action }) => action === 'search'))
  const nurse: Actor = {
    kind: 'staff',
    id: 'n',
    name: 'Nurse',
    role: 'hospital-nurse',
    organisation: 'RXX',
    organisationName: 'Trust',
    practitioner: 'Practitioner/n',
  }
  for (const path of ['ViewDefinition/$viewdefinition-run', 'ViewDefinition/names/$viewdefinition-run']) {
    const request = {
      base: '',
      query: '',
      body: path.includes('names') ? '' : JSON.stringify({ resourceType: 'Parameters', parameter: [viewResource] }),
    }
    assert.equal((await respond(made.contextOf(nurse), 'POST', path, request)).body, '[]', path)
  }
})
