import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bundle, MessageHeader } from 'fhir/r4.js'
import { type TestStore, testStore } from '../../../../test/support/store.ts'

let store: TestStore
before(async () => {
  store = await testStore()
  await store.fhir(
    'PUT',
    'Patient/p',
    JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ family: 'Hill' }], birthDate: '1950-01-01' }),
  )
  await store.fhir(
    'PUT',
    'Patient/q',
    JSON.stringify({ resourceType: 'Patient', id: 'q', name: [{ family: 'Dale' }], birthDate: '1951-02-02' }),
  )
})
after(() => store.close())

const system = 'http://terminology.hl7.org/CodeSystem/message-events'
const message = (
  id: string,
  code: string,
  focus: readonly string[],
  carried: readonly object[] = [],
  more: object = {},
): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'message',
    id: `bundle-${id}`,
    entry: [
      {
        fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001',
        resource: {
          resourceType: 'MessageHeader',
          id,
          eventCoding: { system, code },
          source: { endpoint: 'https://sender.example' },
          focus: focus.map((reference) => ({ reference })),
          ...more,
        },
      },
      ...carried,
    ],
  })
const weight = (value: number) => ({
  fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000002',
  resource: {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'Weight' },
    subject: { reference: 'Patient/p' },
    valueQuantity: { value, unit: 'kg' },
  },
})
const send = async (body: string) => {
  const answer = await store.fhir('POST', '$process-message', body)
  equal(answer.status, 200, answer.text)
  const bundle = JSON.parse(answer.text) as Bundle
  return { text: answer.text, response: (bundle.entry?.[0]?.resource as MessageHeader | undefined)?.response, bundle }
}
const found = async (query: string): Promise<readonly unknown[]> =>
  ((JSON.parse((await store.fhir('GET', query)).text) as Bundle).entry ?? []).map(({ resource }) => resource)

test('What a message brings is stored once, however often and at once it is sent, and the answer is the same', async () => {
  const body = message('m1', 'observation-provide', ['urn:uuid:00000000-0000-4000-8000-000000000002'], [weight(70)])
  const answers = await Promise.all([send(body), send(body), send(body)])
  answers.push(await send(body))
  deepEqual(
    answers.map(({ response }) => [response?.code, response?.identifier]),
    Array.from({ length: 4 }, () => ['ok', 'm1']),
  )
  equal(new Set(answers.map(({ text }) => text)).size, 1)
  equal((await found('Observation?patient=p')).length, 1)
})

test('The same id from another sender is another message', async () => {
  const body = message(
    'm1',
    'observation-provide',
    ['urn:uuid:00000000-0000-4000-8000-000000000002'],
    [weight(71)],
  ).replace('sender.example', 'other.example')
  equal((await send(body)).response?.code, 'ok')
  equal((await found('Observation?patient=p')).length, 2)
})

const fatal: readonly (readonly [what: string, body: string])[] = [
  ['an event that is not known', message('f1', 'valueset-expand', ['Patient/p'])],
  ['a focus of another type', message('f2', 'observation-provide', ['Patient/p'])],
  ['a focus that is not in it', message('f3', 'observation-provide', ['Observation/nowhere'])],
  [
    'a nullification of what stands',
    message(
      'f4',
      'MedicationAdministration-Nullification',
      ['MedicationAdministration/x'],
      [
        {
          resource: {
            resourceType: 'MedicationAdministration',
            id: 'x',
            status: 'completed',
            medicationCodeableConcept: { text: 'm' },
            subject: { reference: 'Patient/p' },
            effectiveDateTime: '2026-01-01',
          },
        },
      ],
    ),
  ],
]
for (const [what, body] of fatal)
  test(`A message with ${what} is a fatal error, and nothing is stored`, async () => {
    const before = (await found('Observation?patient=p')).length
    const { response, bundle } = await send(body)
    equal(response?.code, 'fatal-error')
    equal(bundle.entry?.[1]?.resource?.resourceType, 'OperationOutcome')
    equal(response?.details?.reference, bundle.entry?.[1]?.fullUrl)
    equal((await found('Observation?patient=p')).length, before)
  })

test('A fatal error is not remembered: the message put right is carried out', async () => {
  equal((await send(message('again', 'observation-provide', ['Observation/nowhere']))).response?.code, 'fatal-error')
  equal(
    (
      await send(
        message('again', 'observation-provide', ['urn:uuid:00000000-0000-4000-8000-000000000002'], [weight(72)]),
      )
    ).response?.code,
    'ok',
  )
})

test('A patient-link makes one person of two Patients, once', async () => {
  const body = message('link', 'patient-link', ['Patient/q', 'Patient/p'])
  equal((await send(body)).response?.code, 'ok')
  equal(await store.personOf('Patient', 'q'), await store.personOf('Patient', 'p'))
  equal((await send(body)).response?.code, 'ok')
})

for (const [what, body] of [
  ['no Bundle', '{"resourceType":"Patient"}'],
  ['a Bundle of another type', '{"resourceType":"Bundle","type":"batch"}'],
  ['a header without an id', message('x', 'observation-provide', []).replace('"id":"x",', '')],
  ['nothing', ''],
] as const)
  test(`${what} is no message`, async () => {
    const answer = await store.fhir('POST', '$process-message', body)
    equal(answer.status, 400, answer.text)
  })

test('The CapabilityStatement says which messages are carried out', async () =>
  ok((await store.fhir('GET', 'metadata')).text.includes('MessageDefinition/observation-provide')))
