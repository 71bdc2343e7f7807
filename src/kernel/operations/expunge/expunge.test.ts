import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bundle, Parameters } from 'fhir/r4.js'
import { type TestStore, testStore } from '../../../../test/support/store.ts'
import { sql } from '../../../base/sql.ts'
import { problemAnswer } from '../../rest/exchange.ts'
import { interact } from '../../rest/interact.ts'

let store: TestStore
before(async () => {
  store = await testStore()
})
after(() => store.close())

const reason = { name: 'reason', valueString: 'Sent to the wrong server' }
const everything = { name: 'everything', valueBoolean: true }
const expunge = async (path: string, ...parameter: readonly object[]) => {
  const answer = await store.fhir(
    'POST',
    `${path}/$expunge`,
    JSON.stringify({ resourceType: 'Parameters', parameter: [reason, ...parameter] }),
  )
  return { ...answer, parameter: (JSON.parse(answer.text) as Parameters).parameter ?? [] }
}
const planned = async (path: string, ...parameter: readonly object[]) => {
  const { status, text, parameter: found } = await expunge(path, ...parameter)
  equal(status, 200, text)
  return { name: 'plan', valueString: found.find(({ name }) => name === 'plan')?.valueString ?? '' }
}
const put = async (resource: Readonly<Record<string, unknown>>): Promise<void> => {
  const answer = await store.fhir(
    'PUT',
    `${String(resource['resourceType'])}/${String(resource['id'])}`,
    JSON.stringify(resource),
  )
  ok(answer.status < 300, answer.text)
}

/** Whether a text is anywhere in the tables that hold content. */
async function isAnywhere(word: string): Promise<boolean> {
  const like = `%${word}%`
  const rows = await store.store.database.search(
    sql`select 1 from res where body ilike ${like} union all select 1 from res_hist where body ilike ${like}
        union all select 1 from shared where body ilike ${like} union all select 1 from shared_hist where body ilike ${like}
        union all select 1 from res_str where val ilike ${like} or whole ilike ${like}`,
  )
  return rows.length > 0
}

const person = async (id: string, family: string): Promise<void> => {
  await put({ resourceType: 'Patient', id, name: [{ family, given: ['Ada'] }], birthDate: '1950-01-02' })
  await put({ resourceType: 'Patient', id, name: [{ family, given: ['Ida'] }], birthDate: '1950-01-02' })
  await put({
    resourceType: 'Encounter',
    id: `${id}-e`,
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: `Patient/${id}` },
  })
  await put({
    resourceType: 'Observation',
    id: `${id}-o`,
    status: 'final',
    code: { text: `${family} weight` },
    encounter: { reference: `Encounter/${id}-e` },
    valueQuantity: { value: 70, unit: 'kg' },
  })
  await store.fhir('DELETE', `Observation/${id}-o`)
}

test('Everything of a person goes, with every version and search text, and a certificate stays', async () => {
  await person('gone', 'Zyxwvut')
  const plan = await planned('Patient/gone', everything)
  ok(await isAnywhere('Zyxwvut'))
  const done = await expunge('Patient/gone', everything, plan)
  equal(done.status, 200, done.text)
  equal(await isAnywhere('Zyxwvut'), false)
  equal(await isAnywhere('gone-e'), false)
  deepEqual(
    done.parameter
      .filter(({ name }) => name === 'after')
      .map(({ part }) => part?.[1]?.valueInteger)
      .filter((rows) => rows !== 0),
    [],
  )
  const before = done.parameter
    .filter(({ name }) => name === 'before')
    .map(({ part }) => [part?.[0]?.valueString, part?.[1]?.valueInteger])
  ok(
    before.some(([place, rows]) => place === 'history' && Number(rows) >= 3),
    JSON.stringify(before),
  )
  const reference = done.parameter[0]?.valueReference?.reference ?? ''
  const certificate = await store.fhir('GET', reference.slice('http://localhost/fhir/R4/'.length))
  equal(certificate.status, 200)
  ok(certificate.text.includes('Sent to the wrong server'))
  ok(!/gone|Zyxwvut/i.test(certificate.text))
  equal((await store.fhir('GET', 'Patient/gone')).status, 404)
})

