import assert from 'node:assert/strict'
import { test } from 'node:test'
import { subsetOf } from './subset.ts'

const mark = '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}'
const patient =
  '{"resourceType":"Patient","id":"p","meta":{"versionId":"1"},"text":{"status":"generated","div":"<div/>"},"name":[{"family":"Hill"}],"contact":[{"gender":"male"}],"multipleBirthInteger":1,"link":[{"id":"x","other":{"reference":"Patient/q"},"type":"seealso"}]}'
const start = `{"resourceType":"Patient","id":"p","meta":{"versionId":"1","tag":[${mark}]}`

for (const [what, options, expected] of [
  ['_elements keeps what is named', { summary: 'false', elements: ['name'] }, `${start},"name":[{"family":"Hill"}]}`],
  [
    '_elements knows a choice by its name',
    { summary: 'false', elements: ['multipleBirth'] },
    `${start},"multipleBirthInteger":1}`,
  ],
  ['_summary=text', { summary: 'text', elements: [] }, `${start},"text":{"status":"generated","div":"<div/>"}}`],
  [
    '_summary=true goes into nested elements',
    { summary: 'true', elements: [] },
    `${start},"name":[{"family":"Hill"}],"link":[{"id":"x","other":{"reference":"Patient/q"},"type":"seealso"}]}`,
  ],
  ['_summary=false changes nothing', { summary: 'false', elements: [] }, patient],
] as const)
  test(`a part of a resource: ${what}`, () => {
    assert.equal(subsetOf('Patient', options)(patient), expected)
  })

test('a part keeps number texts and mandatory elements as they were sent', () => {
  const body =
    '{"resourceType":"Observation","id":"o","meta":{"tag":[{"code":"a"}]},"status":"final","code":{"text":"x"},"valueQuantity":{"value":70.50},"note":[{"text":"n"}]}'
  const part = subsetOf('Observation', { summary: 'false', elements: ['value'] })(body)
  assert.equal(part, body.replace(',"note":[{"text":"n"}]', '').replace('{"code":"a"}', `{"code":"a"},${mark}`))
})

test('an element the type does not have is refused by name', () => {
  assert.throws(() => subsetOf('Patient', { summary: 'false', elements: ['nme'] }), /nme/)
})
