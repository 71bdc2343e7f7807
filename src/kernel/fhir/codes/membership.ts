import type { CodeSystem, CodeSystemConcept, ValueSet } from 'fhir/r4.js'
import type { Library } from '../packages/library.ts'
import { openSystems } from './open-systems.ts'

/** Whether a code is in a set: undefined when nothing here can tell. */
export type Membership = boolean | undefined

/** Tells whether a code is in a value set. `system` is undefined for the value of a `code` element. */
export type SetTest = (code: string, system: string | undefined) => Membership

/** What is known of one code of a system. */
export interface KnownCode {
  readonly display?: string
  readonly designations: readonly { readonly language?: string | undefined; readonly value: string }[]
  readonly parents: readonly string[]
  readonly concept: CodeSystemConcept
}

/** A code system, ready for questions. */
export interface KnownSystem {
  readonly complete: boolean
  readonly codes: ReadonlyMap<string, KnownCode>
}

type Include = NonNullable<ValueSet['compose']>['include'][number]
type Filter = NonNullable<Include['filter']>[number]

/** Answers questions on codes from the code systems and value sets of a library, and from no server. */
export class Codes {
  readonly #library: Library
  readonly #tests = new Map<string, SetTest>()
  readonly #systems = new Map<string, KnownSystem | undefined>()
  readonly #making = new Set<string>()
  #version = ''

  constructor(library: Library) {
    this.#library = library
  }

