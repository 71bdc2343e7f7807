import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type TestStore, testStore } from '../../../test/support/store.ts'

const ucum = 'http://unitsofmeasure.org'

/** The values of the observations, as they are sent. */
const quantities: readonly (readonly [number: string, unit: string, code?: string, comparator?: string])[] = [
  ['70.5', 'kg', 'kg'],
  ['70.50', 'cm', 'cm'],
  ['70.44', 'kg', 'kg'],
  ['70.45', 'kg', 'kg'],
  ['70.55', 'kilo'],
  ['100', 'kg', 'kg'],
  ['99.5', 'kg', 'kg'],
  ['100.5', 'cm', 'cm'],
  ['-1', 'cm', 'cm'],
  ['0', 'kg', 'kg'],
  ['0.1', 'kg', 'kg'],
  ['1e2', 'kilo', 'kg'],
  ['70', 'kg', 'kg', '<'],
  ['100', 'kg', 'kg', '>='],
  ['70500', 'g', 'g'],
  ['70449.9', 'gram', 'g'],
  ['0.705', 'm', 'm'],
]

/** Base units: weight in grams, length in centimetres. */
const inBase: Readonly<Record<string, readonly [kind: string, factor: number]>> = {
  kg: ['weight', 1000],
  g: ['weight', 1],
  cm: ['length', 1],
  m: ['length', 100],
}

let store: TestStore

before(async () => {
  store = await testStore()
  const entry = quantities.map(([value, unit, code, comparator], n) => {
    const coded = code === undefined ? '' : `,"system":"${ucum}","code":"${code}"`
    const compared = comparator === undefined ? '' : `,"comparator":"${comparator}"`
    const quantity = `{"value":${value},"unit":"${unit}"${coded}${compared}}`
    const resource = `{"resourceType":"Observation","id":"q${n}","status":"final","code":{"text":"x"},"valueQuantity":${quantity}}`
    return `{"resource":${resource},"request":{"method":"PUT","url":"Observation/q${n}"}}`
  })
  const answer = await store.fhir(
    'POST',
    '',
    `{"resourceType":"Bundle","type":"transaction","entry":[${entry.join(',')}]}`,
  )
  assert.equal(answer.status, 200, answer.text)
})
after(() => store.close())

async function found(query: string): Promise<readonly string[]> {
  const answer = await store.fhir('GET', `Observation?_count=100&${query}`)
  assert.equal(answer.status, 200, answer.text)
  return (JSON.parse(answer.text).entry ?? []).map((each: { resource: { id: string } }) => each.resource.id)
}

/** Hundredths, so that the model counts in whole numbers. */
const hundredths = (text: string): number => Math.round(Number(text) * 1e6) / 1e4

const halfOf: Readonly<Record<string, number>> = {
  '70.5': 5,
  '70.50': 0.5,
  '100': 50,
  '1.00e2': 50,
  '1e2': 5000,
  '-1': 50,
  '0': 50,
  '70.44': 0.5,
  '70': 50,
}

function holds(asked: string, prefix: string, index: number, factor: number): boolean {
  const [text = '', , , comparator] = quantities[index] ?? []
  const value = hundredths(text) * factor
  const low = comparator === '<' ? Number.NEGATIVE_INFINITY : value
  const high = comparator === '>=' ? Number.POSITIVE_INFINITY : value
  const exact = hundredths(asked)
  const half = halfOf[asked] ?? 0
  const equal = low >= exact - half && high < exact + half
  const answers: Readonly<Record<string, boolean>> = {
    '': equal,
    eq: equal,
    ne: !equal,
    lt: low < exact,
    le: low <= exact,
    gt: high > exact,
    ge: high >= exact,
    sa: low > exact,
    eb: high < exact,
    ap: high * 10 >= Math.min(exact * 9, exact * 11) && low * 10 <= Math.max(exact * 9, exact * 11),
  }
  return answers[prefix] ?? false
}

/** What a stored number is multiplied with to be one of the unit asked for; undefined when it is of another kind. */
function factorsTo(asked: string, index: number): readonly number[] {
  const [, text = '', code = ''] = quantities[index] ?? []
  const wanted = asked.slice(asked.lastIndexOf('|') + 1)
  if (asked === '' || code === wanted || (!asked.startsWith('|h') && text === wanted)) return [1]
  const [from, to] = [inBase[code], inBase[wanted]]
  return from === undefined || to === undefined || from[0] !== to[0] ? [] : [from[1] / to[1]]
}

test('a random quantity finds what the model finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'sa', 'eb', 'ap'),
      fc.constantFrom(...Object.keys(halfOf)),
      fc.constantFrom('', '||kg', '|kg', '||kilo', `|${ucum}|kg`, `|${ucum}|cm`, '||g', `|${ucum}|g`, `|${ucum}|m`),
      async (prefix, asked, unit) => {
        const expected = quantities.flatMap((_, n) =>
          factorsTo(unit, n).some((factor) => holds(asked, prefix, n, factor)) ? [`q${n}`] : [],
        )
        const query = `value-quantity=${encodeURIComponent(prefix + asked + unit)}`
        assert.deepEqual(await found(query), expected.toSorted(), query)
      },
    ),
    { numRuns: 300, seed: 20261122 },
  )
})

test('a number has the precision it is written with', async () => {
  for (const [asked, expected] of [
    ['100', ['q11', 'q5', 'q6']],
    ['100.0', ['q11', 'q5']],
    ['1.00e2', ['q11', 'q5', 'q6']],
    ['70.5||kg', ['q0', 'q14', 'q3']],
    ['70.5|kg', ['q0', 'q14', 'q3']],
    ['70.5||cm', ['q1', 'q16']],
    [`70.5|${ucum}|g`, []],
    [`70500|${ucum}|g`, ['q0', 'q14']],
    [`155.43|${ucum}|[lb_av]`, ['q0', 'q14']],
    ['0.10', ['q10']],
  ] as const)
    assert.deepEqual(await found(`value-quantity=${asked}`), expected, asked)
})

test('a changed value is found by the new number only', async () => {
  const body = (value: string) =>
    `{"resourceType":"RiskAssessment","id":"r","status":"final","subject":{"reference":"Patient/x"},"prediction":[{"probabilityDecimal":${value}}]}`
  const count = async (query: string) =>
    JSON.parse((await store.fhir('GET', `RiskAssessment?${query}&_summary=count`)).text).total
  await store.fhir('PUT', 'RiskAssessment/r', body('0.25'))
  assert.equal(await count('probability=0.25'), 1)
  await store.fhir('PUT', 'RiskAssessment/r', body('0.5'))
  assert.equal(await count('probability=0.25'), 0)
  assert.equal(await count('probability=gt0.49'), 1)
  await store.fhir('DELETE', 'RiskAssessment/r')
  assert.equal(await count('probability=gt0.49'), 0)
})
