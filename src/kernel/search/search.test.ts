import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type ModelPatient, modelSearch, patientBody } from '../../../test/support/search-model.ts'
import { type TestStore, testStore } from '../../../test/support/store.ts'

const families = ['Hill', 'hill', 'Hillary', 'Müller', 'Muller', 'Ng', "O'Neil", 'Ó Néill', 'Chill']
const givens = ['Ann', 'Anna', 'Zoë', 'Zoe', 'Bo']
const dates = ['1951', '1951-03', '1951-03-14', '1951-03-15', '1952-01-31', '1952-01', '1970-12-31']

const patient: fc.Arbitrary<Omit<ModelPatient, 'id'>> = fc.record(
  {
    family: fc.constantFrom(...families),
    given: fc.array(fc.constantFrom(...givens), { minLength: 1, maxLength: 2 }),
    birthDate: fc.constantFrom(...dates),
    gender: fc.constantFrom('male', 'female', 'other'),
    phone: fc.constantFrom('01', '02'),
  },
  { requiredKeys: ['family', 'given'] },
)
const patients: readonly ModelPatient[] = fc
  .sample(patient, { seed: 7, numRuns: 40 })
  .map((each, index) => ({ ...each, id: `m${(index * 37) % 101}` }))

let store: TestStore

before(async () => {
  store = await testStore()
  const entry = patients.map(
    (each) => `{"resource":${patientBody(each)},"request":{"method":"PUT","url":"Patient/${each.id}"}}`,
  )
  const answer = await store.fhir(
    'POST',
    '',
    `{"resourceType":"Bundle","type":"transaction","entry":[${entry.join(',')}]}`,
  )
  assert.equal(answer.status, 200, answer.text)
})
after(() => store.close())

interface Page {
  readonly ids: readonly string[]
  readonly total: number | undefined
  readonly links: Readonly<Record<string, string>>
}

async function pageAt(path: string): Promise<Page> {
  const answer = await store.fhir('GET', path)
  assert.equal(answer.status, 200, answer.text)
  const bundle = JSON.parse(answer.text)
  return {
    ids: (bundle.entry ?? []).map((each: { resource: { id: string } }) => each.resource.id),
    total: bundle.total,
    links: Object.fromEntries(
      bundle.link.map((each: { relation: string; url: string }) => [
        each.relation,
        each.url.slice(each.url.indexOf('R4/') + 3),
      ]),
    ),
  }
}

/** All pages from one on, in the direction of a relation. */
async function walk(path: string, relation: 'next' | 'previous'): Promise<readonly Page[]> {
  const pages: Page[] = []
  for (let at: string | undefined = path; at !== undefined; at = pages.at(-1)?.links[relation]) {
    pages.push(await pageAt(at))
    assert.ok(pages.length < 100, 'pages end')
  }
  return pages
}

const anyText = fc.oneof(fc.constantFrom(...families, ...givens), fc.constantFrom('h', 'mu', 'il', 'e', 'HILL', 'x'))
const textCriterion = fc.tuple(fc.constantFrom('family', 'given', 'name'), anyText)
const dateCriterion = fc
  .tuple(fc.constantFrom('', 'eq', 'ne', 'lt', 'gt', 'le', 'ge', 'sa', 'eb'), fc.constantFrom(...dates))
  .map(([prefix, date]) => ['birthdate', prefix + date] as const)
const genderCriterion = fc.tuple(
  fc.constantFrom('gender', 'gender:not'),
  fc.constantFrom('male', 'female', 'male,other'),
)
const modifiedText = fc.tuple(
  fc.constantFrom('family:exact', 'given:exact', 'name:contains', 'family:contains'),
  anyText,
)
const missingCriterion = fc.tuple(
  fc.constantFrom('family:missing', 'birthdate:missing', 'gender:missing'),
  fc.constantFrom('true', 'false'),
)
const criterion = fc.oneof(textCriterion, dateCriterion, genderCriterion, modifiedText, missingCriterion)
const sortKey = fc
  .tuple(fc.constantFrom('', '-'), fc.constantFrom('_id', 'family', 'given', 'name', 'birthdate'))
  .map((each) => each.join(''))

