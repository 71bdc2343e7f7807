import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkStructure } from './structure.ts'

const patient = { resourceType: 'Patient', id: 'p1' }
const observation = { resourceType: 'Observation', status: 'final', code: { text: 'Weight' } }
const absent = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }

const accepted: readonly (readonly [string, unknown])[] = [
  ['a bare patient', patient],
  ['a date by year, month and leap day', { ...patient, birthDate: '2024-02-29' }],
  ['only extensions in place of a birth date', { ...patient, _birthDate: { extension: [absent] } }],
  [
    'a value and its extensions',
    {
      ...patient,
      birthDate: '1970',
      _birthDate: { id: 'b', extension: [{ url: 'https://x.example/a', valueString: 'a' }] },
    },
  ],
  [
    'nulls that keep two arrays in step',
    { ...patient, name: [{ given: ['Ann', null], _given: [null, { extension: [absent] }] }] },
  ],
  ['extensions for the first of two values', { ...patient, name: [{ given: ['Ann', 'Bea'], _given: [{ id: 'g' }] }] }],
  ['a choice with its extensions', { ...observation, valueString: 'x', _valueString: { id: 'v' } }],
  [
    'a required element by extension only',
    { resourceType: 'Observation', _status: { extension: [absent] }, code: { text: 'x' } },
  ],
  [
    'a nested extension',
    { ...patient, extension: [{ url: 'https://x.example/a', extension: [{ url: 'b', valueInteger: 1 }] }] },
  ],
  ['a contained resource', { ...observation, contained: [{ ...patient }], subject: { reference: '#p1' } }],
  ['a bundle', { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:x', resource: patient }] }],
  ['base64 with white space', { resourceType: 'Binary', contentType: 'text/plain', data: 'YWJj\n ZGVm' }],
  ['a leap second', { ...observation, effectiveInstant: '2016-12-31T23:59:60Z' }],
  ['a content reference', { ...observation, component: [{ code: { text: 'x' }, referenceRange: [{ text: 'y' }] }] }],
]

for (const [what, resource] of accepted)
  test(`accepts ${what}`, () => assert.deepEqual(checkStructure(resource).issues, []))

/** What is wrong, the resource, where it is wrong, the issue code. */
const defects: readonly (readonly [string, unknown, string | undefined, string])[] = [
  ['null', null, undefined, 'structure'],
  ['an array', [patient], undefined, 'structure'],
  ['no resourceType', { id: 'x' }, undefined, 'structure'],
  ['an unknown type', { resourceType: 'Bot' }, undefined, 'structure'],
  ['an unknown element', { ...patient, nickname: 'A' }, 'Patient.nickname', 'structure'],
  ['an inherited JavaScript name', { ...patient, constructor: 'A' }, 'Patient.constructor', 'structure'],
  ['an unknown nested element', { ...patient, contact: [{ age: 3 }] }, 'Patient.contact[0].age', 'structure'],
  ['an object for an array', { ...patient, name: { family: 'A' } }, 'Patient.name', 'structure'],
  ['an array for an object', { ...patient, maritalStatus: [{ text: 'x' }] }, 'Patient.maritalStatus', 'structure'],
  ['an array for a value', { ...patient, birthDate: ['1970'] }, 'Patient.birthDate', 'structure'],
  ['a value for an object', { ...patient, maritalStatus: 'x' }, 'Patient.maritalStatus', 'structure'],
  ['an empty array', { ...patient, name: [] }, 'Patient.name', 'structure'],
  ['an empty object', { ...patient, name: [{}] }, 'Patient.name[0]', 'structure'],
  ['an empty string', { ...patient, name: [{ family: '' }] }, 'Patient.name[0].family', 'value'],
  ['only white space', { ...patient, name: [{ given: ['A', ' '] }] }, 'Patient.name[0].given[1]', 'value'],
  ['a control character', { ...patient, name: [{ family: 'A\u0000' }] }, 'Patient.name[0].family', 'value'],
  ['half a surrogate pair', { ...patient, name: [{ family: 'A\ud83d' }] }, 'Patient.name[0].family', 'value'],
  ['null for a value', { ...patient, birthDate: null }, 'Patient.birthDate', 'structure'],
  [
    'null in an array without extensions',
    { ...patient, name: [{ given: ['A', null] }] },
    'Patient.name[0].given[1]',
    'structure',
  ],
  [
    'null on both sides',
    { ...patient, name: [{ given: [null], _given: [null] }] },
    'Patient.name[0].given[0]',
    'structure',
  ],
  ['null in an array of objects', { ...patient, name: [null] }, 'Patient.name[0]', 'structure'],
  ['30 February', { ...patient, birthDate: '2024-02-30' }, 'Patient.birthDate', 'value'],
  ['29 February 1900', { ...patient, birthDate: '1900-02-29' }, 'Patient.birthDate', 'value'],
  ['year 0', { ...patient, birthDate: '0000' }, 'Patient.birthDate', 'value'],
  ['a short month', { ...patient, birthDate: '1991-1-13' }, 'Patient.birthDate', 'value'],
  ['a time in a date', { ...patient, birthDate: '1970-01-01T00:00:00Z' }, 'Patient.birthDate', 'value'],
  [
    'a time without a zone',
    { ...observation, effectiveDateTime: '2026-04-03T10:00:00' },
    'Observation.effective.ofType(dateTime)',
    'value',
  ],
  [
    'a time without seconds',
    { ...observation, effectiveDateTime: '2026-04-03T10:00Z' },
    'Observation.effective.ofType(dateTime)',
    'value',
  ],
  ['hour 24', { ...observation, issued: '2026-04-03T24:00:00Z' }, 'Observation.issued', 'value'],
  ['a zone beyond 14 hours', { ...observation, issued: '2026-04-03T10:00:00+14:30' }, 'Observation.issued', 'value'],
  ['a bad id', { ...patient, id: 'a b' }, 'Patient.id', 'value'],
  ['a code with double space', { ...observation, status: 'fi  nal' }, 'Observation.status', 'value'],
  ['white space in a URI', { ...patient, implicitRules: 'http://x y' }, 'Patient.implicitRules', 'value'],
  ['text for a boolean', { ...patient, active: 'true' }, 'Patient.active', 'value'],
  [
    'text for a number',
    { ...observation, valueQuantity: { value: '1' } },
    'Observation.value.ofType(Quantity).value',
    'value',
  ],
  [
    'a fraction for a whole number',
    { ...observation, valueInteger: 1.5 },
    'Observation.value.ofType(integer)',
    'value',
  ],
  ['33 bits', { ...observation, valueInteger: 2147483648 }, 'Observation.value.ofType(integer)', 'value'],
  ['zero for a positive number', { ...patient, telecom: [{ rank: 0 }] }, 'Patient.telecom[0].rank', 'value'],
  ['bad base64', { resourceType: 'Binary', contentType: 'a/b', data: 'abc' }, 'Binary.data', 'value'],
  ['narrative that is not XHTML', { ...patient, text: { status: 'empty', div: 'hello' } }, 'Patient.text.div', 'value'],
  ['text over 1 MB', { ...patient, name: [{ text: 'a'.repeat(1048577) }] }, 'Patient.name[0].text', 'too-long'],
  ['a missing required element', { resourceType: 'Observation', status: 'final' }, 'Observation.code', 'required'],
  ['a missing nested element', { ...patient, link: [{ type: 'seealso' }] }, 'Patient.link[0].other', 'required'],
  [
    'a missing choice',
    { resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject: { display: 'A' } },
    'MedicationRequest.medication',
    'required',
  ],
  ['two types of a choice', { ...observation, valueString: 'a', valueInteger: 1 }, 'Observation.value', 'structure'],
  [
    'two types, one by extension',
    { ...observation, valueString: 'a', _valueInteger: { id: 'x' } },
    'Observation.value',
    'structure',
  ],
  [
    'a type the choice has not',
    { ...observation, valueAddress: { city: 'A' } },
    'Observation.valueAddress',
    'structure',
  ],
  [
    'an extension without a URL',
    { ...patient, extension: [{ valueString: 'a' }] },
    'Patient.extension[0].url',
    'required',
  ],
  ['an extension without a value', { ...patient, extension: [{ url: 'a' }] }, 'Patient.extension[0]', 'required'],
  [
    'an extension with both',
    { ...patient, extension: [{ url: 'a', valueString: 'b', extension: [absent] }] },
    'Patient.extension[0]',
    'structure',
  ],
  ['a value beside a primitive', { ...patient, _birthDate: { value: '1970' } }, 'Patient.birthDate.value', 'structure'],
  ['a list beside one primitive', { ...patient, _birthDate: [{ id: 'a' }] }, 'Patient.birthDate', 'structure'],
  [
    'a resource in a contained one',
    { ...observation, contained: [{ ...observation, contained: [patient] }] },
    'Observation.contained[0].contained[0]',
    'structure',
  ],
  [
    'a broken entry',
    { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { ...patient, gender: 3 } }] },
    'Bundle.entry[0].resource.gender',
    'value',
  ],
  [
    'an entry of unknown type',
    { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'X' } }] },
    'Bundle.entry[0].resource',
    'structure',
  ],
]

