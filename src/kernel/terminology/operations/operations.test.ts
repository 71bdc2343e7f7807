import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Bundle, ConceptMap, Parameters, ParametersParameter } from 'fhir/r4.js'
import { type TestStore, testStore } from '../../../../test/support/store.ts'

const gender = 'http://hl7.org/fhir/administrative-gender'
const roles = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'
const genders = 'http://hl7.org/fhir/ValueSet/administrative-gender'

const map = {
  resourceType: 'ConceptMap',
  id: 'map',
  url: 'http://example.org/map',
  status: 'active',
  sourceUri: genders,
  group: [
    {
      source: gender,
      target: 'http://example.org/sex',
      element: [
        { code: 'male', target: [{ code: 'M', equivalence: 'equivalent' }] },
        {
          code: 'other',
          target: [
            {
              code: 'X',
              equivalence: 'wider',
              dependsOn: [{ property: 'http://example.org/when', value: 'old' }],
              product: [{ property: 'http://example.org/note', value: 'see-notes' }],
            },
          ],
        },
        { code: 'unknown', target: [{ equivalence: 'unmatched' }] },
      ],
      unmapped: { mode: 'fixed', code: 'U' },
    },
  ],
}

describe('operations on terminology', () => {
  let home: TestStore
  const ask = async (
    query: string,
    body?: object,
  ): Promise<{ status: number; parameter: ParametersParameter[]; text: string }> => {
    const { status, text } = await home.fhir(
      body === undefined ? 'GET' : 'POST',
      query,
      body === undefined ? '' : JSON.stringify(body),
    )
    return { status, parameter: (JSON.parse(text) as Parameters).parameter ?? [], text }
  }
  const value = (parameters: readonly ParametersParameter[], name: string): unknown => {
    const found = parameters.find((each) => each.name === name)
    return found?.valueString ?? found?.valueBoolean ?? found?.valueCode ?? found?.valueCoding?.code
  }
  before(async () => {
    home = await testStore()
    const { status, text } = await home.fhir('PUT', 'ConceptMap/map', JSON.stringify(map))
    assert.equal(status, 201, text)
  })
  after(() => home.close())

  for (const [query, result, message] of [
    [`ValueSet/$validate-code?url=${genders}&code=male&system=${gender}`, true, undefined],
    [`ValueSet/$validate-code?url=${genders}&code=male`, true, undefined],
    [`ValueSet/$validate-code?url=${genders}&code=male&system=${gender}&display=male`, true, undefined],
    [
      `ValueSet/$validate-code?url=${genders}&code=male&system=${gender}&display=Man`,
      false,
      /"Man" is not a display of male: it is "Male"/,
    ],
    [`ValueSet/$validate-code?url=${genders}&code=man&system=${gender}`, false, /is not in .*; .* does not have it/],
    [
      `ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/condition-code&code=1&system=http://snomed.info/sct`,
      false,
      /could not be checked: .*snomed.* is not loaded/,
    ],
    [`ValueSet/$validate-code?context=Patient.gender&code=female`, true, undefined],
    [`CodeSystem/$validate-code?url=${gender}&code=female`, true, undefined],
    [`CodeSystem/$validate-code?url=${gender}&code=woman`, false, /not in/],
    [
      `ValueSet/$validate-code?url=http://terminology.hl7.org/ValueSet/v3-RoleCode&code=_AffiliationRoleType&system=${roles}`,
      false,
      /only groups others/,
    ],
    [
      `ValueSet/$validate-code?url=http://terminology.hl7.org/ValueSet/v3-RoleCode&code=_AffiliationRoleType&system=${roles}&abstract=true`,
      true,
      undefined,
    ],
  ] as const)
    test(`${query} is ${result}`, async () => {
      const { parameter, text } = await ask(query)
      assert.equal(value(parameter, 'result'), result, text)
      if (message !== undefined) assert.match(String(value(parameter, 'message')), message)
    })

  test('one right code of a CodeableConcept is enough', async () => {
    const codeableConcept = {
      coding: [
        { system: 'http://x.org', code: 'a' },
        { system: gender, code: 'male' },
      ],
    }
    const parameter = [
      { name: 'url', valueUri: genders },
      { name: 'codeableConcept', valueCodeableConcept: codeableConcept },
    ]
    const found = await ask('ValueSet/$validate-code', { resourceType: 'Parameters', parameter })
    assert.equal(value(found.parameter, 'result'), true)
  })

  test('a lookup tells display, definition and place in the hierarchy', async () => {
    const { parameter } = await ask(`CodeSystem/$lookup?system=${roles}&code=NMTH`)
    assert.equal(value(parameter, 'name'), 'v3.RoleCode')
    assert.equal(value(parameter, 'display'), 'natural mother')
    const parents = parameter
      .filter(({ part }) => value(part ?? [], 'code') === 'parent')
      .map(({ part }) => value(part ?? [], 'value'))
    assert.ok(parents.includes('MTH') || parents.includes('NPRN'), parents.join())
    assert.equal((await ask(`CodeSystem/$lookup?system=${roles}&code=nothing`)).status, 404)
    assert.equal((await ask('CodeSystem/$lookup?system=http://x.org&code=a')).status, 404)
  })

  for (const [a, b, outcome] of [
    ['MTH', 'MTH', 'equivalent'],
    ['PRN', 'NMTH', 'subsumes'],
    ['NMTH', 'PRN', 'subsumed-by'],
    ['NMTH', 'NFTH', 'not-subsumed'],
  ] as const)
    test(`${a} and ${b}: ${outcome}`, async () => {
      assert.equal(
        value((await ask(`CodeSystem/$subsumes?system=${roles}&codeA=${a}&codeB=${b}`)).parameter, 'outcome'),
        outcome,
      )
    })

  const translate = async (query: string): Promise<[unknown, unknown[]]> => {
    const { parameter } = await ask(`ConceptMap/map/$translate?${query}`)
    const matches = parameter.filter(({ name }) => name === 'match')
    return [
      value(parameter, 'result'),
      matches.map(({ part }) => `${String(value(part ?? [], 'equivalence'))} ${String(value(part ?? [], 'concept'))}`),
    ]
  }
  for (const [query, expected] of [
    [`system=${gender}&code=male`, [true, ['equivalent M']]],
    [`system=http://example.org/sex&code=M&reverse=true`, [true, ['equivalent male']]],
    [`system=http://example.org/sex&code=X&reverse=true`, [true, ['narrower other']]],
    [`system=${gender}&code=unknown`, [false, ['unmatched undefined']]],
    [`system=${gender}&code=female`, [true, ['inexact U']]],
    [`system=${gender}&code=other`, [false, []]],
    [`system=${gender}&code=male&targetsystem=http://elsewhere.org`, [false, []]],
  ] as const)
    test(`a translation by ${query}`, async () => {
      assert.deepEqual(await translate(query), expected)
    })

  test('a translation that depends on another element needs it, and brings its product', async () => {
    const parameter = [
      { name: 'coding', valueCoding: { system: gender, code: 'other' } },
      { name: 'url', valueUri: map.url },
      {
        name: 'dependency',
        part: [
          { name: 'element', valueUri: 'http://example.org/when' },
          { name: 'concept', valueCodeableConcept: { text: 'old' } },
        ],
      },
    ]
    const found = await ask('ConceptMap/$translate', { resourceType: 'Parameters', parameter })
    const match = found.parameter.find(({ name }) => name === 'match')
    assert.equal(value(match?.part ?? [], 'concept'), 'X')
    assert.ok(JSON.stringify(match).includes('see-notes'))
  })

  test('a closure table grows by versions and finds codes above and below', async () => {
    const call = async (...parameter: object[]): Promise<ConceptMap> =>
      JSON.parse(
        (
          await ask('$closure', {
            resourceType: 'Parameters',
            parameter: [{ name: 'name', valueString: 'mine' }, ...parameter],
          })
        ).text,
      )
    const concept = (code: string) => ({ name: 'concept', valueCoding: { system: roles, code } })
    assert.equal((await call()).version, '0')
    assert.equal((await call(concept('NMTH'))).group, undefined)
    const second = await call(concept('PRN'))
    assert.equal(second.version, '2')
    assert.deepEqual(second.group?.[0]?.element, [{ code: 'NMTH', target: [{ code: 'PRN', equivalence: 'subsumes' }] }])
    const third = await call(concept('NFTH'))
    assert.deepEqual(
      third.group?.[0]?.element?.map(({ code }) => code),
      ['NFTH'],
    )
    const replayed = await call({ name: 'version', valueString: '1' })
    assert.deepEqual(
      replayed.group?.[0]?.element?.map(({ code }) => code),
      ['NFTH', 'NMTH'],
    )
    assert.equal(
      (
        await ask('$closure', {
          resourceType: 'Parameters',
          parameter: [{ name: 'name', valueString: 'other' }, concept('PRN')],
        })
      ).status,
      404,
    )
  })

  test('codes are found by their properties', async () => {
    const parameter = [
      { name: 'system', valueUri: roles },
      { name: 'exact', valueBoolean: false },
      {
        name: 'property',
        part: [
          { name: 'code', valueCode: 'parent' },
          { name: 'value', valueCode: 'NMTH' },
        ],
      },
    ]
    const {
      parameter: found,
      status,
      text,
    } = await ask('CodeSystem/$find-matches', { resourceType: 'Parameters', parameter })
    assert.equal(status, 200, text)
    for (const { part } of found) {
      const parents = (
        await ask(`CodeSystem/$lookup?system=${roles}&code=${String(value(part ?? [], 'code'))}&property=parent`)
      ).text
      assert.ok(parents.includes('NMTH'))
    }
  })

  test('operations in a batch are answered as alone', async () => {
    const entry = [{ request: { method: 'GET', url: `CodeSystem/$lookup?system=${gender}&code=male` } }]
    const { text } = await ask('', { resourceType: 'Bundle', type: 'batch', entry })
    assert.equal((JSON.parse(text) as Bundle).entry?.[0]?.response?.status?.slice(0, 3), '200', text)
  })
})
