import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { sql } from '../../base/sql.ts'
import type { CodeSource } from './code-source.ts'
import { parseSearch } from './query.ts'
import { search } from './search.ts'
import { readWords } from './word-index.ts'

const snomed = 'http://snomed.info/sct'
const v2 = 'http://terminology.hl7.org/CodeSystem/v2-0203'

const resources = [
  {
    resourceType: 'Patient',
    id: 'p1',
    meta: { tag: [{ system: 'http://x.example/tags', code: 'study' }], source: 'http://hospital.example/pas/1' },
    identifier: [
      { type: { coding: [{ system: v2, code: 'MR' }], text: 'Hospital number' }, system: 'http://h', value: '7' },
    ],
    name: [{ family: 'Smith', given: ['Zoë'] }],
    gender: 'female',
    address: [{ line: ['1 Boston Road'], city: 'Leeds' }],
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Likes <b>Brahms</b> &#38; tea</div>' },
  },
  {
    resourceType: 'Patient',
    id: 'p2',
    name: [{ family: 'Smyth', given: ['John'] }],
    gender: 'male',
    deceasedBoolean: true,
  },
  {
    resourceType: 'Condition',
    id: 'c1',
    subject: { reference: 'Patient/p1/_history/1' },
    code: { coding: [{ system: snomed, code: '38341003', display: 'Hypertensive disorder' }], text: 'High pressure' },
  },
  {
    resourceType: 'Condition',
    id: 'c2',
    subject: { reference: 'Patient/p2' },
    code: { coding: [{ system: snomed, code: '59621000', display: 'Essential hypertension' }] },
  },
  { resourceType: 'Condition', id: 'c3', subject: { reference: 'Patient/p2' }, code: { text: 'Asthma' } },
  { resourceType: 'Observation', id: 'o1', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/p1' } },
  {
    resourceType: 'Observation',
    id: 'o2',
    status: 'amended',
    code: { text: 'y' },
    subject: { reference: 'Patient/p2' },
    performer: [{ reference: 'Patient/p1' }],
  },
  {
    resourceType: 'List',
    id: 'l1',
    status: 'current',
    mode: 'changes',
    entry: [{ item: { reference: 'Patient/p1' } }, { deleted: true, item: { reference: 'Patient/p2' } }],
  },
  { resourceType: 'Location', id: 'hq', name: 'Site', position: { latitude: 51.5, longitude: -0.12 } },
  {
    resourceType: 'Location',
    id: 'ward',
    name: 'Ward',
    partOf: { reference: 'Location/hq' },
    position: { latitude: 51.6, longitude: -0.12 },
  },
  { resourceType: 'Location', id: 'bed', name: 'Bed', partOf: { reference: 'Location/ward' } },
  { resourceType: 'Location', id: 'fiji', name: 'Fiji', position: { latitude: -17, longitude: 179.95 } },
  {
    resourceType: 'Encounter',
    id: 'e1',
    status: 'finished',
    class: { code: 'IMP' },
    location: [{ location: { reference: 'Location/bed' } }],
  },
  { resourceType: 'ValueSet', id: 'v1', status: 'active', url: 'http://acme.example/fhir/ValueSet/one' },
  { resourceType: 'ValueSet', id: 'v2', status: 'active', url: 'http://acme.example/fhir' },
  { resourceType: 'ValueSet', id: 'v3', status: 'active', url: 'http://acme.example/fhirx/ValueSet/one' },
] as const

let store: TestStore

before(async () => {
  store = await testStore()
  for (const each of resources) {
    const answer = await store.fhir('PUT', `${each.resourceType}/${each.id}`, JSON.stringify(each))
    assert.equal(answer.status, 201, answer.text)
  }
})
after(() => store.close())

const idsOf = (text: string): readonly string[] =>
  (JSON.parse(text).entry ?? []).map((each: { resource: { id: string } }) => each.resource.id)

async function found(path: string): Promise<readonly string[]> {
  const answer = await store.fhir('GET', path)
  assert.equal(answer.status, 200, answer.text)
  return idsOf(answer.text).toSorted()
}

const cases: readonly (readonly [path: string, expected: readonly string[]])[] = [
  ['Patient?identifier=http://h|7', ['p1']],
  ['Patient?identifier=http://other|7', []],
  ['Patient?identifier=|7', []],
  ['Patient?identifier=http://h|', ['p1']],
  [`Patient?identifier:of-type=${v2}|MR|7`, ['p1']],
  [`Patient?identifier:of-type=${v2}|NH|7`, []],
  ['Patient?_tag=http://x.example/tags|', ['p1']],
  ['Patient?_tag=http://y.example/tags|', []],
  ['Patient?_source=http://hospital.example/pas/1', ['p1']],
  ['Patient?phonetic=smeeth', ['p1', 'p2']],
  ['Patient?phonetic=jon smith', ['p2']],
  ['Patient?name:text=mit', ['p1']],
  ['Patient?address:text=boston', ['p1']],
  ['Patient?gender:not=male', ['p1']],
  ['Patient?_list=l1', ['p1']],
  ['Patient?_list=nothing', []],
  ['Patient?_text=brahms', ['p1']],
  ['Patient?_text=smith', []],
  ['Patient?_content=smith', ['p1']],
  ['Patient?_content=zoe', ['p1']],
  ['Patient?_content=smith or smyth', ['p1', 'p2']],
  ['Patient?_content=sm* and not zoe', ['p2']],
  ['Patient?_content=smith,smyth', ['p1', 'p2']],
  ['Condition?code:text=hypertensive', ['c1']],
  ['Condition?code:text=hyper', ['c1', 'c2']],
  ['Condition?code:text=HIGH press', ['c1']],
  ['Condition?_content=hypertension', ['c2']],
  ['Condition?subject=Patient/p1', ['c1']],
  ['Condition?subject=Patient/p1/_history/1', ['c1']],
  ['Condition?subject=Patient/p1/_history/2', []],
  ['Condition?subject=Patient/p2/_history/1', []],
  ['Condition?subject=http://localhost/fhir/R4/Patient/p2', ['c2', 'c3']],
  [`Condition?code=${snomed}|`, ['c1', 'c2']],
  ['ValueSet?url:below=http://acme.example/fhir', ['v1', 'v2']],
  ['ValueSet?url:above=http://acme.example/fhir/ValueSet/one/two', ['v1', 'v2']],
  ['Encounter?location:below=Location/hq', ['e1']],
  ['Encounter?location:below=Location/bed', ['e1']],
  ['Encounter?location=Location/hq', []],
  ['Location?near=51.5|-0.12|5', ['hq']],
  ['Location?near=51.5|-0.12|12|km', ['hq', 'ward']],
  ['Location?near=51.5|-0.12|7|[mi_i]', ['hq', 'ward']],
  ['Location?near=-17|-179.95|20', ['fiji']],
  ['Location?near=90|0|20100', ['fiji', 'hq', 'ward']],
  ['Patient/p1/Observation', ['o1', 'o2']],
  ['Patient/p2/Observation?status=amended', ['o2']],
  ['Patient/p2/*?_type=Condition,Observation', ['c2', 'c3', 'o2']],
  ['Patient/p1/*?_type=Patient,Observation,Condition,Encounter', ['c1', 'o1', 'o2', 'p1']],
  ['?_type=Patient,Location&_content=smith,bed', ['bed', 'p1']],
  ['?_id=p1,hq', ['hq', 'p1']],
  ['?_tag=study', ['p1']],
  ['Patient?_filter=family eq "smith" or (gender eq male and family sw "sm")', ['p1', 'p2']],
  ['Patient?_filter=not(gender eq male) and name co "mit"', ['p1']],
  ['Patient?_filter=family ew "yth"', ['p2']],
  ['Patient?_filter=family eq "smi"', []],
  ['Patient?_filter=address pr true', ['p1']],
  ['Patient?_filter=identifier eq http://h|7', ['p1']],
  ['Condition?_filter=subject:Patient.family eq "smyth"', ['c2', 'c3']],
  ['Condition?_filter=subject:Patient[gender eq male].family sw "sm" and code co "essen"', ['c2']],
  ['Observation?_filter=subject re Patient/p2', ['o2']],
  ['Patient?_filter=_has:Observation:performer:status eq amended', ['p1']],
  ['Observation?date:missing=true&_sort=-date,status', ['o1', 'o2']],
]
for (const [path, expected] of cases)
  test(`${path} finds ${expected.length === 0 ? 'nothing' : expected.join(', ')}`, async () =>
    assert.deepEqual(await found(path), expected))

test('what the word index has read is found as what it has not', async () => {
  while ((await readWords(store.store.database)) > 0) continue
  for (const [path, expected] of cases)
    if (/_text|_content|:text/.test(path)) assert.deepEqual(await found(path), expected)
  const put = (family: string) =>
    store.fhir('PUT', 'Patient/p3', JSON.stringify({ resourceType: 'Patient', id: 'p3', name: [{ family }] }))
  await put('Quirke')
  assert.deepEqual(await found('Patient?_content=quirke'), ['p3'])
  await store.eventsAfter(0n, 'p3', 1)
  while ((await readWords(store.store.database)) > 0) continue
  assert.deepEqual(await found('Patient?_content=quirke'), ['p3'])
  await put('Quinn')
  assert.deepEqual(await found('Patient?_content=quirke'), [])
  assert.deepEqual(await found('Patient?_content=quinn'), ['p3'])
  await store.fhir('DELETE', 'Patient/p3')
  assert.deepEqual(await found('Patient?_content=quinn'), [])
})

test('POST finds what GET finds, on a type, on the system, in a compartment', async () => {
  for (const [path, body, expected] of [
    ['Patient/_search', 'family=smith', ['p1']],
    ['_search', '_type=Patient,Condition&_id=p1,c2', ['c2', 'p1']],
    ['Patient/p1/Observation/_search', 'status=final', ['o1']],
  ] as const) {
    const answer = await store.fhir('POST', path, body)
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(idsOf(answer.text).toSorted(), expected)
  }
})

test('value sets and hierarchies of codes are asked of the terminology', async () => {
  const codes: CodeSource = {
    codesIn: async (valueSet) =>
      valueSet.includes('observation-status')
        ? ['final', 'amended'].map((code) => ({ system: 'http://hl7.org/fhir/observation-status', code }))
        : [{ system: snomed, code: '59621000' }],
    codesBelow: async (coding) => [coding, { system: snomed, code: '59621000' }],
    codesAbove: async (coding) => [coding],
  }
  const ids = async (type: string, query: string) =>
    store.store.database.transaction(async (connection) =>
      (await search(connection, parseSearch(type, query), sql`true`, { codes })).found.map(({ id }) => id),
    )
  assert.deepEqual(await ids('Condition', 'code:in=http://x'), ['c2'])
  assert.deepEqual(await ids('Condition', 'code:not-in=http://x'), ['c1', 'c3'])
  assert.deepEqual(await ids('Condition', `code:below=${snomed}|38341003`), ['c1', 'c2'])
  assert.deepEqual(await ids('Condition', `code:above=${snomed}|38341003`), ['c1'])
  assert.deepEqual(await ids('Observation', 'status=http://hl7.org/fhir/observation-status|final'), ['o1'])
  assert.deepEqual(await ids('Observation', 'status=http://other|final'), [])
  assert.deepEqual(await ids('Observation', 'status=http://hl7.org/fhir/observation-status|'), ['o1', 'o2'])
  assert.deepEqual(await ids('Observation', 'status:in=http://hl7.org/fhir/ValueSet/observation-status'), ['o1', 'o2'])
})

test('only a system is shown how a search is answered', async () => {
  const answer = await store.fhir('GET', 'Patient?family=smith&__explain=true')
  assert.match(answer.text, /res_str/)
  assert.match(answer.text, /Index/)
  assert.doesNotMatch(answer.text, /Smith/)
})

for (const [path, place] of [
  ['Condition?code:in=http://x', 'http://x'],
  ['Condition?code:below=38341003', 'code:below'],
  ['Patient?identifier:of-type=MR|7', 'identifier:of-type'],
  ['Patient?_list=$current-problems', '_list'],
  ['Patient?_query=x', '_query'],
  ['Patient?_contained=true', '_contained'],
  ['Patient?_filter=family', '_filter'],
  ['Patient?_filter=family xx "a"', '_filter'],
  ['Patient?_filter=nothing eq "a"', '_filter'],
  [`Patient?_filter=${'('.repeat(100)}family eq "a"${')'.repeat(100)}`, '_filter'],
  [`Patient?_filter=${'not('.repeat(30)}family eq "a"${')'.repeat(30)}`, '_filter'],
  [`Patient?_filter=${'family eq "a" or '.repeat(500)}family eq "a"`, '_filter'],
  ['Patient?_filter=family eq "a', '_filter'],
  ['Patient?_content=((', '_content'],
  ['Patient?_content=not', '_content'],
  ['Patient?_content=!!', '_content'],
  ['Location?near=here', 'near'],
  ['Location?near=91|0', 'near'],
  ['Patient?phonetic=123', 'phonetic'],
  ['Patient?family:equals=a', 'family:equals'],
  ['?_type=Patient&family=smith&_type=Nothing', '_type'],
  ['?family=smith', 'family'],
  ['Practitioner/1/Observation', 'compartment'],
  ['Patient/1/Organization', 'Organization'],
  [`Patient?family=${'a,'.repeat(10_000)}a`, '1000 values'],
  ['Patient?name:contains=(a*)*b$'.replace('contains', 'regex'), 'name:regex'],
] as const)
  test(`${path.slice(0, 60)} is refused by name`, async () => {
    const answer = await store.fhir('GET', path)
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`)
    assert.ok(answer.text.includes(place), answer.text)
  })
