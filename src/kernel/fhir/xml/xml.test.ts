import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isExactNumber, parseExact } from '../../../base/exact-json.ts'
import { isObject } from '../../../base/json.ts'
import { packageRoot } from '../../../base/root.ts'
import { resourceTypeNames } from '../resource-types.ts'
import { checkStructure } from '../structure.ts'
import { xmlElements } from './names.ts'
import { jsonOf } from './read-xml.ts'
import { xmlOf } from './write-xml.ts'

const shared = join(packageRoot, '..', 'shared')
const skip = existsSync(shared) ? false : `published examples are not here (${join('..', 'shared')}): nothing checked`

/** Names of members in one order, numbers as they are written. */
const canonical = (value: unknown): unknown => {
  if (isExactNumber(value)) return { digits: value.rawJSON }
  // What lies beside the values of a list may end where it has no more to say.
  if (Array.isArray(value)) return value.slice(0, value.findLastIndex((each) => each !== null) + 1).map(canonical)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, canonical(value[key])]),
  )
}
const meaning = (json: string): unknown => canonical(parseExact(json, 'A test'))

const filesIn = (folder: string, ending: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))

test('every published example that is well formed is the same after a way through XML', { skip }, () => {
  let count = 0
  const inputs = join(shared, 'conformance', 'fhirpath', 'input')
  const nhs = filesIn(join(shared, 'nhs'), '.json').filter((file) => file.includes('examples'))
  const synthea = filesIn(join(shared, 'synthea'), '.json')
  const long = process.env['LINCHPIN_LONG'] === '1'
  for (const file of [...nhs, ...filesIn(inputs, '.json'), ...(long ? synthea : synthea.slice(0, 2))]) {
    const text = readFileSync(file, 'utf8')
    const parsed: unknown = JSON.parse(text)
    if (!isObject(parsed) || !('resourceType' in parsed) || checkStructure(parsed).issues.length > 0) continue
    assert.deepEqual(meaning(jsonOf(xmlOf(text))), meaning(text), file)
    count += 1
  }
  assert.ok(count > 800, `${count} files`)
})

test('the XML of others reads as the JSON of the same resource', { skip }, () => {
  const inputs = join(shared, 'conformance', 'fhirpath', 'input')
  for (const file of filesIn(inputs, '.xml')) {
    const read = JSON.parse(jsonOf(readFileSync(file, 'utf8')))
    const published = JSON.parse(readFileSync(file.replace(/xml$/, 'json'), 'utf8'))
    // One of them has an object where a primitive belongs.
    if (checkStructure(published).issues.length > 0) continue
    // The two files of a pair write their narratives with other white space.
    for (const each of [read, published]) delete each.text
    // A reader of XML makes one space of a line's end in an attribute (XML 1.0, 3.3.3).
    const spaced = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replace(/\\n/g, ' '))
    assert.deepEqual(canonical(spaced(read)), canonical(spaced(published)), file)
  }
})

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.constantFrom('<&>"\'', ' a  b ', 'line\nline\r\n\ttab', ']]>', '\u{1f600}', '&amp;', '-->'),
  )
  .filter((each) => !/[[\p{Cc}--[\t\n\r]]\ufffe\uffff]/v.test(each))

/** The JSON text of an element of a type, with a few of the elements it may have, a few levels deep. */
function elementText(type: string, depth: number): fc.Arbitrary<string> {
  const elements = [...xmlElements(type).values()].filter(({ kind }) => depth > 0 || kind === 'primitive')
  return fc
    .subarray(elements, { minLength: Math.min(1, elements.length), maxLength: Math.min(5, elements.length) })
    .chain((chosen) =>
      fc.tuple(...chosen.map((each) => memberText(each, depth))).map((members) => `{${members.flat().join(',')}}`),
    )
}

