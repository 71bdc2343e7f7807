import type { ValueSet } from 'fhir/r4.js'
import { Problem, problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import { type Catalogue, splitCanonical } from './catalogue.ts'
import type { CodeSource, Group, Member } from './code-source.ts'
import type { ListedSystem } from './concept.ts'
import { codeIn, difference, intersection, union } from './groups.ts'
import { implicitValueSet } from './implicit.ts'
import { Budget } from './limits.ts'
import { type Filter, filtered, unknownFilter } from './listed-filter.ts'
import { releaseFilter } from './release-filter.ts'
import type { CodeSources } from './sources.ts'

type Compose = NonNullable<ValueSet['compose']>
type Include = Compose['include'][number]

/** What a value set holds, system by system, and which value sets and code systems it was made from. */
export interface Composition {
  readonly groups: readonly Group[]
  /** `system|version` of each code system that was used, and `url|version` of each value set. */
  readonly systems: ReadonlySet<string>
  readonly imports: ReadonlySet<string>
}

/** What a caller wants of versions of code systems, by system: where a value set says none, or in any case. */
export interface Versions {
  readonly standard: ReadonlyMap<string, string>
  readonly forced: ReadonlyMap<string, string>
}

const noVersions: Versions = { standard: new Map(), forced: new Map() }

interface Work {
  readonly budget: Budget
  readonly versions: Versions
  readonly systems: Set<string>
  readonly imports: Set<string>
  /** The value sets that are being made, outermost first. */
  readonly path: readonly string[]
}

/** Works out what value sets hold, without listing what can stay a condition on the database. */
export class Composer {
  readonly #catalogue: Catalogue
  readonly #sources: CodeSources

  constructor(catalogue: Catalogue, sources: CodeSources) {
    this.#catalogue = catalogue
    this.#sources = sources
  }

  async compose(valueSet: ValueSet, versions: Versions = noVersions): Promise<Composition> {
    const work: Work = {
      budget: new Budget(),
      versions,
      systems: new Set(),
      imports: new Set(),
      path: [valueSet.url === undefined ? '' : nameOf(valueSet)],
    }
    const groups = await this.#groupsOf(valueSet, work)
    return { groups, systems: work.systems, imports: work.imports }
  }

  /** The value set that a canonical names, also one that its code system implies; undefined when there is none. */
  async valueSet(canonical: string): Promise<ValueSet | undefined> {
    const listed = this.#catalogue.find('ValueSet', canonical)
    const found = listed === undefined ? undefined : await this.#catalogue.read(listed)
    if (found !== undefined) return found.resourceType === 'ValueSet' ? found : undefined
    return implicitValueSet(canonical) ?? (await this.#sources.wholeSystem(canonical))
  }

  async #groupsOf(valueSet: ValueSet, work: Work): Promise<readonly Group[]> {
    work.budget.import()
    const { compose } = valueSet
    if (compose === undefined) return expansionGroups(valueSet)
    let groups: readonly Group[] = []
    for (const include of compose.include) groups = union(groups, await this.#included(include, work))
    for (const exclude of compose.exclude ?? []) groups = difference(groups, await this.#included(exclude, work))
    return compose.inactive === false ? groups.map(activeOf) : groups
  }

  async #included(include: Include, work: Work): Promise<readonly Group[]> {
    let found = include.system === undefined ? undefined : [await this.#ofSystem(include, include.system, work)]
    for (const canonical of include.valueSet ?? []) {
      const imported = await this.#imported(canonical, work)
      found = found === undefined ? [...imported] : [...intersection(found, imported)]
    }
    if (found === undefined)
      throw problem('rule', 'A value set includes neither a system nor a value set', {
        expression: 'ValueSet.compose.include',
      })
    return found
  }

  async #imported(canonical: string, work: Work): Promise<readonly Group[]> {
    if (work.path.some((each) => each === canonical || splitCanonical(each).url === canonical))
      throw ring(work, canonical)
    const found = await this.valueSet(canonical)
    if (found === undefined)
      return [{ kind: 'unknown', system: undefined, reason: `The value set ${canonical} is not here` }]
    const name = nameOf(found)
    if (work.path.includes(name)) throw ring(work, name)
    work.imports.add(name)
    return this.#groupsOf(found, { ...work, path: [...work.path, name] })
  }

  async #ofSystem(include: Include, system: string, work: Work): Promise<Group> {
    const version = work.versions.forced.get(system) ?? include.version ?? work.versions.standard.get(system)
    const source = await this.#sources.find(system, version)
    const listedHere = include.concept ?? []
    if (source === undefined) {
      if (listedHere.length > 0)
        return { kind: 'listed', system, version: version ?? '', source: undefined, members: membersOf(listedHere) }
      return { kind: 'unknown', system, reason: await this.#sources.whyMissing(system, version) }
    }
    work.systems.add(`${system}|${source.version}`)
    return listedHere.length > 0 ? enumerated(source, listedHere) : this.#selected(source, include.filter ?? [], work)
  }

  async #selected(source: CodeSource, filters: readonly Filter[], work: Work): Promise<Group> {
    const { url: system, version } = source
    if (source.kind === 'grammar') return ofGrammar(source, filters)
    if (source.kind === 'stored') {
      const conditions = filters.map((filter) => releaseFilter(source, filter))
      const condition = conditions.reduce(
        (all, each) => sql`${all} and ${each}`,
        sql`c.release = ${source.release}::int4`,
      )
      return { kind: 'stored', system, version, source, condition: sql`(${condition})`, displays: new Map() }
    }
    work.budget.spend(source.concepts.size * Math.max(1, filters.length))
    const sets = filters.map((filter) => filtered(source, filter))
    const concepts = [...source.concepts.values()].filter((concept) => sets.every((set) => set.has(concept)))
    const members = new Map(concepts.map(({ code, display }): [string, Member] => [code, { code, display }]))
    return { kind: 'listed', system, version, source, members }
  }
}

/** Turns a failure of a definition into "cannot be told"; any other failure stays one. */
export function unknownBecause(error: unknown): readonly Group[] {
  if (error instanceof Problem && error.kind !== 'fault' && error.kind !== 'unavailable')
    return [{ kind: 'unknown', system: undefined, reason: error.message }]
  throw error
}

const ring = ({ path }: Work, name: string): Error =>
  problem('rule', `The value sets ${[...path, name].join(' → ').slice(0, 600)} take in one another`, {
    expression: 'ValueSet.compose.include.valueSet',
  })

const nameOf = ({ url = '', version }: ValueSet): string => (version === undefined ? url : `${url}|${version}`)

type Enumerated = NonNullable<Include['concept']>

const membersOf = (concepts: Enumerated): ReadonlyMap<string, Member> =>
  new Map(concepts.map(({ code, display }) => [code, { code, display }]))

function enumerated(source: CodeSource, concepts: Enumerated): Group {
  const { url: system, version } = source
  if (source.kind === 'stored') {
    const displays = new Map(
      concepts.flatMap(({ code, display }) => (display === undefined ? [] : [[code, display] as const])),
    )
    const condition = sql`(c.release = ${source.release}::int4 and ${codeIn(membersOf(concepts))})`
    return { kind: 'stored', system, version, source, condition, displays }
  }
  const members = concepts.map((each): [string, Member] => {
    const known = source.kind === 'listed' ? source.find(each.code) : undefined
    const code = known?.code ?? each.code
    return [
      code,
      {
        code,
        display: each.display ?? known?.display ?? (source.kind === 'grammar' ? source.display(code) : undefined),
      },
    ]
  })
  return { kind: 'listed', system, version, source, members: new Map(members) }
}

function ofGrammar(source: CodeSource & { kind: 'grammar' }, filters: readonly Filter[]): Group {
  const tests = filters.map((filter) => {
    const test = source.filter?.(filter.property, filter.op, filter.value)
    if (test === undefined) throw unknownFilter(source.url, filter)
    return test
  })
  const test = (code: string): boolean => source.accepts(code) && tests.every((each) => each(code))
  return { kind: 'grammar', system: source.url, version: source.version, source, test }
}

function activeOf(group: Group): Group {
  if (group.kind === 'stored') return { ...group, condition: sql`(${group.condition} and c.active)` }
  if (group.kind !== 'listed' || group.source?.kind !== 'listed') return group
  return { ...group, members: activeMembers(group.source, group.members) }
}

/** The members that are still used. */
const activeMembers = (source: ListedSystem, members: ReadonlyMap<string, Member>): ReadonlyMap<string, Member> =>
  new Map([...members].filter(([code]) => source.concepts.get(code)?.inactive !== true))

/** A value set that comes as an expansion alone holds what that lists; one that is a page of a larger one tells nothing. */
function expansionGroups({ expansion, url }: ValueSet): readonly Group[] {
  const bySystem = new Map<string, Map<string, Member>>()
  let count = 0
  const take = (list: NonNullable<ValueSet['expansion']>['contains']): void => {
    for (const { system, code, display, contains } of list ?? []) {
      if (system !== undefined && code !== undefined) {
        count += 1
        const members = bySystem.get(system) ?? new Map<string, Member>()
        bySystem.set(system, members.set(code, { code, display }))
      }
      take(contains)
    }
  }
  take(expansion?.contains)
  if (expansion === undefined || (expansion.total ?? count) > count)
    return [{ kind: 'unknown', system: undefined, reason: `The value set ${url ?? ''} does not say what is in it` }]
  return [...bySystem].map(([system, members]) => ({ kind: 'listed', system, version: '', source: undefined, members }))
}
