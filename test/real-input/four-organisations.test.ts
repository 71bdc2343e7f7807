import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Patient } from 'fhir/r4.js'
import { personKey } from '../../src/base/id.ts'
import { sql } from '../../src/base/sql.ts'
import { Account } from '../../src/kernel/ingest/account.ts'
import { Loader } from '../../src/kernel/ingest/loader.ts'
import { resourcesIn } from '../../src/kernel/ingest/resources.ts'
import { findPeople } from '../../src/kernel/record/find-people.ts'
import { decideReview, listReviews, undoDecision } from '../../src/kernel/record/reviews.ts'
import type { Outcome } from '../../src/synth/differences.ts'
import { fourOrganisations } from '../../src/synth/four-organisations.ts'
import { type TestStore, testStore } from '../support/store.ts'
import { indexIsSound, rowsOfPeople } from './index-state.ts'
import { indexOfficer, systemOf } from './people.ts'

const set = fourOrganisations(11)
let store: TestStore
const account = new Account()

before(async () => {
  store = await testStore()
  for (const { ods, patients } of set.sources) await load(ods, patients)
})
after(() => store.close())

async function load(ods: string, patients: readonly Patient[]): Promise<void> {
  const loader = new Loader(store.store.database, store.store.clock, systemOf(ods), account)
  for (const patient of patients) await loader.take(ods, resourcesIn(JSON.stringify(patient), patient.id ?? ''))
  await loader.flush()
}

const expected = (outcome: Outcome): number => set.expected.filter((record) => record.outcome === outcome).length

test('800 records of 200 people become the people, quarantines and reviews that are expected', async () => {
  assert.deepEqual(
    [account.found, account.stored, account.refused, account.quarantined, account.reviews],
    [800, 800, 0, expected('quarantine'), expected('review')],
  )
  const personOfIndex = new Map<number, bigint | undefined>()
  for (const { patient, person, outcome, difference } of set.expected) {
    const found = await store.personOf('Patient', patient)
    if (outcome === 'new') personOfIndex.set(person, found)
    if (outcome === 'link') assert.equal(found, personOfIndex.get(person), `${patient}: ${difference}`)
    if (outcome === 'review' || outcome === 'quarantine')
      assert.notEqual(found, personOfIndex.get(person), `${patient}: ${difference}`)
  }
  assert.equal(new Set(personOfIndex.values()).size, 200)
  await indexIsSound(store)
})

test('the review queue holds each doubt once', async () => {
  const { total } = await listReviews(store.contextOf(indexOfficer), 'open')
  assert.ok(total >= expected('quarantine') + expected('review'))
})

test('a second load changes nothing', async () => {
  const people = await count()
  const again = new Account()
  for (const { ods, patients } of set.sources) {
    const loader = new Loader(store.store.database, store.store.clock, systemOf(ods), again)
    for (const patient of patients) await loader.take(ods, resourcesIn(JSON.stringify(patient), patient.id ?? ''))
    await loader.flush()
  }
  assert.deepEqual([again.stored, again.unchanged], [0, 800])
  assert.deepEqual(await count(), people)
})

async function count(): Promise<unknown> {
  const rows = await store.store.database.search(
    sql`select count(*)::int4 as rows, count(distinct person)::int4 as people from res`,
  )
  return rows[0]
}

const entry = (patient: string, id: string): string =>
  `{"resourceType":"Condition","id":"${id}","subject":{"reference":"Patient/${patient}"},"code":{"text":"${id}"},"onsetDateTime":"2020-01-01"}`

