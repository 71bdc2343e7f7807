import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newId, personKeyOf } from './id.ts'

test('an id is a version 8 UUID that gives its person key back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (key) => {
      const id = newId(key)
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.equal(personKeyOf(id), key)
    }),
  )
})

test('ids of one person do not repeat', () => {
  assert.equal(new Set(Array.from({ length: 100_000 }, () => newId(7n))).size, 100_000)
})

test('an id of another form carries no key', () => {
  assert.equal(personKeyOf('43b6ae50-2cca-4934-ad38-282f8934b770'), undefined)
})
