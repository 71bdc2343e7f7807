import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import type { InjectOptions } from 'fastify'
import { type FhirServer, fhirServer } from '../../test/support/fhir-server.ts'

let server: FhirServer
before(async () => {
  server = await fhirServer()
})
after(() => server.close())

const patient = (id: string): string =>
  JSON.stringify({ resourceType: 'Patient', id, name: [{ family: 'Åström', text: 'x'.repeat(3000) }] })

test('a body may come packed with gzip or brotli, and the answer goes packed to who takes that', async () => {
  for (const [coding, pack, unpack] of [
    ['gzip', gzipSync, gunzipSync],
    ['br', brotliCompressSync, brotliDecompressSync],
  ] as const) {
    const id = `packed-${coding}`
    const headers = { 'content-encoding': coding, 'accept-encoding': coding }
    const put = await server.send('PUT', `Patient/${id}`, { payload: pack(patient(id)), headers })
    assert.equal(put.statusCode, 201)
    assert.equal(put.headers['content-encoding'], coding)
    assert.equal(JSON.parse(unpack(put.rawPayload).toString('utf8')).name[0].family, 'Åström')
  }
})

const refusals: readonly (readonly [string, number, InjectOptions['method'] & string, string, InjectOptions])[] = [
  [
    'a body that is not what its encoding says',
    400,
    'POST',
    'Patient',
    { payload: 'x', headers: { 'content-encoding': 'gzip' } },
  ],
  ['an unknown encoding', 415, 'POST', 'Patient', { payload: 'x', headers: { 'content-encoding': 'zstd' } }],
  [
    'a body that unpacks without end',
    413,
    'POST',
    'Patient',
    { payload: gzipSync(Buffer.alloc(70_000_000)), headers: { 'content-encoding': 'gzip' } },
  ],
  [
    'a content type that is no format',
    415,
    'POST',
    'Patient',
    { payload: 'x', headers: { 'content-type': 'image/png' } },
  ],
  ['bytes that are not UTF-8', 400, 'POST', 'Patient', { payload: Buffer.from([0x7b, 0xff, 0x7d]) }],
  ['a format we do not write', 406, 'GET', 'Patient', { headers: { accept: 'image/png' } }],
  ['an address that is not one', 400, 'GET', 'Patient/%zz', {}],
]
for (const [what, status, method, path, options] of refusals)
  test(`${what} gets ${status} and an OperationOutcome`, async () => {
    const answer = await server.send(method, path, options)
    assert.equal(answer.statusCode, status)
    assert.equal(answer.json().resourceType, 'OperationOutcome')
  })

test('who is not known is refused before their body is read', async () => {
  const answer = await server.send('POST', 'Patient', { payload: 'x', headers: { authorization: 'Bearer x' } })
  assert.equal(answer.statusCode, 401)
  assert.equal(answer.headers['www-authenticate'], 'Bearer')
})

test('OPTIONS on the base is the CapabilityStatement, and elsewhere what may be done', async () => {
  const base = await server.send('OPTIONS', '', {})
  assert.equal(base.json().resourceType, 'CapabilityStatement')
  const instance = await server.send('OPTIONS', 'Patient/1', {})
  assert.equal(instance.statusCode, 204)
  assert.equal(instance.headers['allow'], 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS')
  const refused = await server.send('POST', 'Patient/1', { payload: '{}' })
  assert.equal(refused.statusCode, 405)
  assert.equal(refused.headers['allow'], instance.headers['allow'])
})

test('_pretty indents, and a number keeps its digits', async () => {
  const weight = { resourceType: 'Observation', id: 'w', status: 'final', code: { text: 'Weight' } }
  const payload = `${JSON.stringify(weight).slice(0, -1)},"valueQuantity":{"value":70.50}}`
  await server.send('PUT', 'Observation/w', { payload })
  const answer = await server.send('GET', 'Observation/w?_pretty=true&_format=application/fhir%2Bjson', {})
  assert.match(answer.payload, /\n {4}"value": 70\.50\n/)
})

test('HEAD answers as GET does, without the body', async () => {
  const answer = await server.send('HEAD', 'Observation/w', {})
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['etag'], 'W/"1"')
  assert.equal(answer.payload, '')
})
