import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash64 } from './hash.ts'

// Results are on disk: these may never change.
for (const [text, hash] of [
  ['', 0n],
  ['a', -3679634542697926250n],
  ['Patient.identifier|https://fhir.nhs.uk/Id/nhs-number|9990000018', 2349839108524097179n],
  ['é中', -1531363371269291293n],
] as const)
  test(`the hash of ${JSON.stringify(text)} stays ${hash}`, () => assert.equal(hash64(text), hash))

test('a million near-alike keys do not collide', () => {
  const seen = new Set<bigint>()
  for (let i = 0; i < 500_000; i += 1) seen.add(hash64(`Patient.identifier|https://fhir.nhs.uk/Id/nhs-number|${i}`))
  for (let i = 0; i < 500_000; i += 1) seen.add(hash64(`k${'\0'.repeat(i % 8)}${i}`))
  assert.equal(seen.size, 1_000_000)
})

test('a text and the same text with zero characters after it differ', () => {
  assert.notEqual(hash64('abc'), hash64('abc\0'))
})
