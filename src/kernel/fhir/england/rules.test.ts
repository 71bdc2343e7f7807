import assert from 'node:assert/strict'
import { test } from 'node:test'
import { englandFindings, englandRules, londonDate } from './rules.ts'

const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-'
const nhsNumber = 'https://fhir.nhs.uk/Id/nhs-number'
const snomed = 'http://snomed.info/sct'
const verification = 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland'
const concept = (system: string, code: string) => ({ coding: [{ system, code }] })

/** What is checked, and the rules it breaks. */
const cases: readonly (readonly [what: string, type: string, value: object, rules: readonly string[]])[] = [
  ['a good NHS number', 'Identifier', { system: nhsNumber, value: '9990000018' }, []],
  ['a wrong check digit', 'Identifier', { system: nhsNumber, value: '9990000019' }, ['england-nhs-number']],
  ['no value', 'Identifier', { system: nhsNumber }, ['england-nhs-number-value']],
  ['no value, with the reason', 'Identifier', { system: nhsNumber, extension: [{ url: 'x' }] }, []],
  ['spaces', 'Identifier', { system: nhsNumber, value: '999 000 0018' }, ['england-nhs-number-spaces']],
  ['an ODS code', 'Identifier', { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'RX1' }, []],
  [
    'no ODS code',
    'Identifier',
    { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'r x' },
    ['england-ods-code'],
  ],
  ['a SNOMED CT code', 'Coding', { system: snomed, code: '22298006' }, []],
  ['a digit of it wrong', 'Coding', { system: snomed, code: '22298007' }, ['england-snomed-check-digit']],
  ['too few digits', 'Coding', { system: snomed, code: '222' }, ['england-snomed-form']],
  ['dm+d that is no number', 'Coding', { system: 'https://dmd.nhs.uk', code: 'abc' }, ['england-dmd-form']],
  ['https for SNOMED CT', 'Coding', { system: 'https://snomed.info/sct', code: '22298006' }, ['england-system-https']],
  [
    'a verification status',
    'Extension',
    { url: `${ukCore}NHSNumberVerificationStatus`, valueCodeableConcept: concept(verification, '01') },
    [],
  ],
  [
    'a verification status outside the list',
    'Extension',
    { url: `${ukCore}NHSNumberVerificationStatus`, valueCodeableConcept: concept(verification, '99') },
    ['england-extension-shape'],
  ],
  ['a wrong type', 'Extension', { url: `${ukCore}EthnicCategory`, valueString: 'A' }, ['england-extension-shape']],
  [
    'an unknown part',
    'Extension',
    { url: `${ukCore}ContactPreference`, extension: [{ url: 'x', valueString: 'y' }] },
    ['england-extension-shape'],
  ],
  [
    'a UPRN that is none',
    'Extension',
    {
      url: `${ukCore}AddressKey`,
      extension: [
        {
          url: 'type',
          valueCoding: { system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-AddressKeyType', code: 'UPRN' },
        },
        { url: 'value', valueString: 'house' },
      ],
    },
    ['england-uprn'],
  ],
  ['an extension of others', 'Extension', { url: 'http://example.org/x', valueString: 'y' }, []],
  [
    'two NHS numbers',
    'Patient',
    {
      identifier: [
        { system: nhsNumber, value: '9990000018' },
        { system: nhsNumber, value: '9990000026' },
      ],
    },
    ['england-one-nhs-number'],
  ],
  [
    'a replaced NHS number',
    'Patient',
    {
      identifier: [
        { system: nhsNumber, value: '9990000018' },
        { system: nhsNumber, value: '9990000026', use: 'old' },
      ],
    },
    [],
  ],
  [
    'death before birth',
    'Patient',
    { birthDate: '2000-01-02', deceasedDateTime: '2000-01-01' },
    ['england-death-before-birth'],
  ],
]

for (const [what, type, value, rules] of cases)
  test(`England: ${what}: ${rules.length === 0 ? 'accepted' : rules.join(', ')}`, () => {
    assert.deepEqual(
      englandFindings(type, value, true).map((each) => each.rule),
      rules,
    )
  })

test('only errors are looked for when a resource is written', () => {
  assert.deepEqual(englandFindings('Identifier', { system: nhsNumber, value: '9990000019' }, false), [])
})

test('late on a summer evening in UTC it is the next day in England', () => {
  assert.equal(londonDate('2026-07-01T23:30:00Z'), '2026-07-02')
  assert.equal(londonDate('2026-01-01T23:30:00Z'), '2026-01-01')
})

test('every rule names its source', () => {
  for (const { rule, source } of englandRules) assert.ok(source.length > 10, rule)
})
