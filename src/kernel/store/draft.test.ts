import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOf, draftOf, frameOf } from './draft.ts'

const at = Date.parse('2026-11-22T08:15:00.250Z')
const version = '"versionId":"3","lastUpdated":"2026-11-22T08:15:00.250Z"'

for (const [what, sent, served] of [
  [
    'no id, no meta',
    '{ "resourceType": "Patient",\n "active": true }',
    `{"resourceType":"Patient","id":"a1","meta":{${version}},"active":true}`,
  ],
  [
    'an id, no meta',
    '{"resourceType":"Patient","id":"zz","active":true}',
    `{"resourceType":"Patient","id":"a1","meta":{${version}},"active":true}`,
  ],
  ['nothing else', '{"resourceType":"Patient"}', `{"resourceType":"Patient","id":"a1","meta":{${version}}}`],
  [
    'resourceType last',
    '{"active":true,"resourceType":"Patient"}',
    `{"id":"a1","meta":{${version}},"active":true,"resourceType":"Patient"}`,
  ],
  [
    'resourceType last, meta first',
    '{"meta":{"source":"urn:x"},"resourceType":"Patient"}',
    `{"id":"a1","meta":{${version},"source":"urn:x"},"resourceType":"Patient"}`,
  ],
  [
    'meta before id',
    '{"resourceType":"Patient","meta":{"versionId":"9","source":"urn:x","lastUpdated":"2020-01-01T00:00:00Z"},"id":"b","active":true}',
    `{"resourceType":"Patient","meta":{${version},"source":"urn:x"},"id":"a1","active":true}`,
  ],
  [
    'id before meta',
    '{"resourceType":"Patient","id":"b","language":"en","meta":{"source":"urn:x"},"active":true}',
    `{"resourceType":"Patient","id":"a1","language":"en","meta":{${version},"source":"urn:x"},"active":true}`,
  ],
  [
    'meta without id',
    '{"resourceType":"Patient","meta":{"source":"urn:x"},"active":true}',
    `{"resourceType":"Patient","id":"a1","meta":{${version},"source":"urn:x"},"active":true}`,
  ],
  [
    'decimals, escapes and unknown extensions',
    '{"resourceType":"Observation","status":"final","code":{"text":"\\u00e9\\/\\"x\\""},"valueQuantity":{"value":70.50,"extension":[{"url":"https://example.org/x","valueDecimal":1.0e2}]}}',
    `{"resourceType":"Observation","id":"a1","meta":{${version}},"status":"final","code":{"text":"\\u00e9\\/\\"x\\""},"valueQuantity":{"value":70.50,"extension":[{"url":"https://example.org/x","valueDecimal":1.0e2}]}}`,
  ],
] as const)
  test(`with ${what}, only id and version are put in`, () => {
    const body = bodyOf(frameOf(draftOf(sent), 'a1'), 3, at)
    assert.equal(body, served)
    JSON.parse(body)
  })

test('a name that occurs twice is refused, not dropped', () => {
  assert.throws(() => draftOf('{"resourceType":"Patient","active":true,"active":false}'), /occurs twice/)
})

test('something that is no resource is refused with a reason', () => {
  for (const text of ['[]', '1', 'null', '{}', '{"resourceType":"Nothing"}', '{"resourceType":1}', '{', ''])
    assert.throws(() => draftOf(text), { name: 'Problem' })
})

test('a number that the database cannot read in JSON is refused; text that looks like one is not', () => {
  const of = (value: string, text: string): string =>
    `{"resourceType":"Basic","code":{"text":${JSON.stringify(text)}},"extension":[{"url":"https://linchpin.example/n","valueDecimal":${value}}]}`
  for (const value of ['1.0e-20000', '-2e-12345'])
    assert.throws(() => draftOf(of(value, 'plain')), /exponent of more than three digits/)
  draftOf(of('1.50e-3', 'ratio:1e20000, or [1e20000'))
})
