import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Library } from '../../src/kernel/fhir/packages/library.ts'
import { Validator } from '../../src/kernel/fhir/validate/validator.ts'

type Resource = Record<string, unknown>

const nhsNumber = 'https://fhir.nhs.uk/Id/nhs-number'
const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Text</p></div>'

const patient = (): Resource => ({
  resourceType: 'Patient',
  id: 'p1',
  meta: { profile: ['http://example.org/strict-patient'] },
  text: { status: 'generated', div },
  contained: [{ resourceType: 'Organization', id: 'o1', name: 'Surgery' }],
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: { city: 'Leeds' } }],
  identifier: [{ system: nhsNumber, value: '9990000018' }],
  active: true,
  name: [{ use: 'official', family: 'Khan', given: ['Amina'] }],
  telecom: [{ system: 'phone', value: '020 7946 0000', use: 'home' }],
  gender: 'female',
  birthDate: '1980-04-03',
  maritalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M', display: 'Married' }],
  },
  contact: [{ name: { family: 'Khan' } }],
  managingOrganization: { reference: '#o1' },
})

const observation = (): Resource => ({
  resourceType: 'Observation',
  id: 'b1',
  text: { status: 'generated', div },
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://snomed.info/sct', code: '22298006' }] },
  subject: { reference: 'Patient/p1' },
  effectivePeriod: { start: '2026-01-01T10:00:00Z', end: '2026-01-01T11:00:00Z' },
  valueQuantity: { value: 36.9, unit: 'C', system: 'http://unitsofmeasure.org', code: 'Cel' },
  referenceRange: [{ low: { value: 36 } }],
  component: [{ code: { text: 'part' }, valueString: 'x' }],
})

const bundle = (): Resource =>
  plain({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      {
        fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
        resource: {
          ...observation(),
          id: 'b1',
          subject: { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239521' },
        },
      },
      { fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239521', resource: { ...patient(), meta: undefined } },
    ],
  })

/** As it would come from a text. */
const plain = (resource: Resource): Resource => JSON.parse(JSON.stringify(resource)) as Resource

const questionnaire: Resource = {
  resourceType: 'Questionnaire',
  url: 'http://example.org/questions',
  status: 'active',
  item: [
    { linkId: '1', type: 'boolean', required: true },
    { linkId: '2', type: 'string', maxLength: 5, enableWhen: [{ question: '1', operator: '=', answerBoolean: true }] },
    { linkId: '3', type: 'choice', answerOption: [{ valueString: 'a' }, { valueString: 'b' }] },
  ],
}

const response = (): Resource => ({
  resourceType: 'QuestionnaireResponse',
  text: { status: 'generated', div },
  questionnaire: 'http://example.org/questions',
  status: 'completed',
  item: [
    { linkId: '1', answer: [{ valueBoolean: true }] },
    { linkId: '2', answer: [{ valueString: 'yes' }] },
    { linkId: '3', answer: [{ valueString: 'a' }] },
  ],
})

const profile: Resource = {
  resourceType: 'StructureDefinition',
  url: 'http://example.org/strict-patient',
  name: 'StrictPatient',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: {
    element: [
      {
        id: 'Patient',
        path: 'Patient',
        constraint: [{ key: 'own-1', severity: 'error', human: 'Adults only', expression: 'birthDate < @2020' }],
      },
      { path: 'Patient.identifier', slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'closed' } },
      { path: 'Patient.identifier', sliceName: 'nhs', min: 1, max: '1' },
      { path: 'Patient.identifier.system', min: 1, fixedUri: nhsNumber },
      { path: 'Patient.name', min: 1, max: '2' },
      { path: 'Patient.name.family', min: 1, maxLength: 20 },
      { path: 'Patient.active', patternBoolean: true },
      { path: 'Patient.photo', max: '0' },
    ],
  },
}