test('The plan alone changes nothing; a write after it makes it void', async () => {
  await person('kept', 'Qwertzu')
  const plan = await planned('Patient/kept', everything)
  equal((await store.fhir('GET', 'Patient/kept')).status, 200)
  await put({ resourceType: 'Condition', id: 'kept-c', code: { text: 'new' }, subject: { reference: 'Patient/kept' } })
  equal((await expunge('Patient/kept', everything, plan)).status, 409)
  equal((await store.fhir('GET', 'Patient/kept')).status, 200)
})

test('A person known to two sources keeps what the other one sent', async () => {
  const number = [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' }]
  const same = { resourceType: 'Patient', identifier: number, birthDate: '1950-01-02' }
  await put({ ...same, id: 'one', name: [{ family: 'Plmokni', given: ['Ann'] }] })
  await put({ ...same, id: 'two', name: [{ family: 'Plmokni', given: ['Annie'] }] })
  await put({ resourceType: 'Condition', id: 'of-two', code: { text: 'x' }, subject: { reference: 'Patient/two' } })
  const plan = await planned('Patient/one', everything)
  equal((await expunge('Patient/one', everything, plan)).status, 200)
  deepEqual(
    await Promise.all(
      ['Patient/one', 'Patient/two', 'Condition/of-two'].map(async (path) => (await store.fhir('GET', path)).status),
    ),
    [404, 200, 200],
  )
  const golden = JSON.parse((await store.fhir('GET', 'Person?link=Patient/two')).text) as Bundle
  equal(golden.entry?.length, 1)
  const id = golden.entry?.[0]?.resource?.id ?? ''
  equal((await expunge(`Person/${id}`, everything, await planned(`Person/${id}`, everything))).status, 200)
  equal(await isAnywhere('Plmokni'), false)
})

test('A search says which resources go; one resource that was deleted before can still be erased', async () => {
  for (const id of ['s1', 's2']) await put({ resourceType: 'Organization', id, name: 'Wrongly sent' })
  const query = { name: 'query', valueString: 'name=Wrongly sent' }
  const plan = await planned('Organization', query)
  equal((await expunge('Organization', query, plan)).status, 200)
  equal(await isAnywhere('Wrongly sent'), false)
  await put({ resourceType: 'Organization', id: 's3', name: 'Deleted before' })
  await store.fhir('DELETE', 'Organization/s3')
  equal((await expunge('Organization/s3', await planned('Organization/s3'))).status, 200)
  equal(await isAnywhere('Deleted before'), false)
  equal((await store.fhir('GET', 'Organization/s3')).status, 404)
})

test('Of two runs of one plan at once one erases and the other is told so', async () => {
  await put({ resourceType: 'Organization', id: 'twice', name: 'Twice' })
  const plan = await planned('Organization/twice')
  const answers = await Promise.all([expunge('Organization/twice', plan), expunge('Organization/twice', plan)])
  const statuses = answers.map(({ status }) => status)
  equal(statuses.filter((status) => status === 200).length, 1)
  ok(
    statuses.some((status) => status === 404 || status === 409),
    statuses.join(),
  )
})

const refusedCases: readonly (readonly [what: string, status: number, path: string, parameters: readonly object[]])[] =
  [
    ['of a Patient without everything', 422, 'Patient/kept', []],
    ['of all of a type', 400, 'Organization', [{ name: 'query', valueString: '' }]],
    ['of people by a search', 422, 'Patient', [{ name: 'query', valueString: 'family=Hill' }]],
    ['of what is not there', 404, 'Organization/nobody', []],
    ['with a plan of its own making', 409, 'Patient/kept', [everything, { name: 'plan', valueString: 'x' }]],
  ]
for (const [what, status, path, parameters] of refusedCases)
  test(`Erasing ${what} is refused`, async () => equal((await expunge(path, ...parameters)).status, status))

test('A reason is needed and must not name anyone by number', async () => {
  const ask = async (valueString: string) =>
    (
      await store.fhir(
        'POST',
        'Patient/kept/$expunge',
        JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'reason', valueString }, everything] }),
      )
    ).status
  deepEqual(
    [await ask('Court order about 999 000 0018'), await ask('x'), await ask('Court order of today')],
    [400, 400, 200],
  )
})

test('Only an administrator’s system may erase', async () => {
  const supplier = store.contextOf({ kind: 'system', id: 's', name: 'S', organisation: 'A81001' })
  const body = JSON.stringify({ resourceType: 'Parameters', parameter: [reason, everything] })
  equal(
    (await interact(supplier, 'POST', 'Patient/kept/$expunge', { base: '', query: '', body }).catch(problemAnswer))
      .status,
    403,
  )
})
