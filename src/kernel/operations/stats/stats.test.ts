import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FhirResource, Observation, Parameters } from 'fhir/r4.js'
import { transactionOf } from '../../../../test/support/made-up-record.ts'
import { type TestStore, testStore } from '../../../../test/support/store.ts'

const ucum = 'http://unitsofmeasure.org'
const measured = (id: string, day: string, valueQuantity: object): FhirResource =>
  ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: 'Patient/p' },
    effectiveDateTime: day,
    valueQuantity,
  }) as FhirResource

let store: TestStore
before(async () => {
  store = await testStore()
  const kg = (value: number) => ({ value, unit: 'kg', system: ucum, code: 'kg' })
  const resources: FhirResource[] = [
    { resourceType: 'Patient', id: 'p' },
    measured('a', '2026-01-01', kg(0.1)),
    measured('b', '2026-02-01', kg(0.2)),
    measured('c', '2026-03-01', kg(4)),
    measured('d', '2026-04-01', { value: 150, unit: 'lb', system: ucum, code: '[lb_av]' }),
    measured('e', '2026-05-01', { ...kg(1), comparator: '<' }),
  ]
  equal((await store.fhir('POST', '', transactionOf(resources))).status, 200)
})
after(() => store.close())

const ask = (query: string) => store.fhir('GET', `Observation/$stats?subject=Patient/p&${query}`)
const weight = 'code=29463-7&system=http://loinc.org'
const figures = async (query: string) => {
  const answer = await ask(query)
  equal(answer.status, 200, answer.text)
  const { parameter = [] } = JSON.parse(answer.text) as Parameters
  return parameter
    .filter(({ name }) => name === 'statistics')
    .map(({ resource }) =>
      Object.fromEntries(
        ((resource as Observation).component ?? []).map(({ code, valueQuantity }) => [
          code.coding?.[0]?.code,
          [valueQuantity?.value, valueQuantity?.code],
        ]),
      ),
    )
}

test('Figures are made for each unit apart, and decimals add up as they are written', async () => {
  const made = await figures(
    `${weight}&statistic=sum&statistic=count&statistic=average&statistic=maximum&statistic=median&statistic=total-count`,
  )
  deepEqual(
    made.toSorted((a, b) => Number(a['count']?.[0]) - Number(b['count']?.[0])),
    [
      {
        sum: [150, '[lb_av]'],
        count: [1, undefined],
        average: [150, '[lb_av]'],
        maximum: [150, '[lb_av]'],
        median: [150, '[lb_av]'],
        'total-count': [5, undefined],
      },
      {
        sum: [4.3, 'kg'],
        count: [3, undefined],
        average: [1.43333333333, 'kg'],
        maximum: [4, 'kg'],
        median: [0.2, 'kg'],
        'total-count': [5, undefined],
      },
    ],
  )
})

test('A period narrows, by POST; sources come when asked for', async () => {
  const parameter = [
    { name: 'subject', valueUri: 'Patient/p' },
    { name: 'coding', valueCoding: { system: 'http://loinc.org', code: '29463-7' } },
    { name: 'period', valuePeriod: { start: '2026-02-01', end: '2026-03-31' } },
    { name: 'statistic', valueCode: 'std-dev' },
    { name: 'statistic', valueCode: 'minimum' },
    { name: 'include', valueBoolean: true },
  ]
  const answer = await store.fhir(
    'POST',
    'Observation/$stats',
    JSON.stringify({ resourceType: 'Parameters', parameter }),
  )
  equal(answer.status, 200, answer.text)
  const found = (JSON.parse(answer.text) as Parameters).parameter ?? []
  deepEqual(
    found.map(({ name, resource }) => (name === 'source' ? resource?.id : name)),
    ['statistics', 'c', 'b'],
  )
})

test('Too few values make no deviation, and it says so', async () => {
  const answer = await ask(`code=nothing&system=http://loinc.org&statistic=std-dev&statistic=count`)
  const made = JSON.parse(answer.text) as Parameters
  const component = (made.parameter?.[0]?.resource as Observation | undefined)?.component ?? []
  deepEqual(
    [component[0]?.dataAbsentReason?.coding?.[0]?.code, component[1]?.valueQuantity?.value],
    ['not-applicable', 0],
  )
})

for (const query of [
  `${weight}`,
  `${weight}&statistic=guess`,
  'statistic=count',
  'code=29463-7&statistic=count',
  `${weight}&statistic=count&duration=0`,
])
  test(`$stats refuses ${query}`, async () => equal((await ask(query)).status, 400))
