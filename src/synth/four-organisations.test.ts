import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkStructure } from '../kernel/fhir/structure.ts'
import { type FourOrganisations, fourOrganisations } from './four-organisations.ts'
import { linkAll } from './link-all.ts'

const count = (set: FourOrganisations, outcome: string): number =>
  set.expected.filter((record) => record.outcome === outcome).length

for (const seed of [1, 2, 3, 42]) {
  const set = fourOrganisations(seed)
  const patients = set.sources.flatMap((source) => source.patients)

  test(`seed ${seed}: four organisations hold two hundred people each, all well formed`, () => {
    assert.deepEqual(
      set.sources.map((source) => source.patients.length),
      [200, 200, 200, 200],
    )
    for (const patient of patients) assert.deepEqual(checkStructure(patient).issues, [], patient.id ?? '')
  })

  test(`seed ${seed}: the linkage rules do with every record what is expected`, () => {
    const linked = linkAll(patients)
    const personOf = new Map(
      set.expected
        .filter((record) => record.outcome === 'new')
        .map((record) => [record.person, linked.get(record.patient)?.person]),
    )
    for (const { patient, person, outcome, difference } of set.expected) {
      const found = linked.get(patient)
      assert.equal(found?.kind, outcome, `${patient}: ${difference}: ${found?.because}`)
      if (outcome === 'link') assert.equal(found?.person, personOf.get(person), `${patient}: ${difference}`)
      if (outcome === 'review' || outcome === 'quarantine') assert.notEqual(found?.person, personOf.get(person))
    }
  })

  test(`seed ${seed}: there is enough of each outcome to count`, () => {
    assert.equal(count(set, 'new'), 200)
    assert.ok(count(set, 'link') > 480)
    assert.ok(count(set, 'quarantine') >= 10)
    assert.ok(count(set, 'review') >= 50)
  })
}

test('the same seed makes the same set, another seed another', () => {
  assert.deepEqual(fourOrganisations(7), fourOrganisations(7))
  assert.notDeepEqual(fourOrganisations(7), fourOrganisations(8))
})