test('two records found to be of one person are one record, and taken apart again they are exactly as they were', async () => {
  const ctx = store.contextOf(indexOfficer)
  const { reviews } = await listReviews(ctx, 'open')
  const review = reviews.find(({ kind }) => kind === 'possible-match')
  assert.ok(review?.left.person !== undefined && review.right.person !== undefined)
  const [left, right] = [review.left.patient.id ?? '', review.right.patient.id ?? '']
  for (const patient of [left, right])
    for (const n of [1, 2])
      assert.equal(
        (await store.fhir('PUT', `Condition/${patient}-${n}`, entry(patient, `${patient}-${n}`))).status,
        201,
      )
  const persons = [personKey(review.left.person), personKey(review.right.person)]
  const stood = await rowsOfPeople(store, persons)

  await decideReview(ctx, review.id, { decision: 'same', why: 'The same address and telephone' })
  const winner = await store.personOf('Patient', right)
  assert.equal(await store.personOf('Patient', left), winner)
  for (const patient of [left, right]) assert.equal(await store.personOf('Condition', `${patient}-1`), winner)
  const loser = JSON.parse((await store.fhir('GET', `Person/${review.left.person}`)).text)
  assert.equal(loser.active, false)
  assert.deepEqual(loser.link, [{ target: { reference: `Person/${review.right.person}` } }])
  await indexIsSound(store)

  // What comes while they are one goes with the Patient it is about.
  await store.fhir('PUT', `Condition/${left}-new`, entry(left, `${left}-new`))
  await undoDecision(ctx, review.id)
  const added = (row: string): boolean => !row.includes(` ${left}-new `)
  assert.deepEqual((await rowsOfPeople(store, persons)).filter(added), stood)
  assert.equal(await store.personOf('Condition', `${left}-new`), personKey(review.left.person))
  await indexIsSound(store)
})

test('a number that a person had before finds them', async () => {
  const { patient } = set.expected.find(({ difference }) => difference === 'an old number and the new one') ?? {
    patient: '',
  }
  const numbers: { use?: string; value: string }[] = JSON.parse(
    (await store.fhir('GET', `Patient/${patient}`)).text,
  ).identifier
  const old = numbers.find(({ use }) => use === 'old')?.value ?? ''
  const [found, ...more] = await findPeople(store.contextOf(systemActorOf('Z99811')), { nhsNumber: old })
  assert.deepEqual(more, [])
  assert.equal(found?.superseded, true)
  assert.equal(personKey(found.person.id ?? ''), await store.personOf('Patient', patient))
})

test('a record without a number has a person, is found by name and holds entries', async () => {
  const patient =
    '{"resourceType":"Patient","id":"no-number","name":[{"family":"Unnumbered","given":["Zoe"]}],"birthDate":"1977-07-17"}'
  assert.equal((await store.fhir('PUT', 'Patient/no-number', patient)).status, 201)
  await store.fhir('PUT', 'Condition/no-number-1', entry('no-number', 'no-number-1'))
  const [found] = await findPeople(store.contextOf(systemActorOf('Z99811')), {
    family: 'Unnumbered',
    birthDate: '1977-07-17',
  })
  assert.equal(personKey(found?.person.id ?? ''), await store.personOf('Condition', 'no-number-1'))
})

test('20 organisations that write a new person at once make one person', async () => {
  const patient = (n: number): string =>
    `{"resourceType":"Patient","id":"at-once-${n}","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000204"}],"name":[{"family":"Once","given":["Ann"]}],"birthDate":"1951-03-14","managingOrganization":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"Y9${n}"}}}`
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0
        ? store.fhir('PUT', `Patient/at-once-${n}`, patient(n))
        : store.fhir('POST', '', bundleOf(`Patient/at-once-${n}`, patient(n))),
    ),
  )
  assert.ok(
    answers.every(({ status }) => status === 200 || status === 201),
    answers.map(({ text }) => text.slice(0, 200)).join('\n'),
  )
  const persons = await Promise.all(answers.map((_, n) => store.personOf('Patient', `at-once-${n}`)))
  assert.equal(new Set(persons).size, 1)
  await indexIsSound(store)
})

const bundleOf = (url: string, resource: string): string =>
  `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${resource},"request":{"method":"PUT","url":"${url}"}}]}`

const systemActorOf = (organisation: string) => ({ kind: 'system', id: 'test', name: 'Test', organisation }) as const
