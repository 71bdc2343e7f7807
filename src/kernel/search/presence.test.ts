import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash64 } from '../../base/hash.ts'
import { extract } from './extract.ts'
import { indexedParametersOf } from './parameters.ts'
import { presenceOf } from './presence.ts'

for (const [name, expected] of [
  ['Observation.status', 'absent-token'],
  ['Observation.combo-code', 'absent-token'],
  ['Observation.category', 'present-token'],
  ['Observation.component-code', 'present-token'],
  ['Observation.date', 'side'],
  ['Observation.value-quantity', 'side'],
  ['Patient.deceased', 'always'],
] as const)
  test(`presence of ${name} is kept: ${expected}`, () => {
    const [type = '', code] = name.split('.')
    const parameter = indexedParametersOf(type).find(({ definition }) => definition.code === code)
    assert.ok(parameter)
    assert.equal(presenceOf(type, parameter), expected)
  })

for (const [what, resource, tokens] of [
  ['status and code', { status: 'final', code: { text: 'x' } }, []],
  ['a status that is only an extension', { _status: { extension: [] }, code: {} }, ['status:absent']],
  [
    'a code in a component only',
    { status: 'final', component: [{ code: {} }] },
    ['code:absent', 'component-code:present'],
  ],
  ['a category without a code', { status: 'final', code: {}, category: [{ text: 'x' }] }, ['category:present']],
] as const)
  test(`tokens of presence of an Observation with ${what}`, () => {
    const names = ['status', 'code', 'combo-code', 'category', 'component-code']
    const possible = names.flatMap((name) => [`${name}:absent`, `${name}:present`])
    const found = new Set(extract({ resourceType: 'Observation', ...resource }).tokens)
    assert.deepEqual(
      possible.filter((each) => found.has(hash64(`Observation.${each}`))).toSorted(),
      [...tokens].toSorted(),
    )
  })
