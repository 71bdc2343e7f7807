import assert from 'node:assert/strict'
import { test } from 'node:test'
import { twoIdentifiers } from './rules.ts'

for (const [query, enough] of [
  ['', false],
  ['i=name', false],
  ['i=name&i=name', false],
  ['i=name&i=shoe-size', false],
  ['i=name&i=birth-date', true],
  ['i=address&i=nhs-number&i=name', true],
] as const)
  test(`"${query}" is ${enough ? '' : 'not '}enough to write`, () => {
    assert.equal(twoIdentifiers(new URLSearchParams(query), 'i').ok, enough)
  })
