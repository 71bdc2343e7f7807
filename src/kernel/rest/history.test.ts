import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TestStore, testStore } from '../../../test/support/store.ts'

// An organisation without a name or identifier would break a rule of FHIR R4 (org-1).
const named = { Patient: {}, Organization: { name: 'Ward' } }

let store: TestStore
/** An instant between the first and the second version of everything. */
let between = ''
before(async () => {
  store = await testStore()
  for (const type of ['Patient', 'Organization'] as const)
    for (const id of ['a', 'b'])
      await store.fhir('PUT', `${type}/${id}`, JSON.stringify({ resourceType: type, id, ...named[type] }))
  await sleep(5)
  between = Temporal.Now.instant().toString({ smallestUnit: 'millisecond' })
  await sleep(5)
  for (const [type, field] of [
    ['Patient', 'active'],
    ['Organization', 'active'],
  ] as const)
    await store.fhir('PUT', `${type}/a`, JSON.stringify({ resourceType: type, id: 'a', ...named[type], [field]: true }))
  await store.fhir('DELETE', 'Patient/b')
})
after(() => store.close())

interface Entry {
  readonly fullUrl: string
  readonly resource?: { readonly meta: { readonly versionId: string; readonly tag?: unknown } }
  readonly request: { readonly method: string; readonly url: string }
  readonly response: { readonly status: string; readonly etag: string; readonly lastModified: string }
}
const page = async (path: string): Promise<{ readonly entry: readonly Entry[]; readonly next: string | undefined }> => {
  const answer = await store.fhir('GET', path)
  assert.equal(answer.status, 200, answer.text)
  const bundle = JSON.parse(answer.text)
  const next = bundle.link.find((link: { relation: string }) => link.relation === 'next')?.url
  return { entry: bundle.entry ?? [], next: next?.replace('http://localhost/fhir/R4/', '') }
}
const versions = (entries: readonly Entry[]): readonly string[] =>
  entries.map(({ fullUrl, response }) => `${fullUrl.replace('http://localhost/fhir/R4/', '')} ${response.etag}`)

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['of a resource', 'Patient/a/_history', ['Patient/a W/"2"', 'Patient/a W/"1"']],
  ['of a type', 'Patient/_history', ['Patient/b W/"2"', 'Patient/a W/"2"', 'Patient/b W/"1"', 'Patient/a W/"1"']],
  [
    'of what belongs to no person',
    'Organization/_history',
    ['Organization/a W/"2"', 'Organization/b W/"1"', 'Organization/a W/"1"'],
  ],
]
for (const [what, path, expected] of cases)
  test(`the history ${what} has every version, newest first, and pages through them`, async () => {
    assert.deepEqual(versions((await page(path)).entry), expected)
    const seen: string[] = []
    for (let at: string | undefined = `${path}?_count=1`; at !== undefined; ) {
      const { entry, next } = await page(at)
      assert(entry.length <= 1)
      seen.push(...versions(entry))
      at = next
    }
    assert.deepEqual(seen, expected)
  })

test('the history of everything holds all types, the golden Persons among them', async () => {
  const { entry } = await page('_history?_count=100')
  const named = versions(entry).filter((each) => !each.startsWith('Person/'))
  assert.equal(named.length, 7)
  assert(entry.some(({ fullUrl }) => fullUrl.includes('/Person/')))
})

test('a deletion is told without a resource', async () => {
  const [newest] = (await page('Patient/b/_history')).entry
  assert.equal(newest?.resource, undefined)
  assert.deepEqual([newest?.request.method, newest?.response.status], ['DELETE', '204'])
})

test('_since leaves out what is older, and _at is how things stood', async () => {
  const at = encodeURIComponent(between)
  assert.deepEqual(versions((await page(`Patient/_history?_since=${at}`)).entry), [
    'Patient/b W/"2"',
    'Patient/a W/"2"',
  ])
  assert.deepEqual(versions((await page(`Patient/_history?_at=${at}`)).entry), ['Patient/b W/"1"', 'Patient/a W/"1"'])
  assert.deepEqual(versions((await page('Patient/a/_history?_since=2100-01-01')).entry), [])
})

test('_summary and _elements hold in reads, versions and histories, and say so', async () => {
  for (const path of ['Patient/a?_elements=id', 'Patient/a/_history/2?_summary=text'])
    assert.match((await store.fhir('GET', path)).text, /SUBSETTED/)
  const { entry } = await page('Patient/a/_history?_elements=active')
  assert(entry.every(({ resource }) => resource?.meta.tag !== undefined))
})

for (const [path, status] of [
  ['Patient/nobody/_history', 404],
  ['Nonsense/_history', 404],
  ['Patient/_history?_since=yesterday', 400],
  ['Patient/_history?_at=2024-13-45', 400],
  ['Patient/_history?nonsense=1', 400],
  ['Patient/_history?_cursor=forged', 400],
  ['Patient/a?_summary=count', 400],
  ['Patient/a?_elements=nonsense', 400],
  ['Patient/_history/1', 404],
] as const)
  test(`GET ${path} gets ${status}`, async () => assert.equal((await store.fhir('GET', path)).status, status))

test('what has not changed is not sent again', async () => {
  const read = await store.fhir('GET', 'Patient/a')
  const modified = read.headers['last-modified'] ?? ''
  for (const [condition, status] of [
    [{ ifNoneMatch: 'W/"2"' }, 304],
    [{ ifNoneMatch: 'W/"1", W/"2"' }, 304],
    [{ ifNoneMatch: 'W/"1"' }, 200],
    [{ ifNoneMatch: 'W/"1"', ifModifiedSince: modified }, 200],
    [{ ifModifiedSince: modified }, 304],
    [{ ifModifiedSince: 'Mon, 01 Jan 2001 00:00:00 GMT' }, 200],
    [{ ifModifiedSince: 'nonsense' }, 200],
  ] as const)
    assert.equal((await store.fhir('GET', 'Patient/a', '', condition)).status, status, JSON.stringify(condition))
})

test('who was shown which versions is audited', async () => {
  await page('Patient/a/_history')
  const rows = await store.audit('Patient/a/_history/2')
  assert(rows.some((row) => row.action === 'history' && row.person !== 0n))
})
