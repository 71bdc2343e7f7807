import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as fc from 'fast-check'
import { operations } from '../../src/kernel/rest/operations.ts'
import { type FhirServer, fhirServer } from '../support/fhir-server.ts'
import { survives } from '../support/survives.ts'

// Whatever bytes come, the answer is an OperationOutcome that says what is wrong, and never a failure of the server.

/** What a resource of a type must have. */
const needed: Readonly<Record<string, object>> = {
  Binary: { contentType: 'text/plain' },
  Organization: { name: 'Ward' },
}

let server: FhirServer
before(async () => {
  server = await fhirServer()
  const entry = ['Patient', 'Organization', 'Binary'].map((resourceType) => ({
    resource: { resourceType, id: 'a', ...needed[resourceType] },
    request: { method: 'PUT', url: `${resourceType}/a` },
  }))
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry }
  const answer = await server.send('POST', '', { payload: JSON.stringify(bundle) })
  assert.equal(answer.statusCode, 200, answer.payload)
})
after(() => server.close())

const long = process.env['LINCHPIN_LONG'] === '1'

const routes = [
  '',
  'metadata',
  'openapi.json',
  '_history',
  'Patient',
  'Patient/_search',
  'Patient/_history',
  'Patient/a',
  'Patient/a/_history',
  'Patient/a/_history/1',
  'Organization/a',
  'Binary/a',
  'Nonsense',
  'Patient/a/nonsense',
  ...operations.flatMap(({ name }) => [`$${name}`, `Patient/$${name}`, `Patient/a/$${name}`]),
]
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const types = [
  'application/fhir+json',
  'application/fhir+xml',
  'application/json-patch+json',
  'application/x-www-form-urlencoded',
  'text/plain',
  '',
  'nonsense',
  'application/fhir+json; charset=utf-16',
]

const parts = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  'null',
  'true',
  '1e999',
  '-',
  '0.10',
  '"resourceType"',
  '"Patient"',
  '"Bundle"',
  '"Parameters"',
  '"parameter"',
  '"entry"',
  '"id"',
  '"meta"',
  '\\',
  '\u0000',
  '"__proto__"',
  '"reference"',
  '<',
  '</',
  '>',
  '<Patient xmlns="http://hl7.org/fhir">',
  '<!DOCTYPE',
  '&',
  ';',
  'op=',
  '%',
  '\ufeff',
)
const bodies = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.array(parts, { maxLength: 30 }).map((each) => Buffer.from(each.join(''))),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(`{"resourceType":"Patient","name":${text}}`)),
  fc
    .json()
    .map((text) =>
      Buffer.from(
        `{"resourceType":"Bundle","type":"batch","entry":[{"resource":${text},"request":{"method":"POST","url":"Patient"}}]}`,
      ),
    ),
  fc
    .json()
    .map((text) => Buffer.from(`{"resourceType":"Parameters","parameter":[{"name":"operation","part":${text}}]}`)),
  fc.json().map((text) => Buffer.from(`[{"op":"add","path":"/name","value":${text}}]`)),
)
const names = fc.constantFrom(
  '_id',
  'name',
  '_count',
  '_since',
  '_at',
  '_cursor',
  '_format',
  '_elements',
  '_summary',
  '_include',
  '_has:Observation:patient:code',
  'birthdate',
  'identifier',
  '_sort',
  '_lastUpdated',
  'general-practitioner.name',
  'x',
)
const queries = fc
  .array(
    fc.tuple(
      names,
      fc.oneof(fc.string(), fc.constantFrom('ge', '|', ',', '\\', '%', 'a|b|c', '2024-02-30', '9'.repeat(400), "'")),
    ),
    { maxLength: 4 },
  )
  .map((each) => each.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'))
const headerText = fc.oneof(
  fc.constantFrom(
    '',
    'W/"1"',
    '*',
    '"',
    'W/"99999999999999"',
    'identifier=a|b',
    'return=minimal',
    'a,b;q=9',
    'Mon, 99',
  ),
  fc.string({ unit: fc.constantFrom('a', 'W', '"', '/', '*', ';', '=', ',', '.', ' ', '0', '9') }),
)
const headers = fc.record(
  {
    'if-match': headerText,
    'if-none-match': headerText,
    'if-none-exist': headerText,
    'if-modified-since': headerText,
    accept: headerText,
    prefer: headerText,
    'x-security-context': headerText,
    'accept-encoding': headerText,
    'content-encoding': fc.constantFrom('gzip', 'br', 'deflate', 'nonsense'),
  },
  { requiredKeys: [] },
)

test('no request that anybody can make up fails the server', { timeout: 600_000 }, async () => {
  const requests = fc.record({
    method: fc.constantFrom(...methods),
    path: fc.constantFrom(...routes),
    query: queries,
    type: fc.constantFrom(...types),
    headers,
    payload: bodies,
  })
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, path, query, type, headers: more, payload }) => {
      const bodied = method !== 'GET' && method !== 'HEAD'
      const options = { headers: { ...more, 'content-type': type }, ...(bodied ? { payload } : {}) }
      await survives(server, method, `${path}${query === '' ? '' : `?${query}`}`, options)
    }),
    { numRuns: long ? 20_000 : 400 },
  )
})
