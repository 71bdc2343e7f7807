import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compactJson, elements, members, parseJson } from './json.ts'

const countKeys = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + countKeys(each), 0)
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce<number>((sum, each) => sum + 1 + countKeys(each), 0)
}

test('compacting pretty JSON gives the compact form and counts every name', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const compact = compactJson(JSON.stringify(value, null, indent))
      assert.equal(compact.text, JSON.stringify(value))
      assert.equal(compact.keys, countKeys(JSON.parse(compact.text)))
    }),
  )
})

test('members and elements cut an object and an array where the parser would', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 0, max: 2 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const parts = members(text).map((member) => text.slice(member.keyStart, member.end))
      assert.deepEqual(JSON.parse(`{${parts.join(',')}}`), JSON.parse(text))
      assert.equal(members(text).length, Object.keys(value).length)
      const list = JSON.stringify(Object.values(value), null, indent)
      const cut = elements(list, 0).map((span) => JSON.parse(list.slice(span.start, span.end)))
      assert.deepEqual(cut, JSON.parse(list))
    }),
  )
})

test('a name that occurs twice is counted twice', () => {
  assert.equal(compactJson('{"a":1, "a":2}').keys, 2)
  assert.deepEqual(
    members('{"a":1, "a":2}').map((member) => member.key),
    ['a', 'a'],
  )
})

test('any text at all gives an answer or a problem, never anything else', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const use of [compactJson, members, (each: string) => parseJson(each, 'The body')]) {
        try {
          use(text)
        } catch (error) {
          assert.equal(error instanceof Error && error.name, 'Problem')
        }
      }
    }),
  )
})
