import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../../base/problem.ts'
import { givenParameters, parametersText } from './parameters.ts'

const declared = {
  start: { type: 'date' },
  count: { type: 'positiveInt' },
  exact: { type: 'boolean' },
  _type: { type: 'code', many: true, commas: true },
  subject: { type: 'Reference' },
  patient: { type: 'Resource' },
  anything: { type: 'AnyResource' },
  pair: { type: 'parts', many: true, parts: { name: { type: 'string', required: true }, value: { type: 'decimal' } } },
} as const

const given = (query: string, body: unknown = '') =>
  givenParameters(
    { request: { base: '', query, body: typeof body === 'string' ? body : JSON.stringify(body) } },
    declared,
    { bare: 'patient' },
  )
const parameters = (...parameter: readonly unknown[]) => ({ resourceType: 'Parameters', parameter })

test('A query string becomes typed values; what every request may say is passed over', () => {
  const found = given('start=2020-02&count=3&exact=false&_type=Patient,Observation&_type=Flag&_format=json')
  deepEqual(
    [found.start, found.count, found.exact, found._type, found.subject],
    ['2020-02', 3, false, ['Patient', 'Observation', 'Flag'], undefined],
  )
})

test('A Parameters resource and a query string are one set of parameters', () => {
  const found = given(
    'count=2',
    parameters(
      { name: 'start', valueDate: '2020' },
      { name: 'subject', valueReference: { reference: 'Patient/1' } },
      { name: 'pair', part: [{ name: 'name', valueString: 'a' }] },
      {
        name: 'pair',
        part: [
          { name: 'name', valueString: 'b' },
          { name: 'value', valueDecimal: 1.5 },
        ],
      },
    ),
  )
  deepEqual([found.count, found.start, found.subject?.reference], [2, '2020', 'Patient/1'])
  deepEqual(found.pair, [
    { name: 'a', value: undefined },
    { name: 'b', value: 1.5 },
  ])
})

test('A resource keeps the text it came as, alone in the body or as a parameter', () => {
  const text = '{"resourceType":"Patient","multipleBirthInteger":1,"active":true}'
  equal(given('', text).patient?.text, text)
  equal(
    given('', `{"resourceType":"Parameters","parameter":[{"name":"patient","resource":${text}}]}`).patient?.text,
    text,
  )
})

test('A resource that may be anything is handed on as it is', () =>
  equal(
    given('', parameters({ name: 'anything', resource: { resourceType: 'Patient', nonsense: 1 } })).anything?.resource[
      'nonsense'
    ],
    1,
  ))

const refused: readonly (readonly [what: string, query: string, body: unknown, expression: string])[] = [
  ['an unknown name', 'nme=1', '', 'nme'],
  ['a value of the wrong kind', 'start=yesterday', '', 'start'],
  ['a count of 0', 'count=0', '', 'count'],
  ['a value given twice', 'count=1&count=2', '', 'count'],
  ['a truth that is neither', 'exact=yes', '', 'exact'],
  ['a reference in a query', 'subject=Patient/1', '', 'subject'],
  ['an unknown name in a body', '', parameters({ name: 'nme', valueString: 'x' }), 'Parameters.parameter[0]'],
  ['a value of another type', '', parameters({ name: 'subject', valueString: 'x' }), 'Parameters.parameter[0]'],
  [
    'a missing part',
    '',
    parameters({ name: 'pair', part: [{ name: 'value', valueDecimal: 1 }] }),
    'Parameters.parameter[0].part.name',
  ],
  ['a malformed body', '', parameters({ nme: 'pair' }), 'Parameters.parameter[0].nme'],
  [
    'a malformed resource',
    '',
    parameters({ name: 'patient', resource: { resourceType: 'Patient', active: 'yes' } }),
    'Parameters.parameter[0].resource.Patient.active',
  ],
]
for (const [what, query, body, expression] of refused)
  test(`Refuses ${what} and says where`, () =>
    throws(
      () => given(query, body),
      (error) =>
        error instanceof Problem &&
        error.kind === 'invalid' &&
        error.issues.some((issue) => issue.expression === expression),
    ))

test('An answer carries stored resources as they are stored', () =>
  equal(
    parametersText([
      { name: 'a', valueBoolean: true },
      { name: 'b', part: [{ name: 'c', body: '{"x": 1.0}' }] },
    ]),
    '{"resourceType":"Parameters","parameter":[{"name":"a","valueBoolean":true},{"name":"b","part":[{"name":"c","resource":{"x": 1.0}}]}]}',
  ))
