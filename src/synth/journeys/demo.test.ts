import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FhirResource } from 'fhir/r4.js'
import { isVerhoeff } from '../../kernel/fhir/england/verhoeff.ts'
import { normaliseNhsNumber } from '../../kernel/fhir/nhs-number.ts'
import { checkStructure } from '../../kernel/fhir/structure.ts'
import { systems } from '../../kernel/fhir/systems.ts'
import { extract } from '../../kernel/search/extract.ts'
import { linkAll } from '../link-all.ts'
import { childJourney } from './child.ts'
import { demoBundles, demoPersonas } from './demo.ts'
import type { DemoBundle } from './feed.ts'
import { olderPersonJourney } from './older-person.ts'
import { workingAgeJourney } from './working-age.ts'

const today = Temporal.PlainDate.from('2026-11-22')
const resourcesOf = (bundles: readonly DemoBundle[]): readonly FhirResource[] =>
  bundles.flatMap(({ bundle }) => (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []))
const nameOf = (resource: FhirResource): string => `${resource.resourceType}/${resource.id ?? ''}`
const all = resourcesOf(demoBundles(today))
const patients = all.filter((each) => each.resourceType === 'Patient')

/** Every value under a name, wherever it is in a resource. */
function valuesUnder(name: string, value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => [...(key === name ? [each] : []), ...valuesUnder(name, each)])
}

test('every resource is well formed', () => {
  for (const resource of all) assert.deepEqual(checkStructure(resource).issues, [], nameOf(resource))
})

test('one id means one thing: what comes twice is the same', () => {
  const byName = new Map<string, FhirResource>()
  for (const resource of all) {
    const before = byName.get(nameOf(resource))
    if (before !== undefined) assert.deepEqual(resource, before)
    byName.set(nameOf(resource), resource)
  }
})

test('every reference leads to something that is there', () => {
  const names = new Set(all.map(nameOf))
  for (const resource of all)
    for (const reference of valuesUnder('reference', resource))
      assert.ok(typeof reference === 'string' && names.has(reference), `${nameOf(resource)} → ${String(reference)}`)
})

for (const [who, journey, allergies] of [
  ['the child', childJourney, 'listed'],
  ['the working-age person', workingAgeJourney, 'none known'],
  ['the older person', olderPersonJourney, 'listed'],
] as const)
  test(`${who} is one person in at least four organisations of different kinds over a year and a half`, () => {
    const bundles = journey(today)
    const resources = resourcesOf(bundles)
    const kinds = new Set(
      resources.flatMap((each) => (each.resourceType === 'Organization' ? (each.type?.[0]?.text ?? []) : [])),
    )
    assert.ok(kinds.size >= 4)
    assert.equal(new Set(bundles.map(({ source }) => source)).size, bundles.length)
    const people = [...linkAll(resources.filter((each) => each.resourceType === 'Patient')).values()].map(
      ({ person }) => person,
    )
    assert.equal(new Set(people).size, 1)
    const dates = resources
      .filter((each) => each.resourceType !== 'Patient')
      .flatMap((each) => extract({ ...each }).date ?? [])
    assert.ok(dates.filter((date) => date < Date.parse('2025-05-22')).length > 3)
    const recorded = bundles.map(({ bundle }) =>
      resourcesOf([{ source: '', bundle }]).filter((each) => each.resourceType === 'AllergyIntolerance'),
    )
    assert.ok(
      recorded.some((each) => each.length === 0),
      'a source that has none recorded',
    )
    const none = recorded.flat().some((each) => valuesUnder('code', each).includes('716186003'))
    assert.equal(none, allergies === 'none known')
  })

test('nothing has happened after yesterday, and what is planned lies ahead', () => {
  for (const resource of all) {
    const date = extract({ ...resource }).date
    if (date === undefined) continue
    assert.equal(
      date > Date.parse('2026-11-22'),
      resource.resourceType === 'Appointment',
      `${nameOf(resource)} ${date}`,
    )
  }
})

test('the index officer has one conflict and two possible matches to look at', () => {
  const kinds = [...linkAll(patients).values()].map(({ kind }) => kind)
  assert.equal(kinds.filter((kind) => kind === 'quarantine').length, 1)
  assert.equal(kinds.filter((kind) => kind === 'review').length, 2)
})

test('NHS numbers are valid and of the test range', () => {
  const numbers = patients
    .flatMap(({ identifier }) => identifier ?? [])
    .filter(({ system }) => system === systems.nhsNumber)
  for (const { value = '' } of numbers) assert.match(normaliseNhsNumber(value) ?? '', /^999/)
})

test('SNOMED CT codes carry a right check digit', () => {
  const codings = all.flatMap((each) => valuesUnder('coding', each)).flat()
  const snomed = codings.filter((each) => valuesUnder('system', each).includes(systems.snomedCt))
  assert.ok(snomed.length > 50)
  for (const coding of snomed)
    for (const code of valuesUnder('code', coding)) assert.ok(isVerhoeff(String(code)), String(code))
})

test('personas lead to people, relatives and staff that are there', () => {
  const names = new Set(all.map(nameOf))
  for (const persona of demoPersonas(today)) {
    if (persona.kind === 'staff' && persona.organisation === 'QZZ') continue
    const references = persona.kind === 'staff' ? [persona.practitioner] : [persona.patient]
    if (persona.kind === 'carer') references.push(persona.relatedPerson)
    for (const reference of references) assert.ok(names.has(reference), reference)
    assert.match(persona.description, /^Try: /)
  }
})

test('on another day the journeys move along', () => {
  assert.deepEqual(demoBundles(today), demoBundles(Temporal.PlainDate.from('2026-11-22')))
  for (const day of ['2027-01-01', '2028-02-29', '2027-03-28'])
    for (const resource of resourcesOf(demoBundles(Temporal.PlainDate.from(day))))
      assert.deepEqual(checkStructure(resource).issues, [])
})
