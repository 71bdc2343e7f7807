import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { OperationOutcome, ValueSet } from 'fhir/r4.js'
import { type TestStore, testStore } from '../../../../test/support/store.ts'

const animals = {
  resourceType: 'CodeSystem',
  id: 'animals',
  url: 'http://example.org/animals',
  version: '1',
  status: 'active',
  content: 'complete',
  caseSensitive: true,
  property: [{ code: 'legs', type: 'integer' }],
  concept: [
    {
      code: 'mammal',
      display: 'Mammal',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        {
          code: 'cat',
          display: 'Cat',
          property: [{ code: 'legs', valueInteger: 4 }],
          designation: [{ language: 'cy', value: 'Cath' }],
        },
        { code: 'wildcat', display: 'Wild cat', property: [{ code: 'legs', valueInteger: 4 }] },
        { code: 'dodo-cat', display: 'Extinct cat', property: [{ code: 'inactive', valueBoolean: true }] },
      ],
    },
    { code: 'bird', display: 'Bird', concept: [{ code: 'cockatoo', display: 'Cockatoo à crête' }] },
  ],
}

const setOf = (id: string, compose: ValueSet['compose']) =>
  JSON.stringify({
    resourceType: 'ValueSet',
    id,
    url: `http://example.org/${id}`,
    version: '1',
    status: 'active',
    compose,
  })

