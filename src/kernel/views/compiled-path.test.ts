import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { enginePath } from './engine.ts'
import { compileExpression } from './expression.ts'

const long = process.env['LINCHPIN_LONG'] === '1'

/** Paths of the shapes that views are made of, with criteria, functions and comparisons nested in one another. */
const steps = fc.constantFrom(
  'id',
  'active',
  'birthDate',
  'gender',
  'name',
  'name.given',
  'name.family',
  'name.use',
  'name.period.start',
  'telecom',
  'telecom.value',
  'telecom.rank',
  'contact',
  'contact.name.given',
  'contact.telecom.system',
  'deceased',
  'multipleBirth',
  'link.other',
  'generalPractitioner',
  'extension',
  'extension.value',
  'meta.lastUpdated',
  'Patient.name',
  'address.line',
)
const criteria = fc.constantFrom(
  "use = 'official'",
  "system = 'phone'",
  "use = 'official' and family = 'F1'",
  "rank > 1 or system = 'email'",
  'given.exists()',
  "url = 'a'",
  'true',
  'false',
  'family.empty()',
  '(rank <= 2).not()',
  "value != '1'",
  'period.exists() or use.exists()',
)
const functions = fc.oneof(
  fc.constantFrom(
    '.first()',
    '.last()',
    '.count()',
    '.exists()',
    '.empty()',
    '.not()',
    '[0]',
    '[1]',
    ".join(',')",
    '.join()',
    '.ofType(boolean)',
    '.ofType(dateTime)',
    '.ofType(string)',
    '.ofType(integer)',
    '.ofType(uri)',
    '.ofType(Quantity)',
    ".extension('a')",
    ".extension('b').value.ofType(code)",
    '.given',
    '.value',
    '.system',
    '.start',
    '.getReferenceKey()',
    '.getReferenceKey(Practitioner)',
    '.extension.exists()',
  ),
  criteria.map((each) => `.where(${each})`),
  criteria.map((each) => `.exists(${each})`),
)
const simple = fc.tuple(steps, fc.array(functions, { maxLength: 3 })).map(([start, more]) => start + more.join(''))
const literals = fc.constantFrom("'official'", "'F1'", 'true', '1', '2.0', "'a\\'b'", '%rowIndex')
const compared = fc
  .tuple(simple, fc.constantFrom('=', '!=', '<', '>=', 'and', 'or'), fc.oneof(simple, literals))
  .map(([left, sign, right]) => `${left} ${sign} ${right}`)
const expressions = fc.oneof(
  { weight: 3, arbitrary: simple },
  compared,
  fc.tuple(compared, simple).map(([a, b]) => `(${a}) and ${b}.exists()`),
)

const text = fc.constantFrom('F1', 'official', 'phone', '1', "a'b", 'ä')
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const extension = fc.oneof(
  fc.record({ url: fc.constantFrom('a', 'b'), valueCode: text }),
  fc.record({ url: fc.constantFrom('a', 'b'), valueString: text }),
  fc.record({ url: fc.constantFrom('a', 'b'), valueUrl: text }),
  fc.record({ url: fc.constantFrom('a', 'b'), valueAge: fc.constant({ value: 1 }) }),
)
const humanName = fc.record(
  {
    use: fc.constantFrom('official', 'usual'),
    family: text,
    given: fc.array(text, { minLength: 1, maxLength: 3 }),
    _given: fc.constant([{ extension: [{ url: 'a', valueString: 'x' }] }]),
    period: fc.constantFrom({ start: '2010' }, { start: '2010-10-10T10:00:00Z' }),
  },
  { requiredKeys: [] },
)
const contactPoint = fc.record(
  { system: fc.constantFrom('phone', 'email'), value: text, rank: fc.integer({ min: 1, max: 3 }) },
  { requiredKeys: [] },
)
const reference = fc.record({
  reference: fc.constantFrom(
    'Practitioner/1',
    'http://x/fhir/Organization/2',
    '#c',
    'urn:uuid:1',
    'Practitioner/1/_history/2',
  ),
})
const patient = fc
  .record({
    id: maybe(text),
    meta: maybe(fc.constant({ lastUpdated: '2020-01-01T00:00:00Z' })),
    active: maybe(fc.boolean()),
    gender: maybe(fc.constantFrom('male', 'other')),
    birthDate: maybe(fc.constantFrom('1970', '1970-06', '1970-06-01')),
    deceasedBoolean: maybe(fc.boolean()),
    multipleBirthInteger: maybe(fc.integer({ min: 0, max: 3 })),
    name: maybe(fc.array(humanName, { minLength: 1, maxLength: 3 })),
    telecom: maybe(fc.array(contactPoint, { minLength: 1, maxLength: 3 })),
    contact: maybe(
      fc.array(fc.record({ name: humanName, telecom: fc.array(contactPoint, { maxLength: 2 }) }), { maxLength: 2 }),
    ),
    generalPractitioner: maybe(fc.array(reference, { minLength: 1, maxLength: 3 })),
    link: maybe(fc.array(fc.record({ other: reference }), { minLength: 1, maxLength: 2 })),
    extension: maybe(fc.array(extension, { minLength: 1, maxLength: 3 })),
    address: maybe(fc.array(fc.record({ line: fc.array(text, { minLength: 1, maxLength: 2 }) }), { maxLength: 2 })),
  })
  .map((each): Record<string, unknown> => ({ resourceType: 'Patient', ...JSON.parse(JSON.stringify(each)) }))

const outcome = (ask: () => readonly unknown[]): string => {
  try {
    return JSON.stringify(ask())
  } catch {
    return 'refused'
  }
}

test('compiled paths and the FHIRPath engine agree on random paths and resources', () => {
  let compiled = 0
  fc.assert(
    fc.property(expressions, patient, (expression, resource) => {
      const own = compileExpression(expression, 'Patient', true, '', { constants: [], issues: [] })
      if (!own.compiled) return
      compiled += 1
      const scope = { resource, rowIndex: 2 }
      const mine = outcome(() => own.values(resource, scope))
      const engines = outcome(() => enginePath(expression, 'Patient', true).values(structuredClone(resource), scope))
      assert.equal(mine, engines, expression)
    }),
    { numRuns: long ? 50_000 : 1500, verbose: 0 },
  )
  assert.ok(compiled > 300, `only ${compiled} of the paths were compiled`)
})
