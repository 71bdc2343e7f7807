import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import { isObject } from '../../src/base/json.ts'
import { operations } from '../../src/kernel/rest/operations.ts'
import { type FhirServer, fhirServer } from '../support/fhir-server.ts'

// Whatever bytes come, the answer is an OperationOutcome that says what is wrong, and never a failure of the server.

let server: FhirServer
before(async () => {
  server = await fhirServer()
  const entry = ['Patient', 'Organization', 'Binary'].map((resourceType) => ({
    resource: { resourceType, id: 'a', ...(resourceType === 'Binary' ? { contentType: 'text/plain' } : {}) },
    request: { method: 'PUT', url: `${resourceType}/a` },
  }))
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry }
  const answer = await server.send('POST', '', { payload: JSON.stringify(bundle) })
  assert.equal(answer.statusCode, 200, answer.payload)
})
after(() => server.close())

const long = process.env['LINCHPIN_LONG'] === '1'

async function survives(method: string, path: string, options: InjectOptions): Promise<number> {
  const answer = await server.send(method, path, options)
  const what = `${method} ${path.slice(0, 200)}: ${answer.statusCode} ${answer.payload.slice(0, 300)}`
  assert.ok(answer.statusCode < 500, what)
  if (answer.statusCode >= 400 && method !== 'HEAD') {
    const body: unknown = answer.payload.startsWith('<') ? {} : JSON.parse(answer.payload)
    assert.ok(answer.payload.includes('OperationOutcome') || (isObject(body) && 'error' in body), what)
  }
  return answer.statusCode
}

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
  fc.string({ unit: fc.constantFrom(...'abc"/*;=,. 0123') }),
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
      await survives(method, `${path}${query === '' ? '' : `?${query}`}`, options)
    }),
    { numRuns: long ? 20_000 : 400 },
  )
})

const deep = (open: string, close: string, levels: number): string => open.repeat(levels) + close.repeat(levels)
const bundle = (type: string, entry: readonly object[]): string =>
  JSON.stringify({ resourceType: 'Bundle', type, entry })
const post = (resource: object, fullUrl?: string) => ({
  resource,
  fullUrl,
  request: { method: 'POST', url: String(Object(resource).resourceType) },
})
const urn = (n: number): string => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const patch = (path: string): string =>
  JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'delete' },
          { name: 'path', valueString: path },
        ],
      },
    ],
  })
const ns = 'xmlns="http://hl7.org/fhir"'
const xml = { 'content-type': 'application/fhir+xml' }
const jsonPatch = { 'content-type': 'application/json-patch+json' }

