import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { hash64 } from '../../base/hash.ts'
import { isObject } from '../../base/json.ts'
import { packageRoot } from '../../base/root.ts'
import { resourceTypeNames } from '../fhir/resource-types.ts'
import { extract } from './extract.ts'
import { codeColumnAnswers, noCode, severalCodes } from './main-code.ts'
import { searchParametersOf } from './parameters.ts'
import type { Resource } from './path.ts'
import { searchText, searchTextLength } from './text.ts'
import { absentToken, codeKey, codeToken, parameterName, presentToken } from './token.ts'

const snomed = 'http://snomed.info/sct'
const nhs = 'https://fhir.nhs.uk/Id/nhs-number'

/** Token texts as `token.ts` documents them, written out: they are on disk. */
const tokenCases: readonly (readonly [string, Resource, readonly string[]])[] = [
  [
    'a coding',
    { resourceType: 'Condition', code: { coding: [{ system: snomed, code: '73211009' }] } },
    [`Condition.code|${snomed}|73211009`, 'Condition.code||73211009'],
  ],
  [
    'a coding without system',
    { resourceType: 'Condition', code: { coding: [{ code: 'x' }] } },
    ['Condition.code|!|x', 'Condition.code||x'],
  ],
  ['a code', { resourceType: 'Patient', gender: 'female' }, ['Patient.gender||female', 'Patient.deceased||false']],
  ['a boolean', { resourceType: 'Patient', active: true }, ['Patient.active||true', 'Patient.deceased||false']],
  [
    'an identifier',
    { resourceType: 'Encounter', identifier: [{ system: nhs, value: '1' }] },
    [`Encounter.identifier|${nhs}|`, `Encounter.identifier|${nhs}|1`, 'Encounter.identifier||1'],
  ],
  ['a contact point', { resourceType: 'Location', telecom: [{ system: 'phone', value: '0113' }] }, []],
  [
    'an e-mail address',
    { resourceType: 'Person', telecom: [{ system: 'email', value: 'a@x.example' }] },
    ['Person.email||a@x.example', 'Person.telecom||a@x.example'],
  ],
  [
    'a reference to a patient',
    { resourceType: 'Condition', subject: { reference: 'Patient/p/_history/3' } },
    [
      'Condition.patient>Patient/p',
      'Condition.patient>Patient/p/_history/3',
      'Condition.subject>Patient/p',
      'Condition.subject>Patient/p/_history/3',
    ],
  ],
  [
    'an absolute reference',
    { resourceType: 'Condition', subject: { reference: 'https://x.example/Patient/p' } },
    ['Condition.patient>https://x.example/Patient/p', 'Condition.subject>https://x.example/Patient/p'],
  ],
  [
    'a logical reference',
    { resourceType: 'Condition', subject: { identifier: { system: nhs, value: '1' } } },
    [
      `Condition.patient:identifier|${nhs}|1`,
      'Condition.patient:identifier||1',
      `Condition.subject:identifier|${nhs}|1`,
      'Condition.subject:identifier||1',
    ],
  ],
  ['a contained reference', { resourceType: 'Condition', subject: { reference: '#p' } }, []],
  [
    'a canonical with a version',
    { resourceType: 'Measure', library: ['https://x.example/w|2'] },
    ['Measure.depends-on=https://x.example/w|2', 'Measure.depends-on=https://x.example/w'],
  ],
  [
    'meta',
    {
      resourceType: 'Basic',
      meta: {
        tag: [{ system: 's', code: 't' }],
        profile: ['https://x.example/p|1'],
        security: [{ code: 'R' }],
        source: 'urn:x',
      },
    },
    [
      'Basic._tag|s|t',
      'Basic._tag||t',
      'Basic._profile=https://x.example/p|1',
      'Basic._profile=https://x.example/p',
      'Basic._security|!|R',
      'Basic._security||R',
      'Basic._source=urn:x',
    ],
  ],
]

