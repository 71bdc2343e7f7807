import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Actor } from '../../kernel/access/actor.ts'
import type { WrittenEntry } from '../../kernel/record/written-entries.ts'
import { addedBy, voiceOf } from './voice.ts'

const person: Actor = { kind: 'person', id: 'p', name: 'Amir Khan', person: '1' }
const carer: Actor = {
  kind: 'carer',
  id: 'c',
  name: 'Sara Khan',
  relatedPerson: 'RelatedPerson/1',
  relationship: 'mother',
  person: '1',
  personName: 'Amir Khan',
}
const entry = (assertedBy: WrittenEntry['assertedBy'], author: string): WrittenEntry => ({
  type: 'Observation',
  id: '1',
  version: 1,
  source: { code: '', name: '', setting: 'person' },
  author,
  assertedBy,
  receivedTime: '2026-11-22T10:00:00Z',
  resource: { resourceType: 'Observation', status: 'final', code: {} },
  json: '',
})

for (const [reader, by, author, words] of [
  [person, 'professional', 'Dr Lee', undefined],
  [person, 'person', 'Amir Khan', 'Added by you'],
  [person, 'carer', 'Sara Khan (mother)', 'Added by your carer'],
  [carer, 'carer', 'Sara Khan (mother)', 'Added by you'],
  [carer, 'person', 'Amir Khan', 'Added by Amir Khan'],
  [carer, 'carer', 'Omar Khan (father)', 'Added by Omar Khan (father)'],
] as const)
  test(`${reader.name} reads an entry by ${author} as ${words ?? 'a professional’s'}`, () => {
    assert.equal(addedBy(entry(by, author), voiceOf(reader), reader.name), words)
  })

test('a carer reads names instead of "your"', () => {
  assert.equal(voiceOf(carer).Your, 'Amir’s')
  assert.equal(voiceOf(person).Your, 'Your')
})