const walk = (resource: Resource, path: string): { readonly holder: Record<string, unknown>; readonly key: string } => {
  const keys = path.split('.')
  const key = keys.pop() ?? ''
  let holder = resource
  for (const each of keys) holder = holder[each] as Record<string, unknown>
  return { holder, key }
}

const set =
  (path: string, value: unknown) =>
  (resource: Resource): void => {
    const { holder, key } = walk(resource, path)
    if (value === undefined) delete holder[key]
    else holder[key] = value
  }

/** One defect of each class. */
const defects: readonly (readonly [what: string, make: () => Resource, damage: (resource: Resource) => void])[] = [
  ['an unknown element', patient, set('nickname', 'x')],
  ['an unknown nested element', patient, set('contact.0.age', 3)],
  ['a wrong JSON type', patient, set('active', 'true')],
  ['an object for an array', patient, set('name', { family: 'x' })],
  ['an array for an object', patient, set('maritalStatus', [{ text: 'x' }])],
  ['an empty array', patient, set('telecom', [])],
  ['an empty object', patient, set('contact.0.name', {})],
  ['an empty string', patient, set('name.0.family', '')],
  ['null', patient, set('gender', null)],
  ['a missing required element', observation, set('status', undefined)],
  ['a missing nested required element', observation, set('component.0.code', undefined)],
  ['two types of a choice', observation, set('valueString', 'x')],
  ['a type that the choice has not', observation, set('valueAddress', { city: 'x' })],
  ['a date that does not exist', patient, set('birthDate', '1980-02-30')],
  ['a time without a zone', observation, set('effectivePeriod.start', '2026-01-01T10:00:00')],
  ['an id with a wrong character', patient, set('id', 'a_b')],
  ['an id that is too long', patient, set('id', 'a'.repeat(65))],
  ['a code with spaces', patient, set('gender', ' female')],
  ['a code outside a required value set', patient, set('gender', 'woman')],
  ['a code outside a required value set of a nested element', patient, set('telecom.0.system', 'pigeon')],
  ['a code that its system has not', patient, set('maritalStatus.coding.0.code', 'ZZ')],
  ['a name that is another code’s', patient, set('maritalStatus.coding.0.display', 'Divorced')],
  ['a contact without details (pat-1)', patient, set('contact.0', { gender: 'male' })],
  ['a phone without its kind (cpt-2)', patient, set('telecom.0.system', undefined)],
  ['a period that ends before it starts (per-1)', observation, set('effectivePeriod.end', '2025-01-01T10:00:00Z')],
  ['a value and a reason for none (obs-6)', observation, set('dataAbsentReason', { text: 'x' })],
  ['a range without limits (obs-3)', observation, set('referenceRange.0', { appliesTo: [{ text: 'x' }] })],
  ['a unit code without a system (qty-3)', observation, set('valueQuantity.system', undefined)],
  ['a reference to a wrong type', observation, set('subject.reference', 'Medication/m1')],
  ['a local reference to nothing (ref-1)', patient, set('managingOrganization.reference', '#o2')],
  ['a contained resource nobody refers to (dom-3)', patient, set('managingOrganization', undefined)],
  ['a contained resource in a contained one', patient, set('contained.0.contained', [{ resourceType: 'Patient' }])],
  ['a contained resource with a version (dom-4)', patient, set('contained.0.meta', { versionId: '1' })],
  ['an extension without a url', patient, set('extension.0.url', undefined)],
  ['an extension with a relative url', patient, set('extension.0.url', 'place')],
  ['an extension with a value and parts', patient, set('extension.0.extension', [{ url: 'a', valueString: 'b' }])],
  [
    'an extension with a value of a wrong type',
    patient,
    set('extension.0', { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueString: 'Leeds' }),
  ],
  [
    'an extension where it may not be',
    patient,
    set('name.0.extension', [
      { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: { city: 'Leeds' } },
    ]),
  ],
  [
    'a script in the narrative',
    patient,
    set('text.div', '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>'),
  ],
  [
    'an event attribute in the narrative',
    patient,
    set('text.div', '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x">x</p></div>'),
  ],
  ['a narrative that is not closed', patient, set('text.div', '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</div>')],
  ['an empty narrative', patient, set('text.div', '<div xmlns="http://www.w3.org/1999/xhtml"> </div>')],
  [
    'an attachment of another size',
    patient,
    set('contact.0.extension', [{ url: 'http://example.org/a', valueAttachment: { data: 'YWJj', size: 7 } }]),
  ],
  ['broken base64', patient, set('contact.0.extension', [{ url: 'http://example.org/a', valueBase64Binary: 'a.b' }])],
  [
    'a full URL that occurs twice (bdl-7)',
    bundle,
    set('entry.1.fullUrl', 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520'),
  ],
  ['a full URL that is no UUID', bundle, set('entry.1.fullUrl', 'urn:uuid:1')],
  ['a full URL for another id', bundle, set('entry.1.fullUrl', 'http://example.org/Patient/p2')],
  ['a request in a collection (bdl-3)', bundle, set('entry.0.request', { method: 'POST', url: 'Observation' })],
  [
    'an entry with nothing (bdl-5)',
    bundle,
    set('entry.1', { fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239521' }),
  ],
  ['a defect in an entry', bundle, set('entry.1.resource.gender', 'x')],
  ['a missing slice', patient, set('identifier', [])],
  [
    'a value of no slice where slicing is closed',
    patient,
    set('identifier.1', { system: 'http://example.org/other', value: '1' }),
  ],
  ['too many of a profile', patient, set('name', [{ family: 'a' }, { family: 'b' }, { family: 'c' }])],
  ['too few of a profile', patient, set('name', undefined)],
  ['a pattern that is not kept', patient, set('active', false)],
  ['a text longer than a profile allows', patient, set('name.0.family', 'x'.repeat(21))],
  ['an element that a profile forbids', patient, set('photo', [{ url: 'http://example.org/x' }])],
  ['a rule of a profile', patient, set('birthDate', '2021-01-01')],
  ['an answer to no question', response, set('item.0.linkId', '9')],
  ['an answer of a wrong type', response, set('item.0.answer.0', { valueString: 'x' })],
  ['an answer that is too long', response, set('item.1.answer.0.valueString', 'longer')],
  ['an answer that is no option', response, set('item.2.answer.0.valueString', 'c')],
  ['an answer to a question that is not enabled', response, set('item.0.answer.0.valueBoolean', false)],
  ['no answer to a required question', response, set('item.0.answer', undefined)],
  ['two answers where one is taken', response, set('item.2.answer.1', { valueString: 'b' })],
  ['two NHS numbers', patient, (resource) => set('identifier.1', { system: nhsNumber, value: '9990000026' })(resource)],
  ['a SNOMED CT code of three digits', observation, set('code.coding.0.code', '222')],
  ['death before birth', patient, set('deceasedDateTime', '1970-01-01')],
]

function validator(): Validator {
  const library = new Library()
  for (const each of [questionnaire, profile]) library.addParsed(each)
  return new Validator(library)
}

const errorsOf = (which: Validator, resource: Resource): readonly string[] =>
  which
    .validate(resource)
    .filter((issue) => issue.severity === 'error')
    .map((issue) => `${issue.rule} ${issue.expression}: ${issue.message}`)

test('the resources before they are damaged have no errors', () => {
  const which = validator()
  for (const make of [patient, observation, bundle, response]) assert.deepEqual(errorsOf(which, make()), [])
})

test(`catches one defect of each of ${defects.length} classes`, () => {
  const which = validator()
  const missed = defects.filter(([, make, damage]) => {
    const resource = make()
    damage(resource)
    return errorsOf(which, resource).length === 0
  })
  assert.deepEqual(
    missed.map(([what]) => what),
    [],
  )
})
