import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definitions } from '../fhir/definitions.ts'
import { searchParameter, whyNotIndexed } from './parameters.ts'
import { compilePath, type Resource, valuesAt } from './path.ts'

const values = (expression: string, resource: Resource): readonly unknown[] =>
  compilePath(expression, String(resource['resourceType'])).flatMap((route) => valuesAt(route, resource))

const patient = {
  resourceType: 'Patient',
  name: [{ family: 'Hill', given: ['Ann', 'Bea'] }, { given: ['Cy'] }],
  telecom: [
    { system: 'phone', value: '1' },
    { system: 'email', value: 'a@x.example' },
  ],
  _birthDate: { extension: [{ url: 'https://x.example/time', valueDateTime: '1970-01-01T10:00:00Z' }] },
  extension: [{ url: 'https://x.example/place', valueAddress: { city: 'Leeds' } }],
  deceasedBoolean: false,
}
const appointment = {
  resourceType: 'Appointment',
  participant: [
    { actor: { reference: 'Patient/p' } },
    { actor: { reference: 'https://other.example/fhir/Patient/q/_history/2' } },
    { actor: { type: 'Patient', identifier: { value: '1' } } },
    { actor: { identifier: { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' } } },
    { actor: { reference: 'Location/l' } },
    { actor: { reference: 'urn:uuid:x' } },
  ],
}
const quantity = {
  resourceType: 'Observation',
  valueQuantity: { value: 1 },
  component: [{ valueString: 'a' }, { valueQuantity: { value: 2 } }],
}
const bundle = {
  resourceType: 'Bundle',
  entry: [{ resource: { resourceType: 'Composition' } }, { resource: { resourceType: 'Patient' } }],
}

for (const [expression, resource, expected] of [
  ['Patient.name.given', patient, ['Ann', 'Bea', 'Cy']],
  ['Patient.name[0].given[1]', patient, ['Bea']],
  ["Patient.telecom.where(system='email').value", patient, ['a@x.example']],
  ['Person.name | Patient.name.family', patient, ['Hill']],
  ['Practitioner.name', patient, []],
  ['DomainResource.extension.url', patient, ['https://x.example/place']],
  ["Patient.extension('https://x.example/place').value.ofType(Address).city", patient, ['Leeds']],
  ["Patient.birthDate.extension('https://x.example/time').value", patient, ['1970-01-01T10:00:00Z']],
  ['Observation.value', quantity, [{ value: 1 }]],
  ['Observation.value as Quantity', quantity, [{ value: 1 }]],
  ['(Observation.value as string)', quantity, []],
  ['(Observation.value.ofType(Quantity)).value', quantity, [1]],
  [
    '(Observation.value as Quantity) | (Observation.component.value as Quantity)',
    quantity,
    [{ value: 1 }, { value: 2 }],
  ],
  ['Bundle.entry[0].resource', bundle, [{ resourceType: 'Composition' }]],
  ['Appointment.participant.actor.where(resolve() is Location)', appointment, [{ reference: 'Location/l' }]],
] as const)
  test(`${expression} finds ${expected.length}`, () => assert.deepEqual(values(expression, resource), expected))

test('a patient is known by relative and absolute reference, by type, and by NHS number', () =>
  assert.equal(values('Appointment.participant.actor.where(resolve() is Patient)', appointment).length, 4))

const deceased = searchParameter('Patient', 'deceased')?.expression ?? ''
for (const [what, more, expected] of [
  ['nothing said', { deceasedBoolean: undefined }, false],
  ['said to be alive', {}, false],
  ['said to be dead', { deceasedBoolean: true }, true],
  ['a time of death', { deceasedBoolean: undefined, deceasedDateTime: '2026-01-01' }, true],
] as const)
  test(`deceased is ${expected} with ${what}`, () =>
    assert.deepEqual(values(deceased, { ...patient, ...more }), [expected]))

for (const broken of [
  'Patient.',
  'Patient.name.first()',
  'Patient.nickname',
  '(Patient.name',
  'Patient.name)',
  'Patient.name.where(use=1)',
  'Patient.name + 1',
])
  test(`${broken} is refused`, () => assert.throws(() => compilePath(broken, 'Patient')))

test('every R4 search parameter compiles for each of its types, or is one that searches text', () => {
  const without = definitions().searchParameters.filter((parameter) => parameter.expression === undefined)
  assert.deepEqual(without.map((each) => each.id).sort(), ['DomainResource-text', 'Resource-content', 'Resource-query'])
  for (const { id, base, expression } of definitions().searchParameters)
    for (const type of base) {
      if (expression === undefined) continue
      assert.ok(compilePath(expression, type).length > 0, `${id} for ${type}`)
    }
})

test('the parameters without search columns are these, each for a reason', () => {
  const reasons = definitions().searchParameters.map((each) => [each.type, each.code, whyNotIndexed(each)] as const)
  const missing = reasons.filter(([, , why]) => why !== undefined)
  const counts = Object.entries(Object.groupBy(missing, ([type]) => type)).map(([type, each]) => [type, each.length])
  assert.deepEqual(Object.fromEntries(counts), {
    composite: 46,
    date: 1,
    string: 2,
    token: 2,
  })
  const others = missing
    .filter(([type]) => ['date', 'special', 'string', 'token'].includes(type))
    .map(([, code]) => code)
  assert.deepEqual(others.sort(), ['_content', '_id', '_lastUpdated', '_query', '_text'])
})

test('parameters of every resource are found under each type, and no others', () => {
  for (const code of ['_id', '_lastUpdated', '_tag', '_profile', '_security', '_source', 'identifier', 'birthdate'])
    assert.equal(searchParameter('Patient', code)?.code, code)
  assert.equal(searchParameter('Observation', 'birthdate'), undefined)
  assert.equal(searchParameter('Nothing', 'code'), undefined)
})
