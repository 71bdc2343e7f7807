import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import type { Actor, StaffRole } from '../access/actor.ts'
import { addEntry } from './add-entry.ts'
import { readEntries, readEntry } from './entries.ts'
import { findPeople } from './find-people.ts'
import { openPerson } from './open-person.ts'
import { listReviews } from './reviews.ts'

let store: TestStore
let ann = ''
let bob = ''

const patient = (id: string, family: string, number: string, ods: string) =>
  `{"resourceType":"Patient","id":"${id}","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"${number}"}],"name":[{"family":"${family}","given":["Ann"]}],"birthDate":"1951-03-14","managingOrganization":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"${ods}"}}}`
const entry = (type: string, id: string, of: string, more: string) =>
  `{"resourceType":"${type}","id":"${id}","subject":{"reference":"Patient/${of}"},${more}}`

before(async () => {
  store = await testStore()
  const put = async (type: string, id: string, body: string) => {
    const answer = await store.fhir('PUT', `${type}/${id}`, body)
    assert.ok(answer.status < 300, answer.text)
  }
  await put('Patient', 'ann-gp', patient('ann-gp', 'Hill', '9990000018', 'GP1'))
  await put('Patient', 'ann-home', patient('ann-home', 'Hill', '9990000018', 'HOME1'))
  await put('Patient', 'bob', patient('bob', 'Dale', '9990000026', 'GP2'))
  const coded = '"code":{"text":"x"}'
  await put('Condition', 'c-ann', entry('Condition', 'c-ann', 'ann-gp', coded))
  await put('Condition', 'c-bob', entry('Condition', 'c-bob', 'bob', coded))
  await put('Observation', 'lab-ann', entry('Observation', 'lab-ann', 'ann-gp', `"status":"final",${coded}`))
  const vital =
    '"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}]'
  await put(
    'Observation',
    'vital-ann',
    entry('Observation', 'vital-ann', 'ann-gp', `"status":"final",${vital},${coded}`),
  )
  ann = await personId('ann-gp')
  bob = await personId('bob')
})
after(() => store.close())

async function personId(patientId: string): Promise<string> {
  const found = JSON.parse((await store.fhir('GET', `Person?patient=Patient/${patientId}`)).text)
  return found.entry[0].resource.id
}

const staff = (role: StaffRole, organisation: string): Actor => ({
  kind: 'staff',
  id: `${role}-${organisation}`,
  name: 'A member of staff',
  role,
  organisation,
  organisationName: organisation,
  practitioner: 'Practitioner/p',
})
const person = (of: string): Actor => ({ kind: 'person', id: 'p', name: 'Ann Hill', person: of })
const carer = (of: string): Actor => ({
  kind: 'carer',
  id: 'c',
  name: 'Cara Hill',
  relatedPerson: 'RelatedPerson/r',
  relationship: 'daughter',
  person: of,
  personName: 'Ann Hill',
})

const everything = ['c-ann', 'lab-ann', 'vital-ann']

/** Whoever is asked as, whose record they ask for, and the entries they get; undefined: there is no such person. */
const matrix: readonly (readonly [string, () => Actor, () => string, readonly string[] | undefined])[] = [
  ['a GP of the practice that knows the person', () => staff('gp', 'GP1'), () => ann, everything],
  ['a GP of another practice', () => staff('gp', 'GP2'), () => ann, undefined],
  [
    'a hospital nurse whose hospital does not know the person',
    () => staff('hospital-nurse', 'H1'),
    () => ann,
    undefined,
  ],
  ['a care-home worker of their home', () => staff('care-home-worker', 'HOME1'), () => ann, ['vital-ann']],
  ['a care-home worker of another home', () => staff('care-home-worker', 'HOME2'), () => ann, undefined],
  ['an analyst of the practice', () => staff('analyst', 'GP1'), () => ann, undefined],
  ['an index officer of the practice', () => staff('index-officer', 'GP1'), () => ann, undefined],
  ['the person', () => person(ann), () => ann, everything],
  ['another person', () => person(bob), () => ann, undefined],
  ['their carer', () => carer(ann), () => ann, everything],
  ["someone else's carer", () => carer(bob), () => ann, undefined],
]

