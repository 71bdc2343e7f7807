import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FhirResource } from 'fhir/r4.js'
import { describeWritten } from './describe.ts'
import { type Described, headline } from './described.ts'
import { readWritten } from './written.ts'

const from = (json: string): Described => {
  const resource: FhirResource = JSON.parse(json)
  return describeWritten(readWritten(json, resource))
}
const described = (resource: object): Described => from(JSON.stringify(resource))

for (const [sent, shown] of [
  ['70.50', '70.50 kg'],
  ['70', '70 kg'],
  ['1e2', '1e2 kg'],
  ['0.10', '0.10 kg'],
] as const)
  test(`a weight sent as ${sent} is shown as ${shown}`, () => {
    const { value } = from(
      `{"resourceType":"Observation","status":"final","code":{"text":"Weight"},"valueQuantity":{"value":${sent},"unit":"kg"}}`,
    )
    assert.equal(value?.text, shown)
  })

const observation = (more: object): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'potassium' },
  ...more,
})
const range = [{ low: { value: 3.5, unit: 'mmol/L' }, high: { value: 5.3, unit: 'mmol/L' } }]

for (const [resource, kind, words, statuses] of [
  [
    observation({ valueQuantity: { value: 5.9, unit: 'mmol/L' }, interpretation: [{ coding: [{ code: 'H' }] }] }),
    'Observation',
    'Potassium 5.9 mmol/L',
    ['Above range'],
  ],
  [
    observation({
      category: [{ coding: [{ code: 'laboratory' }] }],
      valueQuantity: { value: 5, comparator: '<', unit: 'mmol/L' },
    }),
    'Result',
    'Potassium <5 mmol/L',
    [],
  ],
  [observation({ valueQuantity: { value: 97, unit: '%' } }), 'Observation', 'Potassium 97%', []],
  [observation({ valueCodeableConcept: { text: 'Never smoked' } }), 'Observation', 'Potassium Never smoked', []],
  [observation({ valueBoolean: false }), 'Observation', 'Potassium No', []],
  [observation({ status: 'preliminary', valueString: 'pending' }), 'Observation', 'Potassium pending', ['Not final']],
  [observation({ status: 'entered-in-error' }), 'Observation', 'Potassium', ['Recorded by mistake']],
  [
    { resourceType: 'Condition', code: { text: 'Asthma' }, clinicalStatus: { coding: [{ code: 'active' }] } },
    'Problem',
    'Asthma',
    ['Active'],
  ],
  [
    {
      resourceType: 'Condition',
      code: { coding: [{ code: '1', display: 'eGFR fall' }] },
      verificationStatus: { coding: [{ code: 'refuted' }] },
    },
    'Problem',
    'eGFR fall',
    ['Ruled out'],
  ],
  [
    { resourceType: 'AllergyIntolerance', code: { text: 'Penicillin' }, criticality: 'high' },
    'Allergy',
    'Penicillin',
    ['High risk'],
  ],
  [{ resourceType: 'Flag', status: 'inactive', code: { text: 'Falls risk' } }, 'Alert', 'Falls risk', ['Inactive']],
  [
    { resourceType: 'Immunization', status: 'not-done', vaccineCode: { text: 'Influenza' } },
    'Vaccination not given',
    'Influenza',
    ['Not done'],
  ],
  [{ resourceType: 'Encounter', status: 'in-progress', class: { code: 'IMP' } }, 'Contact', 'Hospital stay', ['Now']],
  [
    { resourceType: 'Appointment', status: 'noshow', serviceType: [{ text: 'Eye clinic' }] },
    'Appointment',
    'Eye clinic',
    ['Did not attend'],
  ],
  [{ resourceType: 'Task', status: 'requested', description: 'call back' }, 'Task', 'Call back', ['Needs action']],
  [
    { resourceType: 'DocumentReference', status: 'superseded', description: 'Letter', content: [{ attachment: {} }] },
    'Document',
    'Letter',
    ['Replaced'],
  ],
  [
    { resourceType: 'DiagnosticReport', status: 'final', code: { text: 'Kidney function' } },
    'Report',
    'Kidney function',
    [],
  ],
  [
    { resourceType: 'MedicationStatement', status: 'active', medicationCodeableConcept: { text: 'amlodipine' } },
    'Medicine',
    'Amlodipine',
    ['Current'],
  ],
  [
    { resourceType: 'Procedure', status: 'completed', code: { text: 'Hip replacement' } },
    'Procedure',
    'Hip replacement',
    [],
  ],
  [
    { resourceType: 'Communication', status: 'completed', payload: [{ contentString: 'Slept well' }] },
    'Message',
    'Slept well',
    [],
  ],
  [{ resourceType: 'CarePlan', status: 'active', title: 'Crisis plan' }, 'Plan', 'Crisis plan', ['Active']],
  [{ resourceType: 'FamilyMemberHistory' }, 'Entry', 'Family member history', []],
] as const)
  test(`${kind}: ${words}${statuses.map((status) => ` (${status})`).join('')}`, () => {
    const found = described(resource)
    assert.equal(found.kindWord, kind)
    assert.equal(headline(found), words)
    assert.deepEqual(
      found.statuses.map(({ text }) => text),
      statuses,
    )
  })

test('a reference range keeps the digits of both ends', () => {
  const found = described(observation({ valueQuantity: { value: 4, unit: 'mmol/L' }, referenceRange: range }))
  assert.deepEqual(found.value?.range, { low: 3.5, high: 5.3, text: '3.5 to 5.3 mmol/L' })
})

test('blood pressure is one value', () => {
  const part = (code: string, value: number) => ({
    code: { coding: [{ code }] },
    valueQuantity: { value, unit: 'mmHg' },
  })
  const found = described(observation({ component: [part('8480-6', 148), part('8462-4', 92)] }))
  assert.deepEqual(found.value, { text: '148/92 mmHg', unit: 'mmHg', number: 148, low: 92 })
})

test('a value known only as less than a number is not drawn', () => {
  const found = described(observation({ valueQuantity: { value: 5, comparator: '<', unit: 'mg/L' } }))
  assert.equal(found.value?.number, undefined)
})

test('a dose without text is put together in full', () => {
  const found = described({
    resourceType: 'MedicationRequest',
    status: 'active',
    medicationCodeableConcept: { text: 'amoxicillin' },
    dosageInstruction: [
      {
        doseAndRate: [{ doseQuantity: { value: 500, unit: 'mg' } }],
        route: { text: 'oral' },
        timing: { repeat: { frequency: 3, period: 1, periodUnit: 'd' } },
      },
    ],
  })
  assert.deepEqual(found.lines, ['DOSE 500 mg – oral – 3 times a day'])
})
