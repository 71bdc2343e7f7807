import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeWindow } from './window.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

for (const [first, name] of [
  ['2026-11-22T01:00:00Z', 'Last 24 hours'],
  ['2026-11-16T13:00:00Z', 'Last 7 days'],
  ['2026-11-01T00:00:00Z', 'Last month'],
  ['2025-12-01T00:00:00Z', 'Last 12 months'],
  ['2025-01-01T00:00:00Z', 'Last 2 years'],
  ['2015-01-01T00:00:00Z', 'Last 12 years'],
] as const)
  test(`results since ${first} are drawn over the ${name.toLowerCase()}`, () => {
    const window = timeWindow([Date.parse(first), now], now)
    assert.equal(window.name, name)
    assert.ok(window.from <= Date.parse(first))
  })

test('a chart without points still has a span', () => assert.equal(timeWindow([], now).name, 'Last 24 hours'))