for (const [who, actor, of, expected] of matrix)
  test(`${who} ${expected === undefined ? 'gets what a stranger gets' : `sees ${expected.length} entries`}`, async () => {
    const ctx = store.contextOf(actor())
    const types = ['Condition', 'Observation']
    if (expected === undefined) {
      const missing = { kind: 'not-found', message: 'There is no such person' }
      await assert.rejects(openPerson(ctx, of()), missing)
      await assert.rejects(openPerson(ctx, 'nobody-at-all'), missing)
      await assert.rejects(readEntries(ctx, of(), { types }), missing)
      await assert.rejects(readEntry(ctx, of(), 'Condition', 'c-ann'), missing)
      await assert.rejects(
        addEntry(ctx, of(), { resourceType: 'Observation', status: 'final', code: { text: 'x' } }),
        missing,
      )
      return
    }
    assert.equal((await openPerson(ctx, of())).person.id, of())
    const page = await readEntries(ctx, of(), { types })
    assert.deepEqual(page.entries.map(({ id }) => id).sort(), expected)
    assert.equal(page.total, expected.length)
    for (const id of everything) {
      const read = readEntry(ctx, of(), id === 'c-ann' ? 'Condition' : 'Observation', id)
      if (expected.includes(id)) assert.equal((await read).id, id)
      else await assert.rejects(read, { kind: 'not-found' })
    }
  })

test('a search finds only people the asker may open, by number as by name', async () => {
  for (const [actor, found] of [
    [staff('gp', 'GP1'), 1],
    [staff('gp', 'GP2'), 0],
    [staff('analyst', 'GP1'), 0],
    [person(ann), 1],
    [person(bob), 0],
  ] as const) {
    const ctx = store.contextOf(actor)
    assert.equal((await findPeople(ctx, { nhsNumber: '999 000 0018' })).length, found)
    assert.equal((await findPeople(ctx, { family: 'Hi', birthDate: '1951' })).length, found)
  }
})

test('an entry of one person is not found in the record of another', async () => {
  await assert.rejects(readEntry(store.contextOf(staff('gp', 'GP1')), ann, 'Condition', 'c-bob'), { kind: 'not-found' })
})

test('an entry added on a page says who made it, whatever the draft says', async () => {
  const draft = {
    resourceType: 'Observation' as const,
    status: 'final' as const,
    code: { text: 'Weight' },
    subject: { reference: 'Patient/bob' },
    performer: [{ reference: 'Practitioner/someone-else' }],
  }
  const byNurse = await addEntry(store.contextOf(staff('gp', 'GP1')), ann, draft)
  assert.equal(byNurse.source.code, 'GP1')
  assert.equal(byNurse.assertedBy, 'professional')
  assert.match(byNurse.json, /"subject":\{"reference":"Patient\/ann-gp"\}/)
  assert.match(byNurse.json, /"performer":\[\{"reference":"Practitioner\/p"/)
  assert.equal((await addEntry(store.contextOf(person(ann)), ann, draft)).assertedBy, 'person')
  assert.equal((await addEntry(store.contextOf(carer(ann)), ann, draft)).assertedBy, 'carer')
})

test('every record that is opened leaves an audit row with what was returned', async () => {
  const ctx = store.contextOf(staff('gp', 'GP1'))
  await readEntries(ctx, ann, { types: ['Condition'] })
  const rows = await store.audit('Condition/c-ann')
  const key = await store.personOf('Patient', 'ann-gp')
  assert.deepEqual(rows.at(-1), { action: 'read', person: key, outcome: 'success' })
})

test('reviews are for index officers alone', async () => {
  for (const actor of [staff('gp', 'GP1'), person(ann), carer(ann), staff('analyst', 'GP1')])
    await assert.rejects(listReviews(store.contextOf(actor), 'open'), { kind: 'not-found' })
  assert.equal((await listReviews(store.contextOf(staff('index-officer', 'ICB')), 'open')).total, 0)
})
