import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, type TestStore, testStore } from '../../../test/support/store.ts'
import { strictReferences } from './integrity.ts'

let store: TestStore
before(async () => {
  store = await testStore(undefined, strictReferences)
})
after(() => store.close())

const put = (resource: { readonly resourceType: string; readonly id: string }): Promise<Answer> =>
  store.fhir('PUT', `${resource.resourceType}/${resource.id}`, JSON.stringify(resource))
const organisation = (id: string) => ({ resourceType: 'Organization', id, name: id })
const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, name: [{ family: id }], ...more })
const managedBy = (id: string) => ({ managingOrganization: { reference: `Organization/${id}` } })
const issue = (answer: Answer) => JSON.parse(answer.text).issue[0]

test('a reference to what is not stored is refused, and its place named', async () => {
  const answer = await put(patient('lost', managedBy('none')))
  assert.equal(answer.status, 422)
  assert.equal(issue(answer).expression[0], 'Patient.managingOrganization.reference')
  assert.equal((await store.fhir('GET', 'Patient/lost')).status, 404)
})

test('what is referred to cannot be deleted, and the answer says who refers', async () => {
  await put(organisation('kept'))
  assert.equal((await put(patient('keeper', managedBy('kept')))).status, 201)
  const refused = await store.fhir('DELETE', 'Organization/kept')
  assert.equal(refused.status, 409)
  assert.match(issue(refused).diagnostics, /Patient\/keeper/)
  await put(patient('keeper'))
  assert.equal((await store.fhir('DELETE', 'Organization/kept')).status, 204)
})

test('a reference that no search parameter reaches holds its target as well', async () => {
  await put(organisation('noted'))
  const valueReference = { reference: 'Organization/noted' }
  await put(patient('noter', { extension: [{ url: 'https://example.org/seen-by', valueReference }] }))
  assert.equal((await store.fhir('DELETE', 'Organization/noted')).status, 409)
})

test('a patient of whom the person index knows can be deleted when nothing else refers to them', async () => {
  await put(patient('alone'))
  assert.equal((await store.fhir('DELETE', 'Patient/alone')).status, 204)
})

test('a transaction may delete both ends of a reference, and bring both', async () => {
  const bring = (id: string) => [patient(id, managedBy(`${id}-of`)), organisation(`${id}-of`)]
  const entry = bring('pair').map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }))
  const bundle = (entries: readonly object[]) =>
    JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: entries })
  assert.equal((await store.fhir('POST', '', bundle(entry))).status, 200)
  const gone = entry.map(({ request }) => ({ request: { ...request, method: 'DELETE' } }))
  assert.equal((await store.fhir('POST', '', bundle(gone.slice(1)))).status, 409)
  assert.equal((await store.fhir('POST', '', bundle(gone))).status, 200)
})

test('of a new reference and the deletion of its target, at once, one is refused', async () => {
  for (let round = 0; round < 20; round += 1) {
    await put(organisation(`race${round}`))
    const [made, deleted] = await Promise.all([
      put(patient(`racer${round}`, managedBy(`race${round}`))),
      store.fhir('DELETE', `Organization/race${round}`),
    ])
    assert.notEqual(made.status === 201, deleted.status === 204, `round ${round}`)
  }
})
