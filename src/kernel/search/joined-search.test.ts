import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import {
  type Ask,
  answers,
  brings,
  links,
  type ModelInclude,
  type Node,
  nameOfAsk,
  textOfAsk,
} from '../../../test/support/graph-model.ts'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { sql } from '../../base/sql.ts'
import { textArray } from '../store/wire.ts'
import { included } from './include.ts'
import { parseSearch } from './query.ts'
import { search } from './search.ts'

const texts = ['red', 'green', 'blue']
const sizes = { Organization: 5, Patient: 8, Encounter: 10, Observation: 16 } as const

/** A world of resources that refer to each other at random, itself now and then, and to some that are not there. */
const world: readonly Node[] = Object.entries(sizes).flatMap(([type, size], at) =>
  Array.from({ length: size }, (_, n) => {
    const pick = (salt: number, below: number): number => ((n + 3) * 7919 + at * 104_729 + salt * 1_299_709) % below
    const references = links
      .filter(([source]) => source === type)
      .map(([, code, target], salt) => {
        const many = code === 'has-member' ? [pick(salt, 23), pick(salt + 5, 29)] : [pick(salt, 12)]
        return [code, many.map((each) => `${target}/${target.slice(0, 1).toLowerCase()}${each}`)] as const
      })
    return {
      type,
      id: `${type.slice(0, 1).toLowerCase()}${n}`,
      text: texts[pick(9, texts.length)] ?? '',
      references: Object.fromEntries(references),
    }
  }),
)

const own: Readonly<Record<string, (text: string) => object>> = {
  Organization: (name) => ({ name }),
  Patient: (family) => ({ name: [{ family }] }),
  Encounter: (value) => ({ status: 'planned', class: { code: 'AMB' }, identifier: [{ value }] }),
  Observation: (code) => ({ status: 'final', code: { coding: [{ code }] } }),
}

function bodyOf({ type, id, text, references }: Node): string {
  const elements = links.flatMap(([source, code, , element]) => {
    const values = (references[code] ?? []).map((reference) => ({ reference }))
    return source === type ? [[element, element === 'hasMember' ? values : values[0]] as const] : []
  })
  return JSON.stringify({ resourceType: type, id, ...own[type]?.(text), ...Object.fromEntries(elements) })
}

let store: TestStore

before(async () => {
  store = await testStore()
  for (const node of world) {
    const answer = await store.fhir('PUT', `${node.type}/${node.id}`, bodyOf(node))
    assert.equal(answer.status, 201, answer.text)
  }
})
after(() => store.close())

const text: fc.Arbitrary<Ask> = fc.constantFrom(...texts).map((each) => ({ kind: 'text', text: each }))

/** Anything that can be asked of a type, following up to so many references. */
function askOf(type: string, depth: number): fc.Arbitrary<Ask> {
  if (depth === 0) return text
  const chains = links
    .filter(([source]) => source === type)
    .map(([, code, target]) => askOf(target, depth - 1).map((inner): Ask => ({ kind: 'chain', code, target, inner })))
  const has = links
    .filter(([, , target]) => target === type)
    .map(([source, code]) => askOf(source, depth - 1).map((inner): Ask => ({ kind: 'has', source, code, inner })))
  return fc.oneof(text, ...chains, ...has)
}

const include: fc.Arbitrary<ModelInclude> = fc
  .tuple(fc.constantFrom(...links), fc.boolean(), fc.boolean(), fc.boolean())
  .map(([[source, code, target], reverse, iterate, named]) => ({
    reverse,
    iterate,
    source,
    code,
    target: named ? target : '',
  }))

const includeText = ({ reverse, iterate, source, code, target }: ModelInclude): string =>
  `${reverse ? '_revinclude' : '_include'}${iterate ? ':iterate' : ''}=${source}:${code}${target === '' ? '' : `:${target}`}`

const question = fc.constantFrom(...Object.keys(sizes)).chain((type) =>
  fc.record({
    type: fc.constant(type),
    asks: fc.array(askOf(type, 3), { maxLength: 2 }),
    includes: fc.array(include, { maxLength: 4 }),
    hidden: fc.array(fc.constantFrom(...world.map((node) => node.id)), { maxLength: 6 }),
  }),
)

// Told at the end, so that a generator that asks nothing worth asking is noticed.
let hits = 0

