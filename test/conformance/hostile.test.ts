import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type FhirServer, fhirServer } from '../support/fhir-server.ts'
import { survives } from '../support/survives.ts'

// Known attacks on servers that read JSON, XML and FHIR.

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
    const status = await survives(server, method, path, { headers: more, ...(bodied ? { payload } : {}) })
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
