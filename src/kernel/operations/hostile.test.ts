import { ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { operations } from '../rest/operations.ts'

let store: TestStore
before(async () => {
  store = await testStore()
  await store.fhir('PUT', 'Patient/p', JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ family: 'Hill' }] }))
})
after(() => store.close())

const deep = (levels: number, open: string, close: string): string => `${open.repeat(levels)}1${close.repeat(levels)}`
const names = [
  '__proto__',
  'constructor',
  'reason',
  'resource',
  'content',
  'input',
  'meta',
  'subject',
  'code',
  'statistic',
  'query',
  'identifier',
  'start',
  '_type',
  '_since',
  '_count',
  '_cursor',
  'plan',
  'source-patient',
  'url',
  'id',
  'persist',
  'graph',
  'max',
  'patient',
  'preview',
]
const values: readonly object[] = [
  {},
  { valueString: '\u0000' },
  { valueString: 'x'.repeat(5000) },
  { valueDate: '2026-02-31' },
  { valueReference: { reference: 'Patient/../p' } },
  { valueIdentifier: { system: '|', value: ',$\\' } },
  { valueMeta: { tag: [{ code: '__proto__' }] } },
  { valuePeriod: { start: 'never' } },
  { valueQuantity: { value: 1e308 } },
  { valueInteger: -1 },
  { resource: {} },
  { resource: { resourceType: 'Bundle', type: 'message', entry: [{}] } },
  { resource: { resourceType: 'Patient', name: [null], birthDate: '0000' } },
  { part: [{ name: '__proto__', part: [] }] },
]
const bodies: readonly string[] = [
  '',
  '{',
  'null',
  '[]',
  '0',
  '"x"',
  '\u0000',
  '{"resourceType":"Parameters","parameter":{}}',
  '{"resourceType":"Parameters","parameter":[null]}',
  '{"resourceType":"Parameters","parameter":[{"name":1}]}',
  '{"query":1}',
  '{"query":"{","variables":[]}',
  '{"resourceType":"Bundle","type":"message"}',
  deep(20_000, '[', ']'),
  deep(20_000, '{"a":', '}'),
  `{ ${'a{'.repeat(5000)}`,
]

const body = fc.oneof(
  fc.constantFrom(...bodies),
  fc.string({ maxLength: 200 }),
  fc
    .array(fc.record({ name: fc.constantFrom(...names), value: fc.constantFrom(...values) }), { maxLength: 4 })
    .map((all) =>
      JSON.stringify({ resourceType: 'Parameters', parameter: all.map(({ name, value }) => ({ name, ...value })) }),
    ),
)
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(...names),
      fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('Patient/p', '9999', '%', '{a}')),
    ),
    { maxLength: 3 },
  )
  .map((all) => new URLSearchParams(all).toString())

const calls = operations.flatMap(({ name, levels, types = ['Patient'] }) =>
  levels.map(
    (level) =>
      ({
        system: `$${name}`,
        type: `${types[0] ?? 'Patient'}/$${name}`,
        instance: `${types[0] ?? 'Patient'}/p/$${name}`,
      })[level],
  ),
)

for (const call of calls)
  test(`Whatever is sent to ${call}, it answers, and never with a fault`, async () => {
    await fc.assert(
      fc.asyncProperty(body, query, fc.constantFrom('GET', 'POST'), async (sent, asked, method) => {
        const { status, text } = await store.fhir(method, `${call}?${asked}`, method === 'POST' ? sent : '')
        ok(status < 500, `${method} ${call}?${asked} ${sent.slice(0, 200)}: ${status} ${text}`)
      }),
      { numRuns: process.env['LINCHPIN_LONG'] === '1' ? 1000 : 25 },
    )
  })