describe('$expand', () => {
  let home: TestStore
  const put = async (path: string, body: string): Promise<void> => {
    const { status, text } = await home.fhir('PUT', path, body)
    assert.ok(status === 200 || status === 201, text)
  }
  const codes = async (query: string): Promise<(string | undefined)[]> => {
    const { status, text } = await home.fhir('GET', query)
    assert.equal(status, 200, text)
    const { expansion } = JSON.parse(text) as ValueSet
    return (expansion?.contains ?? []).map((each) => each.code)
  }
  const refusal = async (query: string): Promise<{ status: number; code: string; words: string }> => {
    const { status, text } = await home.fhir('GET', query)
    const [issue] = (JSON.parse(text) as OperationOutcome).issue ?? []
    return { status, code: issue?.code ?? '', words: issue?.diagnostics ?? '' }
  }
  before(async () => {
    home = await testStore()
    await put('CodeSystem/animals', JSON.stringify(animals))
    await put('ValueSet/all-animals', setOf('all-animals', { include: [{ system: animals.url }] }))
  })
  after(() => home.close())

  const all = ['mammal', 'cat', 'wildcat', 'dodo-cat', 'bird', 'cockatoo']
  for (const [asked, expected] of [
    ['ValueSet/all-animals/$expand', all],
    ['ValueSet/$expand?url=http://example.org/all-animals', all],
    ['$expand?url=http://example.org/all-animals|1', all],
    ['ValueSet/all-animals/$expand?activeOnly=true', all.filter((each) => each !== 'dodo-cat')],
    ['ValueSet/all-animals/$expand?excludeNotForUI=true', all.slice(1)],
    ['ValueSet/all-animals/$expand?offset=2&count=2', ['wildcat', 'dodo-cat']],
    ['ValueSet/all-animals/$expand?count=0', []],
    // Exact, then beginnings, then words inside, shorter ones first.
    ['ValueSet/all-animals/$expand?filter=CAT', ['cat', 'wildcat', 'dodo-cat']],
    ['ValueSet/all-animals/$expand?filter=crete', ['cockatoo']],
    ['ValueSet/all-animals/$expand?filter=cath', ['cat']],
    ['ValueSet/all-animals/$expand?filter=dog', []],
    ['ValueSet/all-animals/$expand?exclude-system=http://example.org/animals', []],
    ['ValueSet/$expand?context=Patient.gender', ['male', 'female', 'other', 'unknown']],
    ['ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender', ['male', 'female', 'other', 'unknown']],
  ] as const)
    test(`${asked} answers ${expected.join(', ') || 'nothing'}`, async () => {
      assert.deepEqual(await codes(asked), expected)
    })

  test('codes below others lie inside them when that is asked for', async () => {
    const { text } = await home.fhir('GET', 'ValueSet/all-animals/$expand?excludeNested=false')
    const { expansion } = JSON.parse(text) as ValueSet
    assert.equal(expansion?.total, 6)
    assert.deepEqual(
      expansion?.contains?.map(({ code, contains }) => [code, contains?.map((each) => each.code)]),
      [
        ['mammal', ['cat', 'wildcat', 'dodo-cat']],
        ['bird', ['cockatoo']],
      ],
    )
  })

  test('displays come in the language asked for, with designations and properties', async () => {
    const { text } = await home.fhir(
      'GET',
      'ValueSet/all-animals/$expand?filter=cat&count=1&displayLanguage=cy,en&includeDesignations=true&property=legs',
    )
    const [cat] = (JSON.parse(text) as ValueSet).expansion?.contains ?? []
    assert.equal(cat?.display, 'Cath')
    assert.equal(cat?.designation?.[0]?.language, 'cy')
    assert.equal(cat?.extension?.[0]?.extension?.[1]?.valueString, '4')
  })

  test('pages put together are the whole, filtered or not', async () => {
    for (const filter of ['', '&filter=cat']) {
      const whole = await codes(`ValueSet/all-animals/$expand?count=100${filter}`)
      const pages: (string | undefined)[] = []
      for (let offset = 0; offset < 7; offset += 2)
        pages.push(...(await codes(`ValueSet/all-animals/$expand?offset=${offset}&count=2${filter}`)))
      assert.deepEqual(pages, whole)
    }
  })

  for (const [name, filter, expected] of [
    ['is-a', { property: 'concept', op: 'is-a', value: 'bird' }, ['bird', 'cockatoo']],
    ['descendent-of', { property: 'concept', op: 'descendent-of', value: 'bird' }, ['cockatoo']],
    ['is-not-a', { property: 'concept', op: 'is-not-a', value: 'mammal' }, ['bird', 'cockatoo']],
    ['generalizes', { property: 'concept', op: 'generalizes', value: 'cat' }, ['mammal', 'cat']],
    ['equals', { property: 'legs', op: '=', value: '4' }, ['cat', 'wildcat']],
    ['in', { property: 'code', op: 'in', value: 'cat, bird' }, ['cat', 'bird']],
    ['not-in', { property: 'code', op: 'not-in', value: 'cat,bird,mammal' }, ['wildcat', 'dodo-cat', 'cockatoo']],
    ['exists', { property: 'legs', op: 'exists', value: 'true' }, ['cat', 'wildcat']],
    ['regex', { property: 'code', op: 'regex', value: '(wild)?cat' }, ['cat', 'wildcat']],
    ['parent', { property: 'parent', op: '=', value: 'bird' }, ['cockatoo']],
  ] as const)
    test(`a filter by ${name} selects ${expected.join(', ')}`, async () => {
      await put(`ValueSet/f-${name}`, setOf(`f-${name}`, { include: [{ system: animals.url, filter: [filter] }] }))
      assert.deepEqual(await codes(`ValueSet/f-${name}/$expand`), expected)
    })

  test('value sets are taken in and left out', async () => {
    await put(
      'ValueSet/birds',
      setOf('birds', {
        include: [{ system: animals.url, filter: [{ property: 'concept', op: 'is-a', value: 'bird' }] }],
      }),
    )
    await put(
      'ValueSet/rest',
      setOf('rest', {
        include: [{ valueSet: ['http://example.org/all-animals'] }],
        exclude: [{ valueSet: ['http://example.org/birds'] }],
      }),
    )
    assert.deepEqual(await codes('ValueSet/rest/$expand'), ['mammal', 'cat', 'wildcat', 'dodo-cat'])
  })

  test('what is stored counts at once, also when it changes and goes', async () => {
    const system = { ...animals, id: 'changing', url: 'http://example.org/changing' }
    await put('ValueSet/changing', setOf('changing', { include: [{ system: system.url }] }))
    for (const count of [1, 3, 2]) {
      const concept = Array.from({ length: count }, (_, at) => ({ code: `c${at}` }))
      await put('CodeSystem/changing', JSON.stringify({ ...system, concept }))
      assert.equal((await codes('ValueSet/changing/$expand')).length, count)
    }
    await home.fhir('DELETE', 'CodeSystem/changing')
    assert.match((await refusal('ValueSet/changing/$expand')).words, /http:\/\/example.org\/changing is not loaded/)
  })

  for (const [name, compose, status, words] of [
    ['ring', { include: [{ valueSet: ['http://example.org/ring'] }] }, 422, /take in one another/],
    [
      'bomb',
      { include: [{ system: animals.url, filter: [{ property: 'code', op: 'regex', value: '(((a{99}){99}){99})' }] }] },
      400,
      /repeats too much/,
    ],
    [
      'back',
      { include: [{ system: animals.url, filter: [{ property: 'code', op: 'regex', value: '(a)\\1' }] }] },
      400,
      /not known here/,
    ],
    [
      'strange',
      { include: [{ system: animals.url, filter: [{ property: 'wings', op: '=', value: '2' }] }] },
      422,
      /has no filter/,
    ],
    [
      'nobody',
      { include: [{ system: animals.url, filter: [{ property: 'concept', op: 'is-a', value: 'dragon' }] }] },
      422,
      /has no code "dragon"/,
    ],
    ['units', { include: [{ system: 'urn:ietf:bcp:13' }] }, 422, /endlessly many/],
    [
      'absent',
      {
        include: [
          { system: 'http://snomed.info/sct', filter: [{ property: 'concept', op: 'is-a', value: '404684003' }] },
        ],
      },
      422,
      /http:\/\/snomed.info\/sct is not loaded/,
    ],
  ] as const)
    test(`a value set that cannot be listed is refused: ${name}`, async () => {
      const body = JSON.stringify({
        resourceType: 'Parameters',
        parameter: [{ name: 'valueSet', resource: JSON.parse(setOf(name, compose as unknown as ValueSet['compose'])) }],
      })
      const { status: got, text } = await home.fhir('POST', 'ValueSet/$expand', body)
      assert.equal(got, status, text)
      assert.match(text.replaceAll('\\"', '"'), words)
    })

  test('an expression that would take a regex engine for ever is answered at once', async () => {
    const filter = { property: 'code', op: 'regex' as const, value: '(a+)+(a+)+(a|aa)+$' }
    await put(
      'CodeSystem/long',
      JSON.stringify({
        ...animals,
        id: 'long',
        url: 'http://example.org/long',
        concept: [{ code: `${'a'.repeat(5000)}b` }],
      }),
    )
    await put('ValueSet/long', setOf('long', { include: [{ system: 'http://example.org/long', filter: [filter] }] }))
    assert.deepEqual(await codes('ValueSet/long/$expand'), [])
  })

  test('a code system that goes in circles can still be listed', async () => {
    const concept = [
      { code: 'a', property: [{ code: 'parent', valueCode: 'b' }] },
      { code: 'b', property: [{ code: 'parent', valueCode: 'a' }] },
    ]
    await put(
      'CodeSystem/circle',
      JSON.stringify({ ...animals, id: 'circle', url: 'http://example.org/circle', concept }),
    )
    await put(
      'ValueSet/circle',
      setOf('circle', {
        include: [{ system: 'http://example.org/circle', filter: [{ property: 'concept', op: 'is-a', value: 'a' }] }],
      }),
    )
    assert.deepEqual(await codes('ValueSet/circle/$expand'), ['a', 'b'])
    assert.deepEqual(await codes('ValueSet/circle/$expand?excludeNested=false'), ['a', 'b'])
  })

  for (const [query, status, code] of [
    ['ValueSet/$expand', 400, 'invalid'],
    ['ValueSet/$expand?url=http://nowhere.org/x', 404, 'not-found'],
    ['ValueSet/nobody/$expand', 404, 'not-found'],
    ['ValueSet/all-animals/$expand?count=-1', 400, 'invalid'],
    ['ValueSet/all-animals/$expand?count=99999999', 422, 'too-costly'],
    ['ValueSet/$expand?context=Patient.nothing', 422, 'business-rule'],
    ['ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/languages&speed=high', 400, 'invalid'],
  ] as const)
    test(`${query} is refused with ${status}`, async () => {
      const found = await refusal(query)
      assert.deepEqual([found.status, found.code], [status, code])
    })
})
