import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type FhirServer, fhirServer } from '../../../test/support/fhir-server.ts'
import { sql } from '../../base/sql.ts'

let server: FhirServer
before(async () => {
  server = await fhirServer()
})
after(() => server.close())

const raw = (payload: Buffer, type = 'application/pdf') => ({ payload, headers: { 'content-type': type } })
const asked = (accept: string) => ({ headers: { accept } })
const sizes: readonly (readonly [string, number])[] = [
  ['nothing', 0],
  ['few bytes', 1000],
  ['many bytes', 3_000_001],
]

for (const [what, size] of sizes)
  test(`${what} go in and come out as they are, as bytes, JSON and XML, in every version`, async () => {
    const id = `size-${size}`
    const [first, second] = [randomBytes(size), randomBytes(size)]
    const made = await server.send('PUT', `Binary/${id}`, raw(first))
    assert.equal(made.statusCode, 201, made.payload)
    assert.equal((await server.send('PUT', `Binary/${id}`, raw(second, 'image/png'))).statusCode, 200)
    const now = await server.send('GET', `Binary/${id}`, asked('*/*'))
    assert.equal(now.headers['content-type'], 'image/png')
    assert.ok(now.rawPayload.equals(second))
    assert.match(String(now.headers['content-security-policy']), /sandbox/)
    const before = await server.send('GET', `Binary/${id}/_history/1`, asked('application/pdf'))
    assert.ok(before.rawPayload.equals(first))
    const json = (await server.send('GET', `Binary/${id}`, asked('application/fhir+json'))).json()
    assert.equal(json.data ?? '', second.toString('base64'))
    const xml = (await server.send('GET', `Binary/${id}`, asked('application/fhir+xml'))).payload
    assert.ok(xml.includes(size === 0 ? '<contentType' : `<data value="${second.toString('base64')}"`))
  })

test('a resource with much data is kept apart, and is the same when it comes back', async () => {
  const data = randomBytes(200_000).toString('base64')
  const body = { resourceType: 'Binary', id: 'json', contentType: 'text/plain', data }
  const made = await server.send('PUT', 'Binary/json', { payload: JSON.stringify(body) })
  assert.equal(made.json().data, data)
  assert.equal((await server.send('GET', 'Binary/json', asked('application/fhir+json'))).json().data, data)
  const [row] = await server.store.database.read(sql`select max(length(body)) as most from res where id = 'json'`)
  assert.ok(Number(row?.['most']) < 1000)
})

test('a Binary lies with the person of its security context', async () => {
  const patient = { resourceType: 'Patient', id: 'whose' }
  await server.send('PUT', 'Patient/whose', { payload: JSON.stringify(patient) })
  const headers = { 'content-type': 'application/pdf', 'x-security-context': 'Patient/whose' }
  const made = await server.send('POST', 'Binary', { payload: Buffer.from('letter'), headers })
  assert.equal(made.statusCode, 201, made.payload)
  const id = /Binary\/([^/]+)/.exec(String(made.headers['location']))?.[1] ?? ''
  const rows = await server.store.database.read(
    sql`select 1 from res a join res b on a.person = b.person and a.person <> 0 where a.id = ${id} and b.id = 'whose'`,
  )
  assert.equal(rows.length, 1)
})

test('bytes of a write that is refused are not kept', async () => {
  const count = async (): Promise<number> =>
    Number((await server.store.database.read(sql`select count(*) as n from content`))[0]?.['n'])
  const before = await count()
  const headers = { 'content-type': 'application/pdf', 'if-match': 'W/"9"' }
  const refused = await server.send('PUT', 'Binary/none', { payload: randomBytes(500_000), headers })
  assert.equal(refused.statusCode, 412)
  const lost = { 'content-type': 'application/pdf', 'x-security-context': 'Patient/nobody' }
  assert.equal((await server.send('POST', 'Binary', { payload: randomBytes(500_000), headers: lost })).statusCode, 422)
  assert.equal(await count(), before)
})

test('nobody else can name a content', async () => {
  const extension = [
    {
      url: 'https://linchpin.example/fhir/StructureDefinition/content',
      valueString: '00000000-0000-4000-8000-000000000000',
    },
  ]
  const body = { resourceType: 'Binary', contentType: 'text/plain', _data: { extension } }
  assert.equal((await server.send('POST', 'Binary', { payload: JSON.stringify(body, null, 1) })).statusCode, 400)
})

test('erasing a Binary erases its bytes', async () => {
  const count = async (): Promise<number> =>
    Number((await server.store.database.read(sql`select count(*) as n from content`))[0]?.['n'])
  const before = await count()
  for (const n of [1, 2]) await server.send('PUT', 'Binary/erased', raw(randomBytes(300_000 + n)))
  assert.ok((await count()) > before)
  const parameter = [{ name: 'reason', valueString: 'Test of erasure' }]
  const call = async (more: readonly object[]) => {
    const payload = JSON.stringify({ resourceType: 'Parameters', parameter: [...parameter, ...more] })
    return server.send('POST', 'Binary/erased/$expunge', { payload })
  }
  const plan = (await call([])).json().parameter.find(({ name }: { name: string }) => name === 'plan').valueString
  const done = await call([{ name: 'plan', valueString: plan }])
  assert.equal(done.statusCode, 200, done.payload)
  assert.match(done.payload, /bytes of Binaries/)
  assert.equal(await count(), before)
})
