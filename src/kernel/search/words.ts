import { isObject } from '../../base/json.ts'
import { indexedParametersOf } from './parameters.ts'
import { type Resource, type Route, valuesAt } from './path.ts'
import { wholeSearchText } from './text.ts'

/** The words of a text as full-text search compares them: no accents, lower case, letters and digits. */
export const wordsIn = (text: string): readonly string[] =>
  (wholeSearchText(text).match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length <= longestWord)

/** Longer ones are no words, and PostgreSQL takes none above 2 kB. */
const longestWord = 100

/** A word of the narrative, as it stands in the word index. */
export const narrativeWord = (word: string): string => `_text~${word}`

/** A word of what a token parameter's codes are called. */
export const parameterWord = (code: string, word: string): string => `${code}~${word}`

/** All words a resource can be found by: those of its content, its narrative, and what its codes are called. */
export function wordsOf(resource: Resource): ReadonlySet<string> {
  const type = typeof resource['resourceType'] === 'string' ? resource['resourceType'] : ''
  const words = new Set<string>()
  addContent(resource, words)
  for (const word of wordsIn(narrativeOf(resource))) {
    words.add(word)
    words.add(narrativeWord(word))
  }
  for (const { code, route } of namedRoutes(type))
    for (const value of valuesAt(route, resource))
      for (const text of textsOf(value)) for (const word of wordsIn(text)) words.add(parameterWord(code, word))
  return words
}

/** Elements that name things to machines. */
const machineElements: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'reference', 'data', 'div', 'url'])
const machineText = /^(?:[a-z][a-z0-9+.-]*:\/\/|urn:)/i

function addContent(value: unknown, words: Set<string>): void {
  if (typeof value === 'string') {
    if (machineText.test(value)) return
    for (const word of wordsIn(value)) words.add(word)
  } else if (Array.isArray(value)) for (const each of value) addContent(each, words)
  else if (isObject(value)) for (const key in value) if (!machineElements.has(key)) addContent(value[key], words)
}

/** The narrative without its markup. */
function narrativeOf(resource: Resource): string {
  const text = resource['text']
  const div = isObject(text) ? text['div'] : undefined
  if (typeof div !== 'string') return ''
  return div
    .replace(/<!--[^]*?-->|<\/?[A-Za-z][^<>]*>/g, ' ')
    .replace(/&#x([0-9a-f]{1,6});/gi, (_, hex: string) => character(Number.parseInt(hex, 16)))
    .replace(/&#(\d{1,7});/g, (_, code: string) => character(Number(code)))
    .replace(/&[a-z]+;/gi, ' ')
}

const character = (code: number): string => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ' ')

function textsOf(value: unknown): readonly string[] {
  if (!isObject(value)) return []
  const { text, display, coding, type } = value
  const own = [text, display].filter((each) => typeof each === 'string')
  const displays = Array.isArray(coding) ? coding.flatMap(textsOf) : []
  const kind = isObject(type) && typeof type['text'] === 'string' ? [type['text']] : []
  return [...own, ...displays, ...kind]
}

interface NamedRoute {
  readonly code: string
  readonly route: Route
}

const named: ReadonlySet<string> = new Set(['CodeableConcept', 'Coding', 'Identifier'])
const routesByType = new Map<string, readonly NamedRoute[]>()

function namedRoutes(type: string): readonly NamedRoute[] {
  const known = routesByType.get(type)
  if (known !== undefined) return known
  const made = indexedParametersOf(type)
    .filter(({ definition }) => definition.type === 'token')
    .flatMap(({ definition, routes }) =>
      routes.filter((route) => named.has(route.type)).map((route) => ({ code: definition.code, route })),
    )
  routesByType.set(type, made)
  return made
}