const attacks: readonly (readonly [
  string,
  string,
  string,
  string | Buffer,
  Record<string, string>,
  number | undefined,
])[] = [
  ['a million open brackets', 'POST', 'Patient', '['.repeat(1_000_000), {}, 400],
  ['100,000 arrays in one another', 'POST', 'Patient', deep('[', ']', 100_000), {}, 400],
  [
    '100,000 extensions in one another',
    'POST',
    'Patient',
    `{"resourceType":"Patient","extension":${deep('[{"extension":', '}]', 100_000).replace('"extension":}', '"url":"x"}')}}`,
    {},
    400,
  ],
  [
    'a Bundle in a Bundle in a Bundle',
    'POST',
    '',
    bundle('batch', [post({ resourceType: 'Bundle', type: 'batch' })]).replace('"Bundle"}', '""}'),
    {},
    undefined,
  ],
  [
    'a patch nested 100,000 deep',
    'PATCH',
    'Patient/a',
    `[{"op":"add","path":"/x","value":${deep('[', ']', 100_000)}}]`,
    jsonPatch,
    400,
  ],
  ['XML nested 100,000 deep', 'POST', 'Patient', `<Patient ${ns}>${deep('<a>', '</a>', 100_000)}</Patient>`, xml, 400],
  [
    'an XML bomb',
    'POST',
    'Patient',
    `<!DOCTYPE a [<!ENTITY a "${'b'.repeat(1000)}">]><Patient ${ns}><id value="${'&a;'.repeat(1000)}"/></Patient>`,
    xml,
    400,
  ],
  ['a packed bomb', 'POST', 'Patient', gzipSync(Buffer.alloc(80_000_000, 32)), { 'content-encoding': 'gzip' }, 413],
  [
    'too many entries',
    'POST',
    '',
    bundle(
      'transaction',
      Array.from({ length: 20_001 }, () => ({})),
    ),
    {},
    413,
  ],
  [
    'fullUrls that refer to one another in a circle',
    'POST',
    '',
    bundle(
      'transaction',
      [0, 1].map((n) =>
        post(
          { resourceType: 'Observation', status: 'final', code: { text: 'x' }, hasMember: [{ reference: urn(1 - n) }] },
          urn(n),
        ),
      ),
    ),
    {},
    200,
  ],
  [
    'an entry that refers to itself',
    'POST',
    '',
    bundle('transaction', [post({ resourceType: 'Organization', name: 'x', partOf: { reference: urn(1) } }, urn(1))]),
    {},
    200,
  ],
  [
    'a condition that is a circle of itself',
    'POST',
    '',
    bundle('transaction', [
      post({
        resourceType: 'Organization',
        name: 'x',
        partOf: { reference: 'Organization?partof=Organization?partof=x' },
      }),
    ]),
    {},
    undefined,
  ],
  [
    '10,000 values in a search',
    'POST',
    'Patient/_search',
    `_id=${'a,'.repeat(10_000)}b`,
    { 'content-type': 'application/x-www-form-urlencoded' },
    undefined,
  ],
  [
    '10,000 parameters in a search',
    'POST',
    'Patient/_search',
    'name=a&'.repeat(10_000),
    { 'content-type': 'application/x-www-form-urlencoded' },
    400,
  ],
  [
    'a regular expression that never ends',
    'GET',
    `Patient?name=${'('.repeat(2000)}${'a%2B'.repeat(500)}`,
    '',
    {},
    undefined,
  ],
  ['a long name', 'GET', `Patient?${'x'.repeat(5000)}=1`, '', {}, 400],
  [
    'a FHIRPath that costs without bound',
    'PATCH',
    'Patient/a',
    patch('Patient.repeat(descendants()).where(repeat(children()))'),
    {},
    422,
  ],
  ['a FHIRPath of 100,000 steps', 'PATCH', 'Patient/a', patch(`Patient${'.name'.repeat(100_000)}`), {}, 422],
  [
    'a FHIRPath nested 600 deep',
    'PATCH',
    'Patient/a',
    patch(`Patient.name${'.where(a'.repeat(240)}${')'.repeat(240)}`),
    {},
    422,
  ],
  ['a forged cursor', 'GET', 'Patient?_cursor=AAAA', '', {}, 400],
  ['a forged history cursor', 'GET', 'Patient/_history?_cursor=AAAA', '', {}, 400],
  ['a version beyond all numbers', 'GET', 'Patient/a/_history/99999999999999999999', '', {}, 404],
  ['an id beyond all lengths', 'GET', `Patient/${'a'.repeat(400)}`, '', {}, 400],
  ['a null character in an id', 'GET', 'Patient/%00', '', {}, 400],
  ['a null character in a search', 'GET', 'Patient?name=%00', '', {}, undefined],
  ['a lone surrogate', 'POST', 'Patient', '{"resourceType":"Patient","name":[{"family":"\\ud800"}]}', {}, undefined],
  [
    'a null character in a text',
    'POST',
    'Patient',
    '{"resourceType":"Patient","name":[{"family":"\\u0000"}]}',
    {},
    400,
  ],
]

for (const [what, method, path, payload, more, expected] of attacks)
  test(`${what} is dealt with`, { timeout: 60_000 }, async () => {
    const bodied = payload.length > 0
    const status = await survives(method, path, { headers: more, ...(bodied ? { payload } : {}) })
    if (expected !== undefined) assert.equal(status, expected)
  })

test('memory does not grow with hostile requests', async () => {
  const attack = async (): Promise<void> => {
    for (let n = 0; n < 40; n += 1)
      await server.send('POST', 'Patient', { payload: `{"resourceType":"Patient","x":"${'y'.repeat(100_000)}${n}"}` })
  }
  await attack()
  const before = process.memoryUsage().heapUsed
  await attack()
  assert.ok(process.memoryUsage().heapUsed - before < 100_000_000)
})
