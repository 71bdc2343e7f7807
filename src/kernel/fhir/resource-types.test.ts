import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definitions } from './definitions.ts'
import { resourceTypeNames, typeName, typeNumber } from './resource-types.ts'

test('every resource type of the R4 definitions has a number, and nothing else has', () => {
  const defined = Object.entries(definitions().types)
    .filter(([, type]) => type.kind === 'resource' && type.abstract !== true)
    .map(([name]) => name)
  assert.deepEqual([...resourceTypeNames].sort(), defined.sort())
})

for (const [name, number] of [
  ['Account', 1],
  ['Bundle', 12],
  ['Encounter', 44],
  ['Observation', 96],
  ['Patient', 103],
  ['Person', 106],
  ['Task', 140],
  ['VisionPrescription', 146],
  ['ViewDefinition', 147],
] as const)
  test(`${name} is number ${number} for ever`, () => {
    assert.equal(typeNumber(name), number)
    assert.equal(typeName(number), name)
  })

test('an unknown type has no number, not even the name of an object method', () => {
  assert.equal(typeNumber('Bot'), undefined)
  assert.equal(typeNumber('constructor'), undefined)
  assert.equal(typeName(0), undefined)
  assert.equal(typeName(148), undefined)
})