const query = (criteria: readonly (readonly [string, string])[]): string =>
  new URLSearchParams(criteria.map(([name, value]) => [name, value])).toString()

test('a random search finds what the model finds, in its order, each once, forward and back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(criterion, { maxLength: 2 }),
      fc.array(sortKey, { maxLength: 3 }),
      fc.integer({ min: 1, max: 45 }),
      async (criteria, sort, count) => {
        const expected = modelSearch(patients, criteria, sort.join(','))
        const more: [string, string][] = [
          ['_count', String(count)],
          ['_total', 'accurate'],
        ]
        if (sort.length > 0) more.push(['_sort', sort.join(',')])
        const pages = await walk(`Patient?${query([...criteria, ...more])}`, 'next')
        assert.deepEqual(
          pages.flatMap((page) => page.ids),
          expected,
        )
        assert.ok(pages.every((page) => page.total === expected.length))
        const back = await walk(pages.at(-1)?.links['previous'] ?? pages[0]?.links['self'] ?? '', 'previous')
        const before = pages.length > 1 ? pages.slice(0, -1).flatMap((page) => page.ids) : expected
        assert.deepEqual(
          back.toReversed().flatMap((page) => page.ids),
          before,
        )
      },
    ),
    { numRuns: 300, seed: 20261122 },
  )
})

test('rows written and deleted between two pages neither repeat nor hide any other', async () => {
  const put = (id: string, family: string) =>
    store.fhir(
      'PUT',
      `Observation/${id}`,
      `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"${family}"}}`,
    )
  const ids = Array.from({ length: 12 }, (_, n) => `w${String.fromCharCode(98 + n)}`)
  for (const id of ids) await put(id, 'kept')
  for (const sort of ['_id', '-_id']) {
    const seen: string[] = []
    for (let at: string | undefined = `Observation?_count=3&_sort=${sort}`; at !== undefined; ) {
      const page: Page = await pageAt(at)
      seen.push(...page.ids.filter((id) => ids.includes(id)))
      await put(`wa${seen.length}`, 'new')
      await put(`wz${seen.length}`, 'new')
      await put(seen[0] ?? '', `changed ${seen.length} ${sort}`)
      if (seen.length === 6) await store.fhir('DELETE', 'Observation/wa3')
      at = page.links['next']
    }
    assert.deepEqual(seen.toSorted(), ids)
  }
})

test('a cursor that was altered, invented or taken from another search is refused', async () => {
  const { links } = await pageAt('Patient?_count=3&_sort=family')
  const next = links['next'] ?? ''
  const cursor = new URLSearchParams(next.split('?')[1]).get('_cursor') ?? ''
  await fc.assert(
    fc.asyncProperty(fc.nat(cursor.length - 1), fc.constantFrom('A', 'b', '_', '!', ''), async (at, letter) => {
      fc.pre(cursor[at] !== letter)
      const altered = cursor.slice(0, at) + letter + cursor.slice(at + 1)
      assert.equal((await store.fhir('GET', `Patient?_count=3&_sort=family&_cursor=${altered}`)).status, 400)
    }),
    { numRuns: 60 },
  )
  for (const path of [
    `Patient?_cursor=${cursor}`,
    `Person?_sort=family&_cursor=${cursor}`,
    'Patient?_cursor=',
    'Patient?_cursor=x',
  ])
    assert.equal((await store.fhir('GET', path)).status, 400, path)
  assert.ok(!Buffer.from(cursor, 'base64url').toString('latin1').includes('hill'), 'no name can be read from a link')
})

for (const [path, refused] of [
  ['Patient?family:missing=perhaps', 'missing'],
  ['Patient?family:near=x', 'near'],
  ['Observation?value-quantity=much', 'value-quantity'],
  ['RiskAssessment?probability=1e999', 'probability'],
  ['Patient?_sort=phonetic', 'phonetic'],
  ['Location?_sort=near', 'near'],
  ['Patient?_sort=nothing', 'nothing'],
  ['Patient?_count=x', '_count'],
  ['Patient?_total=some', '_total'],
  ['Patient?_summary=some', '_summary'],
  ['Patient?_elements=nme', 'nme'],
  ['Patient?nothing=1', 'nothing'],
] as const)
  test(`${path} is refused by name`, async () => {
    const answer = await store.fhir('GET', path)
    assert.equal(answer.status, 400)
    assert.match(answer.text, new RegExp(refused))
  })

