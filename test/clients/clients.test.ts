import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client as FhirKitClient, type FhirResource } from 'fhir-kit-client'
import FHIR from 'fhirclient'
import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4'
import { type FhirServer, fhirServer } from '../support/fhir-server.ts'

// Clients that nobody here wrote, as their users use them.

let server: FhirServer
let base = ''
before(async () => {
  server = await fhirServer()
  base = await server.listen()
})
after(() => server.close())

const entriesOf = (bundle: FhirResource | undefined): readonly unknown[] => {
  const entry = bundle?.['entry']
  return Array.isArray(entry) ? entry : []
}

const identifier = [{ system: 'https://example.org/ids', value: 'k1' }]

test('fhir-kit-client creates, reads, updates, patches, searches, pages, reads history and deletes', async () => {
  const client = new FhirKitClient({ baseUrl: base, bearerToken: server.token })
  assert.equal((await client.capabilityStatement()).fhirVersion, '4.0.1')
  const body = { resourceType: 'Patient', identifier, name: [{ family: 'Kit' }] }
  const id = String((await client.create({ resourceType: 'Patient', body }))['id'])
  const read = await client.read({ resourceType: 'Patient', id })
  await client.update({ resourceType: 'Patient', id, body: { ...read, gender: 'female' } })
  const jsonPatch = [{ op: 'replace' as const, path: '/gender', value: 'male' }]
  await client.patch({ resourceType: 'Patient', id, jsonPatch })
  const again = await client.create({
    resourceType: 'Patient',
    body,
    options: { headers: { 'If-None-Exist': 'identifier=k1' } },
  })
  assert.equal(again.id, id)
  assert.equal((await client.vread({ resourceType: 'Patient', id, version: '2' }))['gender'], 'female')
  assert.equal(entriesOf(await client.history({ resourceType: 'Patient', id })).length, 3)
  for (const family of ['A', 'B'])
    await client.create({ resourceType: 'Patient', body: { resourceType: 'Patient', name: [{ family }] } })
  const first = await client.search({ resourceType: 'Patient', searchParams: { _count: 1 } })
  const second = await client.nextPage({ bundle: first as never })
  assert.notDeepEqual(entriesOf(second), entriesOf(first))
  await client.delete({ resourceType: 'Patient', id })
  await assert.rejects(
    client.read({ resourceType: 'Patient', id }),
    (error: { response: { status: number } }) => error.response.status === 410,
  )
})

test('fhir-kit-client sends a transaction, and FHIRPath finds what it says in the answer', async () => {
  const client = new FhirKitClient({ baseUrl: base, bearerToken: server.token })
  const patient = { resourceType: 'Patient', name: [{ family: 'Path', given: ['Ada', 'B'] }], birthDate: '1980-02-03' }
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'urn:uuid:4c5ad0f4-0000-4000-8000-000000000001' },
    valueQuantity: { value: 70.5, unit: 'kg' },
  }
  const body = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: observation.subject.reference, resource: patient, request: { method: 'POST', url: 'Patient' } },
      { resource: observation, request: { method: 'POST', url: 'Observation' } },
    ],
  }
  const answer = await client.transaction({ body: body as never })
  const find = (path: string): unknown[] => fhirpath.evaluate(answer, path, undefined, r4, { async: false })
  assert.deepEqual(find("Bundle.entry.resource.ofType(Patient).name.given.join('-')"), ['Ada-B'])
  assert.deepEqual(find("Bundle.entry.response.status.all(startsWith('201'))"), [true])
  const [id] = find('Bundle.entry.resource.ofType(Patient).id')
  assert.deepEqual(find('Bundle.entry.resource.ofType(Observation).subject.reference'), [`Patient/${String(id)}`])
  assert.deepEqual(find('Bundle.entry.resource.ofType(Observation).value.ofType(Quantity).value > 70'), [true])
})

test('fhirclient reads, pages and resolves references', async () => {
  const request = { url: '/', headers: {} }
  const storage = {
    get: () => Promise.resolve(undefined),
    set: (_: string, value: unknown) => Promise.resolve(value),
    unset: () => Promise.resolve(true),
  }
  const smart = FHIR(request as never, { setHeader() {}, end() {} } as never, storage as never)
  const client = smart.client({ serverUrl: base, tokenResponse: { access_token: server.token } } as never)
  const created = await client.create({ resourceType: 'Patient', name: [{ family: 'Client' }] } as never)
  const observed = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: `Patient/${String(created['id'])}` },
  }
  const { id } = await client.create(observed as never)
  const resolved = await client.request(`Observation/${String(id)}`, { resolveReferences: 'subject' })
  assert.equal(resolved.subject.name[0].family, 'Client')
  const pages = await client.request('Patient?_count=1', { pageLimit: 0, flat: true })
  assert.ok(pages.length > 1)
  const patched = await client.patch(`Patient/${String(created['id'])}`, [
    { op: 'add', path: '/gender', value: 'other' },
  ])
  assert.equal(patched['gender'], 'other')
})