for (const [what, resource, expected] of tokenCases)
  test(`tokens of ${what}`, () => {
    const presence = new Set(resourceTypeNames.flatMap(presenceTokens))
    const tokens = extract(resource).tokens.filter((token) => !presence.has(token))
    assert.deepEqual(sorted(tokens), sorted(expected.map(hash64)))
  })

const presenceTokens = (type: string): readonly bigint[] =>
  searchParametersOf(type).flatMap(({ code }) => [
    presentToken(parameterName(type, code)),
    absentToken(parameterName(type, code)),
  ])

const sorted = (tokens: readonly bigint[]): readonly string[] => tokens.map(String).sort()

for (const [what, code, expected] of [
  ['no codings', { text: 'x' }, 0n],
  ['one code', { coding: [{ system: snomed, code: '1' }] }, hash64(`${snomed}|1`)],
  [
    'the same code twice',
    {
      coding: [
        { system: snomed, code: '1' },
        { system: snomed, code: '1' },
      ],
    },
    hash64(`${snomed}|1`),
  ],
  [
    'a standard code beside local ones',
    {
      coding: [
        { system: 'local', code: 'a' },
        { system: snomed, code: '1' },
        { system: 'local', code: 'b' },
      ],
    },
    hash64(`${snomed}|1`),
  ],
  [
    'two standard codes',
    {
      coding: [
        { system: snomed, code: '1' },
        { system: 'http://loinc.org', code: '2' },
      ],
    },
    -1n,
  ],
  ['one local code', { coding: [{ system: 'local', code: 'a' }] }, hash64('local|a')],
  ['two local codes', { coding: [{ system: 'local', code: 'a' }, { code: 'b' }] }, -1n],
] as const)
  test(`main code with ${what}`, () => assert.equal(extract({ resourceType: 'Observation', code }).code, expected))

test('a search by a standard code finds by the code column whatever its token finds', () => {
  const system = fc.constantFrom(snomed, 'http://loinc.org', 'https://dmd.nhs.uk', 'urn:local', 'urn:other')
  const coding = fc.record({ system, code: fc.constantFrom('1', '2') })
  fc.assert(
    fc.property(fc.array(coding, { minLength: 1, maxLength: 4 }), (codings) => {
      const columns = extract({ resourceType: 'Observation', code: { coding: codings } })
      assert.notEqual(columns.code, noCode)
      for (const each of codings) {
        assert.ok(columns.tokens.includes(codeToken('Observation.code', each.system, each.code)))
        const found = columns.code === severalCodes || columns.code === codeKey(each.system, each.code)
        assert.ok(found || !codeColumnAnswers(each.system))
      }
    }),
  )
})

test('long strings are cut where the query cuts them, and apostrophes are one', () => {
  const long = `${'x'.repeat(searchTextLength - 1)}\u{1f600}y`
  assert.ok(searchText(long).length <= searchTextLength)
  assert.ok(searchText(long).isWellFormed())
  assert.equal(searchText('O\u2019REILLY'), "o'reilly")
})

test('main codes of medicines and vaccines', () => {
  const concept = { coding: [{ system: snomed, code: '1' }] }
  const expected = hash64(`${snomed}|1`)
  assert.equal(extract({ resourceType: 'MedicationRequest', medicationCodeableConcept: concept }).code, expected)
  assert.equal(extract({ resourceType: 'Immunization', vaccineCode: concept }).code, expected)
  assert.equal(extract({ resourceType: 'DocumentReference', type: concept }).code, expected)
})

test('strings are normalised, a row for each part of a name and an address', () => {
  const { strings } = extract({
    resourceType: 'Patient',
    name: [{ family: 'Kociński', given: ['ZOË', 'Ann  Marie'], prefix: ['Mrs'] }],
    address: [{ line: ['1 The Street'], city: 'Leeds', postalCode: 'LS1 4AP' }],
  })
  const under = (code: string): readonly string[] =>
    strings.filter((row) => row.key === hash64(`Patient.${code}`)).map((row) => row.value)
  assert.deepEqual(under('family'), ['kocinski'])
  assert.deepEqual(under('given'), ['zoe', 'ann marie'])
  assert.deepEqual(under('name'), ['kocinski', 'zoe', 'ann marie', 'mrs'])
  assert.deepEqual(under('address'), ['1 the street', 'leeds', 'ls1 4ap'])
  assert.deepEqual(under('address-postalcode'), ['ls1 4ap'])
})

