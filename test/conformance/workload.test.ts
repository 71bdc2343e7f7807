import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { isObject } from '../../src/base/json.ts'
import { packageRoot } from '../../src/base/root.ts'
import { type TestStore, testStore } from '../support/store.ts'

// The 36 requests of an independent benchmark of FHIR servers, answered over real Synthea bundles and counted again here.

const shared = join(packageRoot, '..', 'shared')
const file = join(shared, 'conformance/workloads/mock-health-queries.json')
const isThere = existsSync(file)
const skip = isThere ? false : '../shared is not there: the workload queries did not run'

interface Query {
  readonly name: string
  readonly path: string
  readonly params?: Readonly<Record<string, string>>
}

type Body = Readonly<Record<string, unknown>>

let store: TestStore
let bodies: readonly Body[] = []

before(async () => {
  if (!isThere) return
  store = await testStore()
  const folder = join(shared, 'synthea')
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  for (const name of files.toSorted().slice(0, 6)) {
    const answer = await store.fhir('POST', '', readFileSync(join(folder, name), 'utf8'))
    assert.equal(answer.status, 200, answer.text.slice(0, 500))
  }
  const rows = await store.store.database.read({
    text: 'select body from res union all select body from shared',
    values: [],
    strings: ['select body from res union all select body from shared'],
  })
  bodies = rows.map((row) => JSON.parse(String(row['body'])))
})
after(async () => store?.close())

/** All texts at a dotted path of a resource, through lists. */
function at(value: unknown, path: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => at(each, path))
  const [first, ...rest] = path
  if (first === undefined) return [value]
  return isObject(value) && value[first] !== undefined ? at(value[first], rest) : []
}

const all = (body: Body, path: string): readonly string[] => at(body, path.split('.')).map(String)
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const begins = (body: Body, path: string, value: string) =>
  all(body, path).some((each) => plain(each).startsWith(plain(value)))
const words = (text: string): readonly string[] => plain(text).match(/[\p{L}\p{N}]+/gu) ?? []

/** What each parameter of the workload means, told apart from the server. */
const meanings: Readonly<Record<string, (body: Body, value: string) => boolean>> = {
  gender: (body, value) => body['gender'] === value,
  family: (body, value) => begins(body, 'name.family', value),
  given: (body, value) => begins(body, 'name.given', value),
  code: (body, value) => codes(body, ['code.coding'], value),
  'combo-code': (body, value) => codes(body, ['code.coding', 'component.code.coding'], value),
  date: (body, value) => {
    const from = Date.parse(`${value.slice(2)}T00:00:00Z`)
    const ends = [
      ...all(body, 'effectiveDateTime'),
      ...all(body, 'effectiveInstant'),
      ...all(body, 'effectivePeriod.end'),
    ]
    return ends.some((each) => Date.parse(each) >= from)
  },
  patient: (body, value) => [...all(body, 'subject.reference'), ...all(body, 'patient.reference')].includes(value),
  participant: (body, value) => all(body, 'participant.individual.reference').includes(value),
  location: (body, value) => all(body, 'location.location.reference').includes(value),
  'name:text': (body, value) =>
    all(body, 'name.family')
      .concat(all(body, 'name.given'), all(body, 'name.prefix'), all(body, 'name.suffix'))
      .some((each) => plain(each).includes(plain(value))),
  'address:text': (body, value) =>
    ['line', 'city', 'state', 'postalCode', 'country', 'district', 'text'].some((part) =>
      all(body, `address.${part}`).some((each) => plain(each).includes(plain(value))),
    ),
  'code:text': (body, value) =>
    [...all(body, 'code.text'), ...all(body, 'code.coding.display')].some((each) =>
      words(each).some((word) => word.startsWith(plain(value))),
    ),
  _text: (body, value) =>
    all(body, 'text.div').some((each) => words(each.replace(/<[^>]*>/g, ' ')).includes(plain(value))),
  _content: (body, value) =>
    words(
      JSON.stringify(body)
        .replace(/"(?:[a-z]+:\/\/|urn:)[^"]*"/gi, '""')
        .replace(/"[A-Za-z_]+":/g, ' '),
    ).includes(plain(value)),
}

function codes(body: Body, paths: readonly string[], value: string): boolean {
  const [system, code] = value.includes('|') ? value.split('|') : [undefined, value]
  return paths
    .flatMap((path) => at(body, path.split('.')))
    .some((each) => isObject(each) && each['code'] === code && (system === undefined || each['system'] === system))
}

const first = (type: string, path: string): string =>
  bodies.filter((each) => each['resourceType'] === type).flatMap((each) => all(each, path))[0] ?? ''

function filled(query: Query): Query {
  const part = (reference: string): string => reference.split('/')[1] ?? ''
  const values: Readonly<Record<string, string>> = {
    patient_id: part(first('Observation', 'subject.reference')),
    family: first('Patient', 'name.family'),
    code: first(query.path, 'code.coding.code'),
    practitioner_id: part(first('Encounter', 'participant.individual.reference')),
    location_id: part(first('Encounter', 'location.location.reference')),
  }
  const fill = (text: string): string => text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '')
  return {
    ...query,
    path: fill(query.path),
    params: Object.fromEntries(Object.entries(query.params ?? {}).map(([name, value]) => [name, fill(value)])),
  }
}

const options = new Set(['_count', '_total', '_revinclude'])

async function check(raw: Query): Promise<void> {
  const { path, params = {} } = filled(raw)
  const answer = await store.fhir('GET', `${path}?${new URLSearchParams(params).toString()}`)
  if (raw.name === 'q7_error_unsupported_param') {
    assert.equal(answer.status, 400)
    assert.match(answer.text, /this-is-not-a-real-param/)
    return
  }
  assert.equal(answer.status, 200, answer.text.slice(0, 500))
  const bundle = JSON.parse(answer.text)
  if (bundle.resourceType !== 'Bundle') return assert.ok(bundle.resourceType.length > 0)
  const criteria = Object.entries(params).filter(([name]) => !options.has(name))
  const expected = bodies.filter(
    (each) =>
      each['resourceType'] === path && criteria.every(([name, value]) => meanings[name]?.(each, value) === true),
  )
  const matches = (bundle.entry ?? []).filter((each: { search: { mode: string } }) => each.search.mode === 'match')
  const known = new Set(expected.map((each) => each['id']))
  assert.equal(matches.length, Math.min(expected.length, Number(params['_count'] ?? 50)), 'a whole page')
  for (const { resource } of matches) assert.ok(known.has(resource.id), `${resource.id} is no match`)
  if (params['_total'] === 'accurate') assert.equal(bundle.total, expected.length)
}

const queries: readonly Query[] = isThere ? JSON.parse(readFileSync(file, 'utf8')).queries : []
/** These are no searches: the value set and code are of terminologies nobody loaded, the others have tests of their own. */
const others = /_history$|\$export$|\$expand$|\$lookup$|\{\{patient_id\}\}$|^metadata$/

test('there are 36 workload queries', { skip }, () => assert.equal(queries.length, 36))
for (const query of queries.filter(({ path }) => !others.test(path)))
  test(`workload: ${query.name}`, { skip }, () => check(query))
