import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { isObject } from '../../base/json.ts'

let store: TestStore
before(async () => {
  store = await testStore()
})
after(() => store.close())

interface Told {
  readonly severity: string
  readonly rule: string
  readonly expression: string
}

async function told(path: string, body: object, expected = 200): Promise<readonly Told[]> {
  const { status, text } = await store.fhir('POST', path, JSON.stringify(body))
  assert.equal(status, expected, text)
  const outcome: unknown = JSON.parse(text)
  assert.ok(isObject(outcome) && Array.isArray(outcome['issue']))
  return outcome['issue'].map((each: unknown) => {
    const issue = JSON.parse(JSON.stringify(each)) as {
      severity: string
      expression?: string[]
      details?: { coding?: { code: string }[] }
    }
    return {
      severity: issue.severity,
      rule: issue.details?.coding?.[0]?.code ?? '',
      expression: issue.expression?.[0] ?? '',
    }
  })
}

const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } }
const errors = (all: readonly Told[]): readonly string[] =>
  all.filter((each) => each.severity === 'error').map((each) => `${each.rule} ${each.expression}`)

test('$validate answers 200 with what is wrong and where', async () => {
  assert.deepEqual(errors(await told('Observation/$validate', observation)), [])
  const wrong = { ...observation, status: 'done' }
  assert.deepEqual(errors(await told('Observation/$validate', wrong)), ['binding-required Observation.status'])
})

test('$validate takes Parameters with the resource, the profile and the mode', async () => {
  const parameter = [
    { name: 'resource', resource: observation },
    { name: 'profile', valueUri: 'http://hl7.org/fhir/StructureDefinition/bp' },
    { name: 'mode', valueCode: 'create' },
  ]
  const found = errors(await told('Observation/$validate', { resourceType: 'Parameters', parameter }))
  assert.ok(found.includes('profile-min Observation'), found.join(', '))
  const byQuery = await told('Observation/$validate?profile=http://hl7.org/fhir/StructureDefinition/bp', observation)
  assert.deepEqual(errors(byQuery), found)
})

test('a definition that is stored counts at once, for $validate and for writes', async () => {
  const profile = 'http://example.org/profiles/observation-with-subject'
  const claiming = { ...observation, meta: { profile: [profile] } }
  assert.equal((await store.fhir('POST', 'Observation', JSON.stringify(claiming))).status, 201)
  const definition = {
    resourceType: 'StructureDefinition',
    url: profile,
    name: 'ObservationWithSubject',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Observation',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Observation',
    derivation: 'constraint',
    differential: { element: [{ id: 'Observation.subject', path: 'Observation.subject', min: 1 }] },
  }
  assert.equal((await store.fhir('POST', 'StructureDefinition', JSON.stringify(definition))).status, 201)
  assert.deepEqual(errors(await told('Observation/$validate', claiming)), ['profile-min Observation'])
  const refused = await store.fhir('POST', 'Observation', JSON.stringify(claiming))
  assert.equal(refused.status, 422, refused.text)
})

test('a profile that is not here is "not checked", and stops no write', async () => {
  const claiming = { ...observation, meta: { profile: ['http://example.org/nowhere'] } }
  const found = await told('Observation/$validate', claiming)
  assert.deepEqual(
    found.filter((each) => each.rule === 'not-checked-profile').map((each) => each.severity),
    ['information'],
  )
  assert.equal((await store.fhir('POST', 'Observation', JSON.stringify(claiming))).status, 201)
})
