import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../test/support/store.ts'

let store: TestStore

before(async () => {
  store = await testStore()
})
after(() => store.close())

const observation = (patient: string, value = '70.50') =>
  `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"${patient}"},"effectiveDateTime":"2026-03-01T09:15:00Z","valueQuantity":{"value":${value},"unit":"kg","extension":[{"url":"https://example.org/unknown","valueString":"kept"}],"_unit":{"extension":[{"url":"https://example.org/x","valueBoolean":true}]}}}`

test('what was sent is what is served, with only id and version put in', async () => {
  const created = await store.fhir('POST', 'Observation', observation('Patient/nobody'))
  assert.equal(created.status, 201)
  const { id, meta } = JSON.parse(created.text)
  assert.equal(meta.versionId, '1')
  const sent = observation('Patient/nobody').replace(
    '"resourceType":"Observation"',
    `"resourceType":"Observation","id":"${id}","meta":{"versionId":"1","lastUpdated":"${meta.lastUpdated}"}`,
  )
  assert.equal(created.text, sent)
  const read = await store.fhir('GET', `Observation/${id}`)
  assert.equal(read.text, sent)
  assert.equal(read.headers['etag'], 'W/"1"')
})

test('an update that changes nothing makes no version, one that changes a digit does', async () => {
  const first = await store.fhir('PUT', 'Observation/o1', observation('Patient/nobody'))
  assert.equal(first.status, 201)
  const same = await store.fhir('PUT', 'Observation/o1', observation('Patient/nobody'))
  assert.equal(same.status, 200)
  assert.equal(same.headers['etag'], 'W/"1"')
  const other = await store.fhir('PUT', 'Observation/o1', observation('Patient/nobody', '70.5'))
  assert.equal(other.headers['etag'], 'W/"2"')
  const history = JSON.parse((await store.fhir('GET', 'Observation/o1/_history')).text)
  assert.deepEqual(
    history.entry.map((entry: { resource: { meta: { versionId: string } } }) => entry.resource.meta.versionId),
    ['2', '1'],
  )
  const old = await store.fhir('GET', 'Observation/o1/_history/1')
  assert.match(old.text, /"value":70\.50,/)
})

test('a deleted resource is gone, its versions are not, and a new life goes on counting', async () => {
  await store.fhir('PUT', 'Observation/o2', observation('Patient/nobody'))
  assert.equal((await store.fhir('DELETE', 'Observation/o2')).status, 204)
  assert.equal((await store.fhir('GET', 'Observation/o2')).status, 410)
  assert.equal((await store.fhir('GET', 'Observation/o2/_history/1')).status, 200)
  assert.equal((await store.fhir('GET', 'Observation/o2/_history/2')).status, 410)
  assert.equal((await store.fhir('DELETE', 'Observation/o2')).status, 204)
  const again = await store.fhir('PUT', 'Observation/o2', observation('Patient/nobody'))
  assert.equal(again.status, 201)
  assert.equal(again.headers['etag'], 'W/"3"')
})

test('a stale If-Match is refused and nothing is written', async () => {
  await store.fhir('PUT', 'Observation/o3', observation('Patient/nobody', '1'))
  await store.fhir('PUT', 'Observation/o3', observation('Patient/nobody', '2'))
  const stale = await store.fhir('PUT', 'Observation/o3', observation('Patient/nobody', '3'), { ifMatch: 'W/"1"' })
  assert.equal(stale.status, 412)
  assert.equal((await store.fhir('GET', 'Observation/o3')).headers['etag'], 'W/"2"')
  const fresh = await store.fhir('PUT', 'Observation/o3', observation('Patient/nobody', '3'), { ifMatch: 'W/"2"' })
  assert.equal(fresh.headers['etag'], 'W/"3"')
})

test('20 parallel plain updates of one resource all succeed, in some order', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      store.fhir('PUT', 'Observation/o4', observation('Patient/nobody', String(n + 1))),
    ),
  )
  assert.ok(answers.every((answer) => answer.status === 200 || answer.status === 201))
  const versions = answers.map((answer) => Number(/\d+/.exec(answer.headers['etag'] ?? '')?.[0])).sort((a, b) => a - b)
  assert.deepEqual(
    versions,
    Array.from({ length: 20 }, (_, n) => n + 1),
  )
})

const organisation = (code: string) =>
  `{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"${code}"}],"name":"Practice ${code}"}`

test('20 parallel conditional creates of one identifier make one', async () => {
  const ifNoneExist = 'identifier=https://fhir.nhs.uk/Id/ods-organization-code|Y90001'
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => store.fhir('POST', 'Organization', organisation('Y90001'), { ifNoneExist })),
  )
  assert.equal(answers.filter((answer) => answer.status === 201).length, 1)
  assert.equal(answers.filter((answer) => answer.status === 200).length, 19)
  const found = JSON.parse((await store.fhir('GET', `Organization?${ifNoneExist}&_total=accurate`)).text)
  assert.equal(found.total, 1)
})

test('8 parallel transactions that conditionally update one identifier all succeed', async () => {
  const url = 'Organization?identifier=https://fhir.nhs.uk/Id/ods-organization-code|Y90002'
  const bundle = (n: number) =>
    `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${organisation('Y90002').replace('Practice', `Practice ${n}`)},"request":{"method":"PUT","url":"${url}"}}]}`
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => store.fhir('POST', '', bundle(n))))
  assert.deepEqual(
    answers.map((answer) => answer.status),
    Array.from({ length: 8 }, () => 200),
  )
  const found = JSON.parse((await store.fhir('GET', url)).text)
  assert.equal(found.entry.length, 1)
  assert.equal(found.entry[0].resource.meta.versionId, '8')
})