test('a lenient search passes over what is unknown, says so, and links only what was used', async () => {
  const answer = await store.fhir('GET', 'Patient?family=Ng&nothing=1&_format=json', '', { prefer: 'handling=lenient' })
  assert.equal(answer.status, 200)
  const bundle = JSON.parse(answer.text)
  assert.equal(bundle.link[0].url, 'http://localhost/fhir/R4/Patient?family=Ng')
  const outcome = bundle.entry.at(-1)
  assert.equal(outcome.search.mode, 'outcome')
  assert.match(JSON.stringify(outcome.resource), /nothing/)
  assert.equal((await store.fhir('GET', 'Patient?family:near=Ng', '', { prefer: 'handling=lenient' })).status, 400)
})

for (const path of ['Patient?_summary=count', 'Patient?_count=0'])
  test(`${path} counts and shows nobody`, async () => {
    const page = await pageAt(path)
    assert.deepEqual([page.ids, page.total, page.links['next']], [[], patients.length, undefined])
  })

test('a total is exact, estimated or absent as asked', async () => {
  assert.equal((await pageAt('Patient?_count=3')).total, undefined)
  assert.equal((await pageAt('Patient?_count=3&_total=none')).total, undefined)
  assert.equal((await pageAt('Patient?_count=3&_total=accurate')).total, patients.length)
  assert.ok(Number.isInteger((await pageAt('Patient?_count=3&_total=estimate')).total))
  assert.equal((await pageAt('Patient?_count=100&_total=estimate')).total, patients.length)
})

test('a long text is searched to its end', async () => {
  const long = `${'word '.repeat(80)}tail`
  const put = (id: string, title: string) =>
    store.fhir(
      'PUT',
      `Library/${id}`,
      JSON.stringify({ resourceType: 'Library', id, status: 'draft', type: { text: 'x' }, title }),
    )
  await put('long', long)
  await put('longer', `${long} more`)
  for (const [query, ids] of [
    [`title=${long}`, ['long', 'longer']],
    [`title=${long} more`, ['longer']],
    [`title:exact=${long}`, ['long']],
    [`title:exact=${long.toUpperCase()}`, []],
    ['title:contains=TAIL', ['long', 'longer']],
    ['title:contains=tail m', ['longer']],
  ] as const)
    assert.deepEqual((await pageAt(`Library?${query}`)).ids, ids, query.slice(0, 20))
})

test(':missing answers for elements that are mandatory, coded without a code, or always known', async () => {
  const put = (id: string, more: string) =>
    store.fhir(
      'PUT',
      `Flag/${id}`,
      `{"resourceType":"Flag","id":"${id}","code":{"text":"x"},"subject":{"reference":"Patient/none"},${more}}`,
    )
  await put('f1', '"status":"active","category":[{"text":"only words"}]')
  await put('f2', '"_status":{"extension":[{"url":"https://example.org/unknown","valueBoolean":true}]}')
  await put('f3', '"status":"active","period":{"start":"2026"}')
  const f2 = await store.fhir('GET', 'Flag/f2')
  const stored = f2.status === 200 ? ['f1', 'f2', 'f3'] : ['f1', 'f3']
  for (const [query, ids] of [
    ['subject:missing=false', ['f1', 'f2', 'f3']],
    ['subject:missing=true', []],
    ['author:missing=true', ['f1', 'f2', 'f3']],
    ['date:missing=true', ['f1', 'f2']],
    ['date:missing=false', ['f3']],
  ] as const)
    assert.deepEqual(
      (await pageAt(`Flag?${query}`)).ids,
      ids.filter((id) => stored.includes(id)),
      query,
    )
  assert.equal((await pageAt('Patient?deceased:missing=true&_summary=count')).total, 0)
  assert.equal((await pageAt('Encounter?status:missing=true&_summary=count')).total, 0)
})