test('chains, reversed chains and includes find what the model finds, through nothing that is hidden', async () => {
  await fc.assert(
    fc.asyncProperty(question, async ({ type, asks, includes, hidden }) => {
      const shown = world.filter((node) => !hidden.includes(node.id))
      const expected = shown.filter((node) => node.type === type && asks.every((ask) => answers(node, ask, shown)))
      const parts = [...asks.map((ask) => `${nameOfAsk(type, ask)}=${textOfAsk(ask)}`), ...includes.map(includeText)]
      const query = parseSearch(type, parts.join('&'))
      const visible = sql`not r.id = any(${textArray(hidden)}::text[])`
      const { page, brought } = await store.store.database.transaction(async (connection) => {
        const page = await search(connection, query, visible)
        return { page, brought: await included(connection, query.includes, page.found, visible) }
      })
      if (expected.length > 0 && asks.some((ask) => ask.kind !== 'text')) hits += 1
      assert.deepEqual(page.found.map(({ id }) => id).toSorted(), expected.map(({ id }) => id).toSorted())
      const names = brought.found.map((each) => `${each.type}/${each.id}`)
      assert.deepEqual(names.toSorted(), brings(expected, includes, shown))
    }),
    { numRuns: 400, seed: 20261122 },
  )
  assert.ok(hits > 100, `only ${hits} questions had answers`)
})

async function bundleAt(path: string) {
  const answer = await store.fhir('GET', path)
  assert.equal(answer.status, 200, answer.text)
  return JSON.parse(answer.text)
}

const namesOf = (
  bundle: { entry?: { resource: { resourceType: string; id: string }; search: { mode: string } }[] },
  mode: string,
) =>
  (bundle.entry ?? [])
    .filter((each) => each.search.mode === mode)
    .map(({ resource }) => `${resource.resourceType}/${resource.id}`)
    .toSorted()

test('a star follows every reference, either way', async () => {
  const all = links.map(([source, code]) => ({ source, code, target: '', iterate: false }))
  const matches = world.filter((node) => node.type === 'Patient')
  for (const reverse of [false, true]) {
    const bundle = await bundleAt(`Patient?${reverse ? '_revinclude' : '_include'}=*`)
    const personal = world.filter((node) => node.type !== 'Person')
    const expected = brings(
      matches,
      all.map((each) => ({ ...each, reverse })),
      personal,
    )
    const found = namesOf(bundle, 'include').filter((name) => !/^(?:Person|Task)\//.test(name))
    assert.deepEqual(found, expected)
  }
})

test('what is included is said to be so, is audited, and counts in no total', async () => {
  const there = new Set(world.map((node) => `${node.type}/${node.id}`))
  const found = world.find((node) => node.type === 'Observation' && there.has(node.references['subject']?.[0] ?? ''))
  const bundle = await bundleAt(
    `Observation?_id=${found?.id}&_include=Observation:subject&_total=accurate&_elements=code`,
  )
  assert.equal(bundle.total, 1)
  assert.deepEqual(namesOf(bundle, 'match'), [`Observation/${found?.id}`])
  const [patient] = namesOf(bundle, 'include')
  const rows = await store.audit(patient ?? '')
  assert.equal(rows.at(-1)?.action, 'search')
})

test('both parts of a composite must hold of one resource', async () => {
  const put = (id: string, code: string, value: number) =>
    store.fhir(
      'PUT',
      `Observation/${id}`,
      JSON.stringify({
        resourceType: 'Observation',
        id,
        status: 'final',
        code: { coding: [{ code }] },
        valueQuantity: { value },
      }),
    )
  await put('c1', 'weight', 70)
  await put('c2', 'weight', 80)
  await put('c3', 'height', 80)
  for (const [value, expected] of [
    ['weight$gt75', ['c2']],
    ['weight$gt60', ['c1', 'c2']],
    ['weight$70,height$80', ['c1', 'c3']],
    ['height$70', []],
  ] as const) {
    const bundle = await bundleAt(`Observation?code-value-quantity=${encodeURIComponent(value)}`)
    assert.deepEqual(
      namesOf(bundle, 'match'),
      expected.map((id) => `Observation/${id}`),
    )
  }
})

for (const [path, refused] of [
  ['Observation?subject:Patient.nothing=1', 'nothing'],
  ['Observation?subject:Medication.code=1', 'Medication'],
  ['Observation?code.family=1', 'code'],
  ['Patient?_has:Observation:patient=1', '_has'],
  ['Patient?_has:Observation:nothing:code=1', 'nothing'],
  ['Patient?_include=Patient', 'include'],
  ['Patient?_include=Patient:nothing', 'nothing'],
  ['Patient?_include:sometimes=*', 'iterate'],
  ['DocumentReference?relationship=a$1', 'relationship'],
  ['Observation?component-code-value-quantity=a$much', 'quantity'],
  ['Observation?code-value-quantity=a', 'code-value-quantity'],
  [`Encounter?${'part-of.'.repeat(70)}status=1`, 'references'],
  [`Observation?${'focus.subject.'.repeat(20)}status=1`, 'references'],
  ['Task?focus.status=1', 'references'],
] as const)
  test(`${path.slice(0, 60)} is refused by name`, async () => {
    const answer = await store.fhir('GET', path)
    assert.equal(answer.status, 400)
    assert.match(answer.text, new RegExp(refused))
  })
