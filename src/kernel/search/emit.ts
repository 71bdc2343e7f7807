import { hash64 } from '../../base/hash.ts'
import { isObject } from '../../base/json.ts'
import { soundex } from '../store/person/soundex.ts'
import { rangesOf, type TimeRange } from './date-range.ts'
import type { Found } from './extract.ts'
import { noUnit, numberRowsOf } from './number-range.ts'
import type { SearchParameterDefinition } from './parameters.ts'
import { relativeTarget } from './reference.ts'
import { searchText, wholeSearchText } from './text.ts'
import {
  anyIdentifierToken,
  anySystemToken,
  codeToken,
  identifierToken,
  latitudeKey,
  longitudeKey,
  noSystemToken,
  referenceToken,
  soundToken,
  systemToken,
  typedToken,
  uriToken,
} from './token.ts'

/** Turns one value of a parameter into search columns. `name` and `key` are the parameter's. */
export type Emit = (value: unknown, name: string, key: bigint, found: Found) => void

/** What to do with values of a FHIR type under a parameter; undefined when there is nothing to index. */
export const emitterOf = ({ type, code }: SearchParameterDefinition, valueType: string): Emit | undefined =>
  code === 'phonetic' ? phonetic : emitterFor(type, valueType)

/** The same by the kind of parameter alone. */
export function emitterFor(search: SearchParameterDefinition['type'], type: string): Emit | undefined {
  switch (search) {
    case 'token':
      return tokenEmitters[type] ?? plainToken
    case 'string':
      return stringEmitters[type] ?? plainString
    case 'date':
      return dates
    case 'uri':
      return uri
    case 'reference':
      // Bundle.composition and Bundle.message reach whole resources, not references.
      return referenceEmitters[type]
    case 'number':
    case 'quantity':
      return numbers
    case 'special':
      return position
    case 'composite':
      return undefined
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const plainToken: Emit = (value, name, _key, found) => {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    found.tokens.add(anySystemToken(name, String(value)))
}

const coding: Emit = (value, name, _key, found) => {
  if (!isObject(value)) return
  const code = text(value['code'])
  if (code === undefined) return
  const system = text(value['system'])
  found.tokens.add(system === undefined ? noSystemToken(name, code) : codeToken(name, system, code))
  found.tokens.add(anySystemToken(name, code))
}

const codeableConcept: Emit = (value, name, key, found) => {
  const codings = isObject(value) ? value['coding'] : undefined
  if (Array.isArray(codings)) for (const each of codings) coding(each, name, key, found)
}

const identifier: Emit = (value, name, _key, found) => {
  if (!isObject(value)) return
  const system = text(value['system'])
  const code = text(value['value'])
  if (system !== undefined) found.tokens.add(systemToken(name, system))
  if (code === undefined) return
  found.tokens.add(system === undefined ? noSystemToken(name, code) : codeToken(name, system, code))
  found.tokens.add(anySystemToken(name, code))
}

/** An identifier by its type as well: only those that say their type pay for it. */
const typedIdentifier: Emit = (value, name, key, found) => {
  identifier(value, name, key, found)
  const codings = isObject(value) && isObject(value['type']) ? value['type']['coding'] : undefined
  const id = isObject(value) ? text(value['value']) : undefined
  if (!Array.isArray(codings) || id === undefined) return
  for (const each of codings)
    if (isObject(each) && typeof each['code'] === 'string')
      found.tokens.add(typedToken(name, text(each['system']) ?? '', each['code'], id))
}

const contactPoint: Emit = (value, name, key, found) => {
  if (isObject(value)) plainToken(value['value'], name, key, found)
}

const tokenEmitters: Readonly<Record<string, Emit>> = {
  Coding: coding,
  CodeableConcept: codeableConcept,
  Identifier: typedIdentifier,
  ContactPoint: contactPoint,
}

const plainString: Emit = (value, _name, key, found) => {
  const normal = text(value)
  if (normal === undefined) return
  const whole = wholeSearchText(normal)
  const indexed = searchText(normal)
  const row = { key, value: indexed, raw: hash64(normal), whole: whole === indexed ? undefined : whole }
  if (!found.strings.some((each) => each.key === key && each.raw === row.raw)) found.strings.push(row)
}

/** Each part of a structured value is a string of its own, so that a search may start with any of them. */
const partsOf =
  (parts: readonly string[]): Emit =>
  (value, name, key, found) => {
    if (!isObject(value)) return
    for (const part of parts) {
      const each = value[part]
      if (Array.isArray(each)) for (const one of each) plainString(one, name, key, found)
      else plainString(each, name, key, found)
    }
  }

const stringEmitters: Readonly<Record<string, Emit>> = {
  HumanName: partsOf(['family', 'given', 'prefix', 'suffix', 'text']),
  Address: partsOf(['line', 'city', 'district', 'state', 'postalCode', 'country', 'text']),
  CodeableConcept: partsOf(['text']),
}

/** Each word of a name by its Soundex, which serves the family names of England. */
const phonetic: Emit = (value, name, _key, found) => {
  const words = isObject(value)
    ? [value['family'], value['given'], value['text']].flat().filter((each) => typeof each === 'string')
    : [value].filter((each) => typeof each === 'string')
  for (const sound of soundsOf(words.join(' '))) found.tokens.add(soundToken(name, sound))
}

/** The distinct sounds of the words of a text; a word in another script has none. */
export const soundsOf = (words: string): readonly string[] =>
  [...new Set(words.split(/[\s-]+/).map(soundex))].filter((sound) => sound !== '')

const position: Emit = (value, name, key, found) => {
  const { latitude, longitude } = isObject(value) ? value : {}
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return
  const at = (each: bigint, degrees: number): void =>
    void found.numbers.push({ key: each, low: String(degrees), high: String(degrees), ...noUnit })
  at(latitudeKey(name), latitude)
  at(longitudeKey(name), longitude)
  at(key, latitude)
}

const dates: Emit = (value, _name, key, found) => {
  for (const range of rangesOf(value)) addRange(range, key, found)
}

function addRange({ low, high }: TimeRange, key: bigint, found: Found): void {
  if (!found.dates.some((each) => each.key === key && each.low === low && each.high === high))
    found.dates.push({ key, low, high })
}

const numbers: Emit = (value, _name, key, found) => {
  for (const row of numberRowsOf(value)) found.numbers.push({ key, ...row })
}

const uri: Emit = (value, name, _key, found) => {
  const whole = text(value)
  if (whole === undefined) return
  found.tokens.add(uriToken(name, whole))
  const version = whole.indexOf('|')
  if (version > 0) found.tokens.add(uriToken(name, whole.slice(0, version)))
}

const reference: Emit = (value, name, _key, found) => {
  if (!isObject(value)) return
  const literal = text(value['reference'])
  if (literal !== undefined) addLiteral(literal, name, found)
  const logical = value['identifier']
  if (!isObject(logical)) return
  const code = text(logical['value'])
  if (code === undefined) return
  const system = text(logical['system'])
  if (system !== undefined) found.tokens.add(identifierToken(name, system, code))
  found.tokens.add(anyIdentifierToken(name, code))
}

function addLiteral(literal: string, name: string, found: Found): void {
  // A contained resource is found through the one that contains it.
  if (literal.startsWith('#')) return
  const target = relativeTarget(literal)
  found.tokens.add(referenceToken(name, target ?? literal))
  if (target === undefined) return
  found.references.add(target)
  // One that names a version is found by it too.
  if (literal.length > target.length) found.tokens.add(referenceToken(name, literal))
}

const referenceEmitters: Readonly<Record<string, Emit>> = { Reference: reference, canonical: uri, uri, url: uri }