for (const [what, resource, expression, code] of defects)
  test(`refuses ${what}`, () => {
    const { issues } = checkStructure(resource)
    assert.deepEqual(
      // A defect may break a rule of the type as well.
      issues.filter((issue) => issue.code !== 'invariant').map((issue) => [issue.expression, issue.code]),
      [[expression, code]],
    )
  })

test('refuses nesting without end, and survives it', () => {
  let extension: unknown = { url: 'a', valueString: 'b' }
  for (let level = 0; level < 20_000; level++) extension = { url: 'a', extension: [extension] }
  const { issues } = checkStructure({ ...patient, extension: [extension] })
  assert.deepEqual(
    issues.map((issue) => issue.code),
    ['too-costly'],
  )
})

test('stops at a hundred issues', () => {
  const name = Array.from({ length: 5000 }, () => ({ nickname: 'x' }))
  assert.equal(checkStructure({ ...patient, name }).issues.length, 100)
})

test('messages never repeat what was sent', () => {
  const { issues } = checkStructure({
    ...patient,
    'Mrs Jones': 1,
    birthDate: 'Jones',
    name: [{ family: { Jones: 1 } }],
  })
  assert.equal(issues.length, 3)
  assert.doesNotMatch(JSON.stringify(issues), /Jones/)
})