test('a transaction resolves references between its entries and is all or nothing', async () => {
  const entry = (fullUrl: string, resource: string, method = 'POST') =>
    `{"fullUrl":"${fullUrl}","resource":${resource},"request":{"method":"${method}","url":"${JSON.parse(resource).resourceType}"}}`
  const patient = '{"resourceType":"Patient","name":[{"family":"Hill","given":["Ann"]}],"birthDate":"1951-03-14"}'
  const good = `{"resourceType":"Bundle","type":"transaction","entry":[${entry('urn:uuid:1', patient)},${entry('urn:uuid:2', observation('urn:uuid:1'))}]}`
  const answer = await store.fhir('POST', '', good)
  assert.equal(answer.status, 200)
  const [first, second] = JSON.parse(answer.text).entry
  assert.equal(second.resource.subject.reference, `Patient/${first.resource.id}`)
  const before = JSON.parse((await store.fhir('GET', 'Patient?family=Broken&_total=accurate')).text).total
  const bad = `{"resourceType":"Bundle","type":"transaction","entry":[${entry('urn:uuid:1', patient.replace('Hill', 'Broken'))},${entry('urn:uuid:2', '{"resourceType":"Observation","status":"final"}')}]}`
  const refused = await store.fhir('POST', '', bad)
  assert.equal(refused.status, 400)
  assert.match(refused.text, /Bundle\.entry\[1\]\.resource\./)
  assert.equal(JSON.parse((await store.fhir('GET', 'Patient?family=Broken&_total=accurate')).text).total, before)
})

test('two people in one transaction stay two people, each with their own entries', async () => {
  const patient = (number: string, family: string) =>
    `{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"${number}"}],"name":[{"family":"${family}","given":["Ann"]}],"birthDate":"1951-03-14"}`
  const entry = (fullUrl: string, resource: string, type: string) =>
    `{"fullUrl":"${fullUrl}","resource":${resource},"request":{"method":"POST","url":"${type}"}}`
  const people = [
    entry('urn:uuid:a', patient('9990000018', 'Hill'), 'Patient'),
    entry('urn:uuid:b', patient('9990000026', 'Dale'), 'Patient'),
  ]
  const entries = [
    entry('urn:uuid:c', observation('urn:uuid:a'), 'Observation'),
    entry('urn:uuid:d', observation('urn:uuid:b'), 'Observation'),
  ]
  const answer = await store.fhir(
    'POST',
    '',
    `{"resourceType":"Bundle","type":"transaction","entry":[${[...people, ...entries].join(',')}]}`,
  )
  assert.equal(answer.status, 200, answer.text)
  const ids: string[] = JSON.parse(answer.text).entry.map((each: { resource: { id: string } }) => each.resource.id)
  const [first, second, ofFirst, ofSecond] = await Promise.all(
    ids.map((id, index) => store.personOf(index < 2 ? 'Patient' : 'Observation', id)),
  )
  assert.notEqual(first, second)
  assert.deepEqual([ofFirst, ofSecond], [first, second])
})

test('an entry that came before its patient is brought home when the patient arrives', async () => {
  await store.fhir('PUT', 'Observation/early', observation('Patient/late'))
  assert.equal(await store.personOf('Observation', 'early'), 0n)
  await store.fhir(
    'PUT',
    'Patient/late',
    '{"resourceType":"Patient","id":"late","name":[{"family":"Late","given":["Ann"]}],"birthDate":"1951-03-14"}',
  )
  const person = await store.personOf('Patient', 'late')
  assert.notEqual(person, 0n)
  assert.equal(await store.personOf('Observation', 'early'), person)
})

test('the feed tells of every version once, in order within a resource', async () => {
  const from = await store.store.feed.position()
  for (let n = 1; n <= 5; n += 1) await store.fhir('PUT', 'Observation/fed', observation('Patient/nobody', String(n)))
  await store.fhir('DELETE', 'Observation/fed')
  const events = await store.eventsAfter(from, 'fed', 6)
  assert.deepEqual(
    events.map((event) => [event.version, event.change]),
    [
      [1, 'create'],
      [2, 'update'],
      [3, 'update'],
      [4, 'update'],
      [5, 'update'],
      [6, 'delete'],
    ],
  )
})

test('a conditional create that shows what is there already is audited as a read', async () => {
  const patient =
    '{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"seen-1"}],"name":[{"family":"Seen"}]}'
  const ifNoneExist = 'identifier=urn:x|seen-1'
  const created = JSON.parse((await store.fhir('POST', 'Patient', patient, { ifNoneExist })).text)
  const again = await store.fhir('POST', 'Patient', patient, { ifNoneExist })
  assert.equal(again.status, 200)
  const rows = await store.audit(`Patient/${created.id}`)
  assert.deepEqual(
    rows.map((row) => row.action),
    ['create', 'read'],
  )
})

test('every read and write leaves an audit row with what was touched', async () => {
  const created = await store.fhir('POST', 'Observation', observation('Patient/late'))
  const { id } = JSON.parse(created.text)
  await store.fhir('GET', `Observation/${id}`)
  await store.fhir('GET', 'Observation/not-there')
  const rows = await store.audit(`Observation/${id}`)
  assert.deepEqual(
    rows.map((row) => row.action),
    ['create', 'read'],
  )
  assert.deepEqual(
    rows.map((row) => row.person),
    [await store.personOf('Patient', 'late'), await store.personOf('Patient', 'late')],
  )
  assert.deepEqual(
    (await store.audit('Observation/not-there')).map((row) => row.outcome),
    ['not-found'],
  )
})