test('every date parameter has its row, and the main date its column', () => {
  const columns = extract({
    resourceType: 'Condition',
    onsetDateTime: '2026-07-05',
    recordedDate: '2026-07-06T10:00:00Z',
  })
  assert.equal(columns.date, Date.parse('2026-07-04T23:00:00.000Z'))
  assert.deepEqual(columns.dates, [
    {
      key: hash64('Condition.onset-date'),
      low: Date.parse('2026-07-04T23:00:00.000Z'),
      high: Date.parse('2026-07-05T22:59:59.999Z'),
    },
    {
      key: hash64('Condition.recorded-date'),
      low: Date.parse('2026-07-06T10:00:00.000Z'),
      high: Date.parse('2026-07-06T10:00:00.999Z'),
    },
  ])
})

for (const [what, resource, expected] of [
  ['an open beginning', { resourceType: 'Encounter', period: { end: '2026-01-02' } }, '2026-01-02T23:59:59.999Z'],
  [
    'nothing better than when it was recorded',
    { resourceType: 'Condition', onsetString: 'as a child', recordedDate: '2026-01-02' },
    '2026-01-02T00:00:00.000Z',
  ],
  ['no date', { resourceType: 'Observation', status: 'final' }, undefined],
  ['no type', {}, undefined],
] as const)
  test(`main date with ${what}`, () => assert.equal(extract(resource).date, expected && Date.parse(expected)))

test('references are listed once, without versions, relative ones only', () => {
  const resource = {
    resourceType: 'Observation',
    subject: { reference: 'Patient/p' },
    performer: [
      { reference: 'Patient/p' },
      { reference: 'https://x.example/Practitioner/a' },
      { reference: 'Practitioner/b/_history/1' },
      { reference: '#c' },
    ],
  }
  assert.deepEqual(extract(resource).references, ['Patient/p', 'Practitioner/b'])
})

test('never throws, whatever the elements hold', () => {
  const type = fc.constantFrom(...resourceTypeNames)
  const element = fc.constantFrom(
    'code',
    'subject',
    'name',
    'period',
    'identifier',
    'meta',
    'effectiveTiming',
    'telecom',
    'participant',
  )
  fc.assert(
    fc.property(type, fc.dictionary(element, fc.jsonValue({ maxDepth: 3 })), (resourceType, rest) => {
      const columns = extract({ ...rest, resourceType })
      assert.equal(new Set(columns.tokens).size, columns.tokens.length)
    }),
  )
})

const synthea = join(packageRoot, '..', 'shared', 'synthea')
const skip = existsSync(synthea) ? false : 'the Synthea records are not here (../shared): nothing checked'

test('every dated type of the Synthea records has a main date, every coded one a main code', { skip }, () => {
  const undated = new Set<string>()
  const uncoded = new Set<string>()
  for (const file of readdirSync(synthea)
    .filter((name) => name.endsWith('.json'))
    .slice(0, 20)) {
    for (const resource of resourcesIn(join(synthea, file))) {
      const columns = extract(resource)
      if (columns.date === undefined) undated.add(String(resource['resourceType']))
      if (columns.code === 0n) uncoded.add(String(resource['resourceType']))
    }
  }
  assert.deepEqual([...undated].sort(), ['Goal', 'Organization', 'Practitioner'])
  assert.deepEqual([...uncoded].sort(), [
    'Claim',
    'ExplanationOfBenefit',
    'Goal',
    'ImagingStudy',
    'Organization',
    'Patient',
    'Practitioner',
  ])
})

function resourcesIn(file: string): readonly Resource[] {
  const bundle: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const entries: readonly unknown[] = isObject(bundle) && Array.isArray(bundle['entry']) ? bundle['entry'] : []
  return entries.flatMap((entry) => (isObject(entry) && isObject(entry['resource']) ? [entry['resource']] : []))
}
