import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCases, skipCases } from '../support/validator-cases.ts'

test('agrees with HL7 on its official R4 cases that need no terminology server', { skip: skipCases }, (t) => {
  const results = runCases()
  const here = results.filter((each) => !each.needsServer)
  const valid = here.filter((each) => each.expected.valid)
  const invalid = here.filter((each) => !each.expected.valid)
  const accepted = valid.filter((each) => each.valid).length
  const caught = invalid.filter((each) => !each.valid)
  const placed = caught.filter((each) => each.placed === true).length
  const remote = results.filter((each) => each.needsServer)
  t.diagnostic(`valid accepted: ${accepted} of ${valid.length}`)
  t.diagnostic(`invalid caught: ${caught.length} of ${invalid.length}, in the place HL7 names: ${placed}`)
  t.diagnostic(
    `needing a server: ${remote.filter((each) => each.valid === each.expected.valid).length} of ${remote.length} agree`,
  )
  const missed = [...valid.filter((each) => !each.valid), ...invalid.filter((each) => each.valid)]
  t.diagnostic(`differing: ${missed.map((each) => `${each.name} (${each.against})`).join(', ')}`)
  assert.ok(accepted / valid.length >= 0.95)
  assert.ok(caught.length / invalid.length >= 0.8)
})
