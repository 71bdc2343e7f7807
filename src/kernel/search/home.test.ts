import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resourceTypeNames } from '../fhir/resource-types.ts'
import { authorReference } from './author.ts'
import { homeReferences, isPersonScoped } from './home.ts'

const to = (reference: string) => ({ reference })

for (const [what, resource, expected] of [
  [
    'an observation',
    { resourceType: 'Observation', subject: to('Patient/p'), encounter: to('Encounter/e') },
    ['Patient/p', 'Encounter/e'],
  ],
  [
    'an observation known by its encounter only',
    { resourceType: 'Observation', encounter: to('Encounter/e') },
    ['Encounter/e'],
  ],
  ['a versioned reference', { resourceType: 'Condition', subject: to('Patient/p/_history/2') }, ['Patient/p']],
  [
    'a task',
    { resourceType: 'Task', focus: to('ServiceRequest/s'), for: to('Patient/p') },
    ['Patient/p', 'ServiceRequest/s'],
  ],
  [
    'an appointment',
    {
      resourceType: 'Appointment',
      participant: [{ actor: to('Practitioner/d') }, { actor: to('RelatedPerson/r') }, { actor: to('Patient/p') }],
    },
    ['Patient/p', 'RelatedPerson/r'],
  ],
  [
    'a message to a patient',
    { resourceType: 'Communication', recipient: [to('Patient/p')], sender: to('Practitioner/d') },
    ['Patient/p'],
  ],
  [
    'provenance',
    { resourceType: 'Provenance', target: [to('Observation/o'), to('Organization/x')] },
    ['Observation/o'],
  ],
  [
    'a golden person',
    { resourceType: 'Person', link: [{ target: to('Patient/p') }, { target: to('Patient/q') }] },
    ['Patient/p', 'Patient/q'],
  ],
  ['a carer', { resourceType: 'RelatedPerson', patient: to('Patient/p') }, ['Patient/p']],
  ['a device', { resourceType: 'Device', patient: to('Patient/p') }, ['Patient/p']],
  [
    'who did it is not whose it is',
    { resourceType: 'Observation', performer: [to('Patient/mother')], subject: to('Patient/baby') },
    ['Patient/baby'],
  ],
  ['an absolute reference', { resourceType: 'Condition', subject: to('https://x.example/Patient/p') }, []],
  ['a patient', { resourceType: 'Patient', link: [{ other: to('Patient/q') }] }, []],
  ['an organisation', { resourceType: 'Organization', partOf: to('Organization/x') }, []],
  ['a group of patients', { resourceType: 'Group', member: [{ entity: to('Patient/p') }] }, []],
  [
    'a document',
    {
      resourceType: 'Bundle',
      type: 'document',
      entry: [{ resource: { resourceType: 'Composition', subject: to('Patient/p') } }],
    },
    ['Patient/p'],
  ],
  [
    'a collection',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: { resourceType: 'Composition', subject: to('Patient/p') } }],
    },
    [],
  ],
  ['something broken', { resourceType: 'Observation', subject: 'Patient/p' }, []],
] as const)
  test(`home of ${what}`, () => assert.deepEqual(homeReferences(resource), expected))

test('the shared table holds what belongs to no person', () => {
  for (const type of [
    'Organization',
    'Practitioner',
    'PractitionerRole',
    'Location',
    'Medication',
    'Group',
    'ValueSet',
    'Endpoint',
    'HealthcareService',
    'Schedule',
    'Slot',
    'Questionnaire',
    'Subscription',
  ])
    assert.equal(isPersonScoped(type), false, type)
  for (const type of [
    'Patient',
    'Person',
    'RelatedPerson',
    'Observation',
    'Task',
    'Device',
    'Binary',
    'Bundle',
    'Provenance',
    'AuditEvent',
    'Appointment',
    'Account',
    'List',
    'Consent',
  ])
    assert.equal(isPersonScoped(type), true, type)
})

test('every type of the person table but Patient, and Bundle by its first entry, has a way to its person', () => {
  const lost = resourceTypeNames.filter((type) => isPersonScoped(type) && type !== 'Bundle' && !knowsHome.has(type))
  assert.deepEqual(lost, [])
})

/** Types for which some reference to a patient, or to a resource of a patient, is taken. */
const knowsHome: ReadonlySet<string> = new Set(
  resourceTypeNames.filter((resourceType) => {
    const target = to('Patient/p')
    const names = [
      'subject',
      'patient',
      'for',
      'individual',
      'beneficiary',
      'candidate',
      'request',
      'securityContext',
      'encounter',
      'actor',
      'context',
    ]
    const flat = Object.fromEntries(names.map((name) => [name, target]))
    const nested = {
      target: [target],
      participant: [{ actor: target }],
      link: [{ target }],
      item: [{ resource: target }],
      entity: [{ what: target }],
      requester: target,
    }
    return (
      resourceType === 'Patient' ||
      homeReferences({ ...nested, ...flat, resourceType }).length > 0 ||
      homeReferences({ ...flat, ...nested, resourceType }).length > 0
    )
  }),
)

for (const [what, resource, expected] of [
  [
    'a condition',
    { resourceType: 'Condition', asserter: to('Patient/p'), recorder: { ...to('Practitioner/d'), display: 'Dr Lee' } },
    { reference: 'Practitioner/d', display: 'Dr Lee' },
  ],
  [
    'an observation by name only',
    { resourceType: 'Observation', performer: [{ display: 'Ward 3' }] },
    { display: 'Ward 3' },
  ],
  [
    'a contained author',
    { resourceType: 'Observation', performer: [{ reference: '#d', display: 'Dr Lee' }] },
    { display: 'Dr Lee' },
  ],
  [
    'a vaccination',
    { resourceType: 'Immunization', performer: [{ actor: to('Practitioner/n') }] },
    { reference: 'Practitioner/n' },
  ],
  [
    'an appointment',
    { resourceType: 'Appointment', participant: [{ actor: to('Patient/p') }, { actor: to('Practitioner/d') }] },
    { reference: 'Practitioner/d' },
  ],
  ['nobody', { resourceType: 'Condition' }, undefined],
  ['a type without authors', { resourceType: 'ValueSet' }, undefined],
] as const)
  test(`author of ${what}`, () => assert.deepEqual(authorReference(resource), expected))
