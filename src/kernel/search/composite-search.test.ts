import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type TestStore, testStore } from '../../../test/support/store.ts'

const loinc = 'http://loinc.org'

/** Codes and values of the components of each observation; the first may be of the observation itself. */
interface Reading {
  readonly own: Part | undefined
  readonly components: readonly Part[]
}

interface Part {
  readonly code: string
  readonly value: number | string
}

const part: fc.Arbitrary<Part> = fc.record({
  code: fc.constantFrom('systolic', 'diastolic', 'pulse'),
  value: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom('low', 'high')),
})
const readings: readonly Reading[] = fc.sample(
  fc
    .record({ own: fc.option(part, { nil: undefined }), components: fc.array(part, { maxLength: 3 }) })
    // One code does not stand for the observation and for a component of it (FHIR R4 Observation, rule obs-7).
    .map(({ own, components }) => ({ own, components: components.filter(({ code }) => code !== own?.code) })),
  { seed: 11, numRuns: 30 },
)

const conceptOf = (code: string) => ({ coding: [{ system: loinc, code }] })
const valueOf = (value: number | string) =>
  typeof value === 'number' ? { valueQuantity: { value, unit: 'mm[Hg]' } } : { valueCodeableConcept: conceptOf(value) }

let store: TestStore

before(async () => {
  store = await testStore()
  const entry = readings.map(({ own, components }, n) => ({
    resource: {
      resourceType: 'Observation',
      id: `r${n}`,
      status: 'final',
      code: conceptOf(own?.code ?? 'panel'),
      ...(own === undefined ? {} : valueOf(own.value)),
      ...(components.length === 0
        ? {}
        : { component: components.map(({ code, value }) => ({ code: conceptOf(code), ...valueOf(value) })) }),
    },
    request: { method: 'PUT', url: `Observation/r${n}` },
  }))
  const answer = await store.fhir('POST', '', JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }))
  assert.equal(answer.status, 200, answer.text)
})
after(() => store.close())

/** Where each composite looks. */
const places: Readonly<Record<string, (reading: Reading) => readonly Part[]>> = {
  code: ({ own }) => (own === undefined ? [] : [own]),
  component: ({ components }) => components,
  'combo-code': ({ own, components }) => (own === undefined ? components : [own, ...components]),
}

test('a random composite finds what has both parts in one place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('code', 'component', 'combo-code'),
      fc.constantFrom('systolic', 'diastolic', 'pulse', 'nothing'),
      fc.constantFrom('', `${loinc}|`),
      fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom('low', 'high')),
      fc.constantFrom('', 'gt', 'le'),
      fc.constantFrom('', '||mm[Hg]', '||kg'),
      async (place, code, system, value, prefix, unit) => {
        const holds = (each: Part): boolean => {
          if (each.code !== code) return false
          if (typeof value === 'string' || typeof each.value === 'string') return each.value === value
          if (unit === '||kg') return false
          if (prefix === '') return each.value === value
          return prefix === 'gt' ? each.value > value : each.value <= value
        }
        const expected = readings.flatMap((reading, n) =>
          places[place]?.(reading).some(holds) === true ? [`r${n}`] : [],
        )
        const name = `${place === 'component' ? 'component-code' : place}-value-${typeof value === 'number' ? 'quantity' : 'concept'}`
        const asked = typeof value === 'number' ? `${prefix}${value}${unit}` : `${system}${value}`
        const query = `${name}=${encodeURIComponent(`${system}${code}$${asked}`)}`
        const answer = await store.fhir('GET', `Observation?_count=100&${query}`)
        assert.equal(answer.status, 200, answer.text)
        const found = (JSON.parse(answer.text).entry ?? []).map(
          (each: { resource: { id: string } }) => each.resource.id,
        )
        assert.deepEqual(found, expected.toSorted(), query)
      },
    ),
    { numRuns: 400, seed: 20261122 },
  )
})
