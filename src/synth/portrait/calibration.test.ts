import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayNumber } from '../london.ts'
import { settingsFor } from '../settings.ts'
import { tallyOf } from './portrait.ts'
import { publishedFigures } from './published.ts'

// Five thousand people take some seconds; fewer scatter too much to be held against anything.
const tally = tallyOf(settingsFor(5000, 24, 1, dayNumber(2026, 11, 25)))

for (const { name, published, unit, tolerance, ours } of publishedFigures)
  test(`${name}: near the published ${published} ${unit}`, () => {
    const found = ours(tally)
    assert.ok(Math.abs(found - published) <= tolerance, `ours is ${found}`)
  })

test('there are as many resources as a shared record of two years has, and no more', () => {
  const each = tally.resources / tally.people
  assert.ok(each > 45 && each < 200, String(each))
})

test('conditions are more common in the old than in the young, and where people are poorer', () => {
  assert.ok((tally.conditions.get('hypertension') ?? 0) / tally.people > 0.1)
  assert.ok((tally.conditions.get('diabetes') ?? 0) / tally.people > 0.04)
})
