import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Patient } from 'fhir/r4.js'
import { systems } from '../../fhir/systems.ts'
import { compareDemographics, couldBeTwins } from './compare.ts'
import type { Demographics } from './linkage.ts'
import { demographics, linkDecision, matchKeys } from './rules.ts'

const base: Demographics = {
  nhsNumber: '9990000018',
  verification: '01',
  supersededNumbers: [],
  family: "O'Reilly",
  given: ['Siobhan', 'Mary'],
  previousFamilies: [],
  birthDate: '1951-03-14',
  gender: 'female',
  postcode: 'LS1 4AP',
  addressLine: '1 The Street',
  multipleBirth: false,
}

/** A record like `base` with some fields changed; `undefined` takes one away. */
const like = (change: { readonly [K in keyof Demographics]?: Demographics[K] | undefined }): Demographics => {
  const kept = Object.entries({ ...base, ...change }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as unknown as Demographics
}

const noNumber = like({ nhsNumber: undefined, verification: undefined })
const other = '9990000026'

/** What differs, the incoming record, the record that is there, the decision. */
const decisions: readonly (readonly [string, Demographics, Demographics, string])[] = [
  ['nothing', base, base, 'link'],
  ['punctuation of the family name', like({ family: 'OREILLY' }), base, 'link'],
  ['family name by sound, same number', like({ family: "O'Rielly", given: ['Shiv'] }), base, 'link'],
  ['family name by marriage, same number', like({ family: 'Hill' }), base, 'link'],
  ['both names, same number', like({ family: 'Hill', given: ['Ann'] }), base, 'review'],
  ['birth date, same number', like({ birthDate: '1951-03-15' }), base, 'quarantine'],
  [
    'day and month changed round, same number',
    like({ birthDate: '1951-10-03' }),
    like({ birthDate: '1951-03-10' }),
    'quarantine',
  ],
  ['1 January of the year, same number', like({ birthDate: '1951-01-01' }), base, 'review'],
  ['1 January of another year, same number', like({ birthDate: '1950-01-01' }), base, 'quarantine'],
  ['only the year, same number', like({ birthDate: '1951' }), base, 'review'],
  ['no birth date, same number', like({ birthDate: undefined }), base, 'review'],
  ['1 January on both, same number', like({ birthDate: '1951-01-01' }), like({ birthDate: '1951-01-01' }), 'link'],
  ['address and gender, same number', like({ postcode: 'YO1 7HH', gender: 'male' }), base, 'link'],
  ['a trace in conflict, same number', like({ verification: '05' }), base, 'review'],
  [
    'birth order, same number',
    like({ birthOrder: 2, multipleBirth: true }),
    like({ birthOrder: 1, multipleBirth: true }),
    'review',
  ],
  [
    'an earlier number of the incoming one',
    like({ nhsNumber: other, supersededNumbers: ['9990000018'] }),
    base,
    'link',
  ],
  ['an earlier number of the known one', like({ nhsNumber: other }), like({ supersededNumbers: [other] }), 'link'],
  [
    'an earlier number and birth date',
    like({ nhsNumber: other, supersededNumbers: ['9990000018'], birthDate: '1990-05-05' }),
    base,
    'quarantine',
  ],
  ['two numbers, all else equal', like({ nhsNumber: other }), base, 'review'],
  ['two numbers, other given name (twins)', like({ nhsNumber: other, given: ['Niamh'] }), base, 'new'],
  ['two numbers, other postcode', like({ nhsNumber: other, postcode: 'YO1 7HH' }), base, 'new'],
  ['a number on one side, all else equal', noNumber, base, 'link'],
  ['a number on the other side, all else equal', base, noNumber, 'link'],
  [
    'no number, all else equal but accents and case',
    { ...noNumber, family: 'Óreilly', given: ['SIOBHAN'] },
    base,
    'link',
  ],
  ['no number, another postcode', { ...noNumber, postcode: 'YO1 7HH' }, base, 'review'],
  [
    'no number, another short form of the given name',
    { ...noNumber, given: ['Bob'] },
    like({ given: ['Robert'] }),
    'review',
  ],
  ['no number, only the initial', { ...noNumber, given: ['S'] }, base, 'review'],
  ['no number, another given name (twins)', { ...noNumber, given: ['Niamh'] }, base, 'review'],
  [
    'no number, another birth order',
    { ...noNumber, birthOrder: 2, multipleBirth: true },
    like({ birthOrder: 1 }),
    'new',
  ],
  ['no number, another second name', { ...noNumber, given: ['Siobhan', 'Ann'] }, base, 'review'],
  ['no number, another family name at one address', { ...noNumber, family: 'Hill' }, base, 'review'],
  [
    'no number, an earlier family name elsewhere',
    { ...noNumber, family: 'Hill', previousFamilies: ["O'Reilly"], postcode: 'YO1 7HH' },
    base,
    'review',
  ],
  ['no number, another gender', { ...noNumber, gender: 'male' }, base, 'review'],
  ['no number, one digit of the birth date', { ...noNumber, birthDate: '1951-03-15' }, base, 'review'],
  ['no number, another birth date', { ...noNumber, birthDate: '1975-06-20' }, base, 'new'],
  [
    'no number, 1 January on both',
    { ...noNumber, birthDate: '1951-01-01' },
    like({ birthDate: '1951-01-01' }),
    'review',
  ],
  ['no number, no fixed home', { ...noNumber, postcode: 'ZZ99 3VZ' }, like({ postcode: 'ZZ99 3VZ' }), 'review'],
  [
    'no number, another name and no fixed home',
    { ...noNumber, given: ['Niamh'], postcode: 'ZZ99 3VZ' },
    like({ postcode: 'ZZ99 3VZ' }),
    'new',
  ],
  [
    'no number, one-part names',
    like({ nhsNumber: undefined, family: undefined, given: ['Suparman'] }),
    like({ family: 'Suparman', given: [] }),
    'review',
  ],
  [
    'one-part names, same number',
    like({ family: undefined, given: ['Suparman'] }),
    like({ family: 'Suparman', given: [] }),
    'link',
  ],
  [
    'everything',
    { ...noNumber, family: 'Hill', given: ['Ann'], birthDate: '1975-06-20', postcode: 'YO1 7HH' },
    base,
    'new',
  ],
]

for (const [what, incoming, known, kind] of decisions) {
  test(`${kind} when they differ in ${what}`, () => {
    const decision = linkDecision(incoming, [{ person: 'p', records: [known] }])
    assert.equal(decision.kind, kind, decision.because)
    assert.notEqual(decision.because, '')
  })
  if (kind !== 'new')
    test(`the index finds each other's record when they differ in ${what}`, () => {
      const keys = new Set(matchKeys(known).map((key) => `${key.kind}|${key.text}`))
      assert.ok(matchKeys(incoming).some((key) => keys.has(`${key.kind}|${key.text}`)))
    })
}

test('two people with equal details are both put before a human', () => {
  const people = ['p', 'q'].map((person) => ({ person, records: [noNumber] }))
  const decision = linkDecision(noNumber, people)
  assert.deepEqual(decision, { kind: 'review', candidates: ['p', 'q'], because: 'It fits more than one person' })
})

test('any record of a person may give the number away, and the record that fits best decides', () => {
  const records = [{ ...noNumber, postcode: 'YO1 7HH' }, base]
  assert.equal(linkDecision(base, [{ person: 'p', records }]).kind, 'link')
  assert.equal(linkDecision(like({ nhsNumber: other }), [{ person: 'p', records }]).kind, 'review')
})

test('a person who bears the number is preferred to one who only looks the same', () => {
  const decision = linkDecision(base, [
    { person: 'looks', records: [noNumber] },
    { person: 'bears', records: [base] },
  ])
  assert.equal(decision.kind === 'link' && decision.person, 'bears')
})

test('nobody to compare with means someone new', () => assert.equal(linkDecision(base, []).kind, 'new'))

test('the order of candidates does not change the decision', () => {
  const variant = fc.constantFrom(...decisions.flatMap(([, a, b]) => [a, b]))
  fc.assert(
    fc.property(variant, fc.array(variant, { maxLength: 4 }), (incoming, known) => {
      const people = known.map((record, index) => ({ person: `p${index}`, records: [record] }))
      const [one, two] = [linkDecision(incoming, people), linkDecision(incoming, people.toReversed())]
      assert.equal(one.kind, two.kind)
      if (one.kind === 'link' && two.kind === 'link') assert.equal(one.person, two.person)
    }),
  )
})

const number = (value: string, more: object = {}) => ({ system: systems.nhsNumber, value, ...more })

test('demographics of a full record', () => {
  const status = { url: systems.nhsNumberVerificationExtension, valueCodeableConcept: { coding: [{ code: '01' }] } }
  const patient: Patient = {
    resourceType: 'Patient',
    identifier: [
      number('999 000 0026', { use: 'old' }),
      number('999-000-0018', { extension: [status] }),
      { system: 'local', value: '1' },
    ],
    name: [
      { use: 'maiden', family: 'Hill' },
      { use: 'nickname', given: ['Shiv'] },
      { use: 'official', family: "O'Reilly", given: ['Siobhan', 'Mary'] },
    ],
    birthDate: '1951-03-14',
    gender: 'female',
    address: [
      { use: 'old', postalCode: 'YO1 7HH' },
      { use: 'home', line: ['1 The Street'], postalCode: 'ls14ap' },
    ],
  }
  assert.deepEqual(demographics(patient), { ...base, supersededNumbers: [other], previousFamilies: ['Hill'] })
})

for (const [what, patient, expected] of [
  ['a number that fails its check digit', { identifier: [number('9990000019')] }, {}],
  [
    'a number whose period has ended',
    { identifier: [number(other, { period: { end: '2020-01-01' } })] },
    { supersededNumbers: [other] },
  ],
  ['a name as text', { name: [{ text: 'Mrs Siobhan Mary Hill' }] }, { family: 'Hill', given: ['Siobhan', 'Mary'] }],
  [
    'a name as text, family first',
    { name: [{ text: "O'REILLY, Siobhan (Mrs)" }] },
    { family: "O'REILLY", given: ['Siobhan'] },
  ],
  ['a name with one part', { name: [{ text: 'Suparman' }] }, { family: 'Suparman' }],
  [
    'given names in one string',
    { name: [{ family: 'Hill', given: ['Ann Marie'] }] },
    { family: 'Hill', given: ['Ann', 'Marie'] },
  ],
  ['a twin', { multipleBirthInteger: 2 }, { multipleBirth: true, birthOrder: 2 }],
  ['a postcode in the address text', { address: [{ text: '1 The Street, Leeds LS1 4AP' }] }, { postcode: 'LS1 4AP' }],
  ['a postcode that is none', { address: [{ postalCode: 'unknown' }] }, {}],
  ['nothing', {}, {}],
] as const)
  test(`demographics of ${what}`, () => {
    const nothing = { supersededNumbers: [], given: [], previousFamilies: [], multipleBirth: false }
    assert.deepEqual(demographics({ resourceType: 'Patient', ...patient } as unknown as Patient), {
      ...nothing,
      ...expected,
    })
  })

test('two records side by side, in the words of the review page', () => {
  const b = like({
    nhsNumber: undefined,
    family: 'Oreilly',
    given: ['Siobhan'],
    birthDate: '1951-03-15',
    postcode: 'LS1 4AB',
    gender: 'male',
  })
  assert.deepEqual(
    compareDemographics(base, b).map((row) => `${row.field}: ${row.a} / ${row.b}: ${row.match}`),
    [
      'Date of birth: 14 Mar 1951 / 15 Mar 1951: Similar: may be a typing error',
      "Family name: O'Reilly / Oreilly: Similar: punctuation",
      'Given names: Siobhan Mary / Siobhan: Similar: middle names',
      'NHS number: 999 000 0018 verified / : Missing in B',
      'Gender: female / male: Different',
      'Postcode: LS1 4AP / LS1 4AB: Similar: same district',
      'Address: 1 The Street / 1 The Street: Same',
    ],
  )
})

for (const [what, change, expected] of [
  ['other given names at one address', { given: ['Niamh'] }, true],
  ['the same given name', {}, false],
  ['another birth date', { given: ['Niamh'], birthDate: '1953-03-14' }, false],
  ['another address, but one of several', { given: ['Niamh'], postcode: 'YO1 7HH', multipleBirth: true }, true],
  ['another address', { given: ['Niamh'], postcode: 'YO1 7HH' }, false],
] as const)
  test(`${expected ? '' : 'no '}twin warning for ${what}`, () =>
    assert.equal(couldBeTwins(base, like(change)), expected))
