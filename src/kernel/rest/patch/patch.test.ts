import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseExact } from '../../../base/exact-json.ts'
import { isObject } from '../../../base/json.ts'
import { applyFhirPathPatch } from './fhirpath-patch.ts'
import { applyJsonPatch } from './json-patch.ts'

const folder = new URL('../../../../../../shared/conformance/patch/', import.meta.url)
const skip = existsSync(folder) ? false : 'shared/conformance is not here'

const cases = (file: string): Record<string, unknown>[] =>
  skip === false ? JSON.parse(readFileSync(new URL(file, folder), 'utf8')) : []

test('every case of the third-party JSON Patch suite gives what it says', { skip }, () => {
  for (const { comment, doc, patch, expected, error } of cases('json-patch-tests.json')) {
    const run = (): unknown => applyJsonPatch(parse(doc), parse(patch))
    if (error === undefined) assert.deepEqual(plain(run()), expected, String(comment))
    else assert.throws(run, { name: 'Problem' }, String(comment))
  }
})

test('every case of the third-party FHIRPath Patch suite gives what it says', { skip }, () => {
  for (const { name, input, diff, output } of cases('fhir-patch-tests.json')) {
    const resource = parse(input)
    assert(isObject(resource))
    const run = (): void => applyFhirPathPatch(resource, parse(diff))
    if (output === null) {
      assert.throws(run, { name: 'Problem' }, String(name))
      continue
    }
    run()
    assert.deepEqual(sameSpace(resource), sameSpace(output), String(name))
  }
})

const parse = (value: unknown): unknown => parseExact(JSON.stringify(value), 'A test')
// The suite's cases were made from XML: white space in narratives is not what they are about.
const sameSpace = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replace(/(?:\\n|\s)+/g, ''))
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const observation = '{"resourceType":"Observation","status":"final","valueQuantity":{"value":70.50,"unit":"kg"}}'

const patched = (text: string, ...operations: readonly object[]): string => {
  const resource = parseExact(text, 'A test')
  assert(isObject(resource))
  const parameter = operations.map((operation) => ({
    name: 'operation',
    part: Object.entries(operation).map(([name, value]) => ({ name, ...value })),
  }))
  applyFhirPathPatch(resource, parse({ resourceType: 'Parameters', parameter }))
  return JSON.stringify(resource)
}
const at = (path: string) => ({ path: { valueString: path } })
const of = (type: string) => ({ type: { valueCode: type } })

test('numbers that a patch does not touch keep their digits', () => {
  const json = applyJsonPatch(
    parseExact(observation, 'A test'),
    parse([{ op: 'add', path: '/note', value: [{ text: 'x' }] }]),
  )
  assert.match(JSON.stringify(json), /"value":70\.50,/)
  assert.match(patched(observation, { ...of('delete'), ...at('Observation.value.unit') }), /"value":70\.50}/)
})

test('a choice element is named by its name, found by type, and changes its type when replaced', () => {
  const replaced = { ...of('replace'), ...at('Observation.value.ofType(Quantity)'), value: { valueString: 'heavy' } }
  assert.equal(patched(observation, replaced), '{"resourceType":"Observation","status":"final","valueString":"heavy"}')
  const added = {
    ...of('add'),
    ...at('Observation'),
    name: { valueString: 'effective' },
    value: { valueDateTime: '2024' },
  }
  assert.match(patched(observation, added), /"effectiveDateTime":"2024"/)
})

test('what lies beside a primitive goes and comes with it', () => {
  const names = '{"resourceType":"Patient","name":[{"given":["A","B"],"_given":[null,{"id":"b"}]}]}'
  const first = { ...of('delete'), ...at('Patient.name[0].given[0]') }
  assert.equal(patched(names, first), '{"resourceType":"Patient","name":[{"given":["B"],"_given":[{"id":"b"}]}]}')
  assert.equal(patched(names, first, first), '{"resourceType":"Patient"}')
})

const refused: readonly (readonly [string, object])[] = [
  ['a path that leads nowhere', { ...of('replace'), ...at('Patient.name[0].family'), value: { valueString: 'x' } }],
  ['an unknown element', { ...of('add'), ...at('Patient'), name: { valueString: 'x' }, value: { valueString: 'x' } }],
  ['a function whose cost has no bound', { ...of('delete'), ...at('Patient.repeat(extension)') }],
  [
    'a place outside a list',
    { ...of('insert'), ...at('Patient.name'), index: { valueInteger: 3 }, value: { valueHumanName: {} } },
  ],
  ['an unknown kind of operation', { ...of('burn'), ...at('Patient') }],
]
for (const [what, operation] of refused)
  test(`a FHIRPath Patch with ${what} is refused with its place`, () =>
    assert.throws(
      () => patched('{"resourceType":"Patient"}', operation),
      (error: unknown) =>
        isObject(error) && JSON.stringify(error['issues']).includes('"expression":"Parameters.parameter[0]'),
    ))

test('a patch that doubles the document again and again is given up', () => {
  const copies = Array.from({ length: 60 }, (_, n) => ({ op: 'copy', from: '', path: `/x${n}` }))
  assert.throws(() => applyJsonPatch(parse({ a: 'x'.repeat(1000) }), parse(copies)), { status: 413 })
})

test('a patch cannot reach what is no part of the document', () => {
  for (const path of ['/__proto__/x', '/constructor', '/constructor/prototype/x'])
    assert.throws(() => applyJsonPatch({}, parse([{ op: 'test', path, value: 1 }])), { name: 'Problem' })
})