test('never throws, whatever the JSON value', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4, depthSize: 'small' }), (value) => void checkStructure(value)))
  const type = fc.constantFrom('Patient', 'Observation', 'Bundle', 'Parameters', 'Questionnaire', 'Timing', '__proto__')
  const names = fc.constantFrom(
    'name',
    'contained',
    'entry',
    'resource',
    'extension',
    '_id',
    'item',
    'valueString',
    '__proto__',
  )
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.jsonValue({ maxDepth: 2 }),
      fc.array(tie('any'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc
      .tuple(type, fc.dictionary(names, tie('any'), { maxKeys: 4 }))
      .map(([resourceType, rest]) => ({ resourceType, ...rest })),
  })).object
  fc.assert(fc.property(value, (each) => void checkStructure(each)))
})

/** Ways to break a value: each must be noticed wherever in a resource it happens. */
const mutations: Readonly<Record<string, (value: unknown) => unknown>> = {
  'made empty': (value) => (Array.isArray(value) ? [] : typeof value === 'object' ? {} : ''),
  'made null': () => null,
  'put in two arrays': (value) => [[value]],
  'given an unknown member': (value) => (typeof value === 'object' ? { ...value, zzz: 1 } : { zzz: 1 }),
  'made white space': () => ' \t',
}

/** A copy of a value in which the member at a place is changed. */
const changedAt = (value: unknown, place: readonly string[], change: (value: unknown) => unknown): unknown => {
  const [step, ...rest] = place
  if (step === undefined) return change(value)
  if (Array.isArray(value)) return value.map((each, at) => (String(at) === step ? changedAt(each, rest, change) : each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === step ? changedAt(each, rest, change) : each]),
  )
}

const placesIn = (value: unknown): readonly (readonly string[])[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value)
        .filter(([, each]) => each !== null)
        .flatMap(([key, each]) => [[key], ...placesIn(each).map((place) => [key, ...place])])

for (const [how, change] of Object.entries(mutations))
  test(`notices any value of a good resource that is ${how}`, () => {
    for (const [what, resource] of accepted)
      for (const place of placesIn(resource)) {
        // null is right here: the value has an extension in its place.
        if (how === 'made null' && place.some((step) => step.endsWith('given'))) continue
        const { issues } = checkStructure(changedAt(resource, place, change))
        assert.ok(issues.length > 0, `${what}: ${place.join('.')}`)
      }
  })

test('counts every member of a resource without issues', () => {
  const sent = {
    ...observation,
    component: [{ code: { coding: [{ code: 'a' }] }, valueQuantity: { value: 1 } }],
    _status: { id: 'x' },
  }
  assert.equal(checkStructure(sent).keys, (JSON.stringify(sent).match(/":/g) ?? []).length)
})