  /** The test of a value set; undefined when the set is not here. */
  test(canonical: string): SetTest | undefined {
    this.#fresh()
    const known = this.#tests.get(canonical)
    if (known !== undefined) return known
    const set = this.#library.valueSet(canonical)
    // A set that includes itself says nothing more by it.
    if (set === undefined || this.#making.has(canonical)) return undefined
    this.#making.add(canonical)
    const made = this.#setTest(set)
    this.#making.delete(canonical)
    this.#tests.set(canonical, made)
    return made
  }

  /** A code system that is here; undefined when it is not. */
  system(url: string): KnownSystem | undefined {
    this.#fresh()
    if (this.#systems.has(url)) return this.#systems.get(url)
    const found = this.#library.codeSystem(url)
    const made = found === undefined || found.content === 'not-present' ? undefined : knownSystem(found)
    this.#systems.set(url, made)
    return made
  }

  /** Whether a code exists in its system. */
  exists(code: string, system: string): Membership {
    const open = openSystems[system]
    if (open !== undefined) return open(code)
    const known = this.system(system)
    if (known === undefined) return undefined
    return known.codes.has(code) || (known.complete ? false : undefined)
  }

  #fresh(): void {
    if (this.#version === this.#library.version) return
    this.#version = this.#library.version
    this.#tests.clear()
    this.#systems.clear()
  }

  #setTest(set: ValueSet): SetTest {
    const { compose, expansion } = set
    if (compose === undefined || compose.include.length === 0) return expansionTest(expansion)
    const includes = compose.include.map((each) => this.#includeTest(each))
    const excludes = (compose.exclude ?? []).map((each) => this.#includeTest(each))
    return (code, system) => {
      const within = anyOf(includes, code, system)
      if (within === false) return false
      const without = anyOf(excludes, code, system)
      if (without === true) return false
      return without === undefined ? undefined : within
    }
  }

  #includeTest(include: Include): SetTest {
    const imports = (include.valueSet ?? []).map((url): SetTest => this.test(url) ?? (() => undefined))
    const own = include.system === undefined ? [] : [this.#systemTest(include, include.system)]
    const all = [...own, ...imports]
    return (code, system) => allOf(all, code, system)
  }

  #systemTest(include: Include, url: string): SetTest {
    const ofSystem = (test: (code: string) => Membership): SetTest => {
      return (code, system) => (system === undefined || system === url ? test(code) : false)
    }
    const { concept, filter } = include
    if (concept !== undefined && concept.length > 0) {
      const listed = new Set(concept.map((each) => each.code))
      return ofSystem((code) => listed.has(code))
    }
    if (filter !== undefined && filter.length > 0) {
      const tests = filter.map((each) => this.#filterTest(each, url))
      return ofSystem((code) => allOf(tests, code, undefined))
    }
    return ofSystem((code) => this.exists(code, url))
  }

  #filterTest(filter: Filter, url: string): SetTest {
    const known = this.system(url)
    if (known === undefined) return () => undefined
    const test = filterTests[filter.op]
    if (test === undefined) return () => undefined
    return (code) => {
      const found = known.codes.get(code)
      if (found === undefined) return known.complete ? false : undefined
      return test(known, code, filter)
    }
  }
}

const anyOf = (tests: readonly SetTest[], code: string, system: string | undefined): Membership => {
  let answer: Membership = false
  for (const test of tests) {
    const one = test(code, system)
    if (one === true) return true
    if (one === undefined) answer = undefined
  }
  return answer
}

const allOf = (tests: readonly SetTest[], code: string, system: string | undefined): Membership => {
  let answer: Membership = true
  for (const test of tests) {
    const one = test(code, system)
    if (one === false) return false
    if (one === undefined) answer = undefined
  }
  return answer
}

/** A set that comes as an expansion alone: what is in it is in; what is not may have been left out. */
function expansionTest(expansion: ValueSet['expansion']): SetTest {
  const listed = new Set<string>()
  const take = (contains: NonNullable<ValueSet['expansion']>['contains']): void => {
    for (const each of contains ?? []) {
      listed.add(`${each.system}|${each.code}`).add(`|${each.code}`)
      take(each.contains)
    }
  }
  take(expansion?.contains)
  const whole = expansion !== undefined && (expansion.total === undefined || expansion.total * 2 <= listed.size)
  return (code, system) => listed.has(`${system ?? ''}|${code}`) || (whole ? false : undefined)
}

function knownSystem(system: CodeSystem): KnownSystem {
  const codes = new Map<string, KnownCode>()
  const take = (concepts: readonly CodeSystemConcept[], above: readonly string[]): void => {
    for (const concept of concepts) {
      const named = (concept.property ?? [])
        .filter((each) => each.code === 'subsumedBy' || each.code === 'parent')
        .flatMap((each) => each.valueCode ?? each.valueCoding?.code ?? [])
      const { display } = concept
      codes.set(concept.code, {
        ...(display === undefined ? {} : { display }),
        designations: concept.designation ?? [],
        parents: [...above, ...named],
        concept,
      })
      take(concept.concept ?? [], [concept.code])
    }
  }
  take(system.concept ?? [], [])
  return { complete: system.content === 'complete', codes }
}

function isA(system: KnownSystem, code: string, ancestor: string, seen: Set<string> = new Set()): boolean {
  if (code === ancestor) return true
  if (seen.has(code)) return false
  seen.add(code)
  return system.codes.get(code)?.parents.some((parent) => isA(system, parent, ancestor, seen)) === true
}

const propertyValues = (system: KnownSystem, code: string, property: string): readonly string[] => {
  const known = system.codes.get(code)
  if (property === 'code') return [code]
  if (property === 'display') return known?.display === undefined ? [] : [known.display]
  if (property === 'parent') return known?.parents ?? []
  return (known?.concept.property ?? [])
    .filter((each) => each.code === property)
    .map((each) =>
      String(
        each.valueCode ??
          each.valueString ??
          each.valueCoding?.code ??
          each.valueBoolean ??
          each.valueInteger ??
          each.valueDateTime ??
          each.valueDecimal,
      ),
    )
}

/** The filter operators of R4 (code system FilterOperator) that can be answered from the concepts alone. */
const filterTests: Readonly<Record<string, (system: KnownSystem, code: string, filter: Filter) => Membership>> = {
  'is-a': (system, code, { value }) => isA(system, code, value),
  'descendent-of': (system, code, { value }) => code !== value && isA(system, code, value),
  'is-not-a': (system, code, { value }) => !isA(system, code, value),
  generalizes: (system, code, { value }) => isA(system, value, code),
  '=': (system, code, { property, value }) => propertyValues(system, code, property).includes(value),
  in: (system, code, { property, value }) => {
    const wanted = value.split(',').map((each) => each.trim())
    return propertyValues(system, code, property).some((each) => wanted.includes(each))
  },
  'not-in': (system, code, { property, value }) => {
    const wanted = value.split(',').map((each) => each.trim())
    return !propertyValues(system, code, property).some((each) => wanted.includes(each))
  },
  exists: (system, code, { property, value }) =>
    propertyValues(system, code, property).length > 0 === (value === 'true'),
}