function memberText(
  element: ReturnType<typeof xmlElements> extends ReadonlyMap<string, infer E> ? E : never,
  depth: number,
): fc.Arbitrary<string[]> {
  const { name, kind, type, many, attribute } = element
  const wrap = (value: string): string => (many ? `[${value}]` : value)
  if (kind === 'xhtml')
    return text.map((each) => {
      const shown = each.replace(/[&<>]/g, ' ').replace(/\r\n?/g, '\n')
      return [`"${name}":${JSON.stringify(`<div xmlns="http://www.w3.org/1999/xhtml"><p>${shown}</p></div>`)}`]
    })
  if (kind === 'resource') return resourceText('Basic', depth - 1).map((each) => [`"${name}":${wrap(each)}`])
  if (kind === 'complex')
    return elementText(type, depth - 1).map((each) => (each === '{}' ? [] : [`"${name}":${wrap(each)}`]))
  const extra = attribute || depth <= 0 ? fc.constant('') : fc.option(fc.constant('{"id":"x"}'), { nil: '' })
  return fc
    .tuple(primitiveText(element.bare), extra)
    .map(([value, beside]) => [`"${name}":${wrap(value)}`, ...(beside === '' ? [] : [`"_${name}":${wrap(beside)}`])])
}

const primitiveText = (bare: 'number' | 'boolean' | undefined): fc.Arbitrary<string> => {
  if (bare === 'boolean') return fc.constantFrom('true', 'false')
  if (bare === 'number')
    return fc.constantFrom('0', '-1', '70.50', '1.0e3', '0.000', '123456789012345678901234567890.10')
  return text.map((each) => JSON.stringify(each))
}

const resourceText = (type: string, depth: number): fc.Arbitrary<string> =>
  elementText(type, depth).map((each) => each.replace('{', `{"resourceType":"${type}"${each === '{}' ? '' : ','}`))

test('any resource is the same after a way through XML', () => {
  const resources = fc.constantFrom(...resourceTypeNames).chain((type) => resourceText(type, 3))
  fc.assert(
    fc.property(resources, fc.boolean(), (json, pretty) => {
      const xml = xmlOf(json, pretty)
      assert.deepEqual(meaning(jsonOf(xml)), meaning(json))
    }),
    { numRuns: process.env['LINCHPIN_LONG'] === '1' ? 20_000 : 400 },
  )
})

test('elements are written in the order of the definitions, whatever the order of the JSON', () => {
  const xml = xmlOf('{"resourceType":"Patient","birthDate":"1980","name":[{"given":["A"],"family":"B"}],"id":"x"}')
  assert.equal(
    xml,
    '<?xml version="1.0" encoding="UTF-8"?><Patient xmlns="http://hl7.org/fhir"><id value="x"/>' +
      '<name><family value="B"/><given value="A"/></name><birthDate value="1980"/></Patient>',
  )
})

const ns = 'xmlns="http://hl7.org/fhir"'
const bomb = `<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n} "${`&a${n === 0 ? '' : n - 1};`.repeat(10)}">`).join('')}]>`
const refused: readonly (readonly [string, string])[] = [
  ['a document type, and so the bomb in it', `${bomb}<Patient ${ns}><id value="&a8;"/></Patient>`],
  ['an entity from a file', `<!DOCTYPE p [<!ENTITY f SYSTEM "file:///etc/passwd">]><Patient ${ns}/>`],
  ['an entity that XML does not know', `<Patient ${ns}><id value="&nbsp;"/></Patient>`],
  ['what ends too early', `<Patient ${ns}><id`],
  ['two roots', `<Patient ${ns}/><Patient ${ns}/>`],
  ['no namespace', '<Patient/>'],
  ['no resource', `<Nonsense ${ns}/>`],
  ['an unknown element', `<Patient ${ns}><nonsense value="1"/></Patient>`],
  ['an unknown attribute', `<Patient ${ns}><id value="1" nonsense="2"/></Patient>`],
  ['text between elements', `<Patient ${ns}>text</Patient>`],
  ['a number that is none', `<Observation ${ns}><valueInteger value="x"/></Observation>`],
  ['nesting without end', `<Patient ${ns}>${'<extension>'.repeat(100_000)}`],
  [
    'nesting without end in a narrative',
    `<Patient ${ns}><text><div xmlns="http://www.w3.org/1999/xhtml">${'<b>'.repeat(100_000)}`,
  ],
  ['nothing', ''],
]
for (const [what, xml] of refused)
  test(`${what} is refused`, () => assert.throws(() => jsonOf(xml), { name: 'Problem', kind: 'invalid' }))

test('a narrative under a prefix gets a namespace of its own', () => {
  const xml = `<Patient ${ns} xmlns:h="http://www.w3.org/1999/xhtml"><text><status value="generated"/><h:div><h:p>a</h:p></h:div></text></Patient>`
  assert.equal(JSON.parse(jsonOf(xml)).text.div, '<div xmlns="http://www.w3.org/1999/xhtml"><p>a</p></div>')
})
