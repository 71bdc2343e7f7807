import type { ValueSet } from 'fhir/r4.js'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import { text } from '../store/current.ts'
import type { Database } from '../store/database.ts'
import { Catalogue, splitCanonical } from './catalogue.ts'
import type { Group } from './code-source.ts'
import { Composer, type Composition, unknownBecause } from './compose.ts'
import { reachable } from './concept.ts'
import type { TerminologyResource } from './core.ts'
import { mostMs, mostSearched, tooCostly } from './limits.ts'
import { Recent } from './recent.ts'
import { ReleaseCodes } from './release-codes.ts'
import { CodeSources } from './sources.ts'
import { closureOf } from './stored-codes.ts'
import type { Coding, Membership, Terminology } from './terminology.ts'

/** Codes in value sets that are kept compiled, all together. */
const mostKept = 500_000

interface Compiled {
  readonly groups: readonly Group[]
  /** Absent where the value set is not here or is not right; then `error` says why. */
  readonly composed?: Composed
  readonly error?: unknown
  /** All of it is in memory, so that a question is answered without the database. */
  readonly immediate: boolean
}

/** A value set and what it holds. */
export interface Composed extends Composition {
  readonly valueSet: ValueSet
}

/** Terminology from what is here: R4's own, packages, what is stored, and loaded releases. One for each open store. */
export class LocalTerminology implements Terminology {
  readonly catalogue: Catalogue
  readonly sources: CodeSources
  readonly composer: Composer
  readonly releases: ReleaseCodes
  readonly database: Database
  readonly #compiled = new Recent<Compiled>(mostKept)
  #seen = -1

  constructor(database: Database, packaged: readonly TerminologyResource[] = []) {
    this.database = database
    this.catalogue = new Catalogue(database, packaged)
    this.sources = new CodeSources(this.catalogue, database)
    this.composer = new Composer(this.catalogue, this.sources)
    this.releases = new ReleaseCodes(database)
  }

  refresh(): Promise<void> {
    return this.catalogue.refresh()
  }

  async codesIn(valueSet: string): Promise<readonly Coding[]> {
    const { groups } = await this.composed(valueSet)
    const codes: Coding[] = []
    for (const group of groups) for (const code of await this.#codesOf(group)) codes.push(code)
    if (codes.length > mostSearched) throw tooMany(valueSet)
    return codes
  }

  codesBelow(coding: Coding): Promise<readonly Coding[]> {
    return this.#along(coding, 'children')
  }

  codesAbove(coding: Coding): Promise<readonly Coding[]> {
    return this.#along(coding, 'parents')
  }

  isMember(
    valueSet: string,
    coding: { readonly system?: string; readonly code: string },
  ): Membership | Promise<Membership> {
    const known = this.#known(valueSet)
    if (known === undefined) return this.#compile(valueSet).then((made) => this.#membership(made, coding))
    return this.#membership(known, coding)
  }

  /** What a value set holds, by its canonical URL. A value set that is not here or not right is a problem. */
  async composed(canonical: string): Promise<Composed> {
    await this.refresh()
    const { composed, error } = this.#known(canonical) ?? (await this.#compile(canonical))
    if (composed === undefined) throw error
    return composed
  }

  #known(canonical: string): Compiled | undefined {
    if (this.#seen !== this.catalogue.changes) {
      this.#compiled.clear()
      this.#seen = this.catalogue.changes
    }
    return this.#compiled.get(canonical)
  }

  async #compile(canonical: string): Promise<Compiled> {
    const { changes } = this.catalogue
    const made = await this.#made(canonical)
    const weight = made.groups.reduce((sum, group) => sum + (group.kind === 'listed' ? group.members.size : 1), 1)
    if (changes === this.catalogue.changes && this.#seen === changes) this.#compiled.set(canonical, made, weight)
    return made
  }

  async #made(canonical: string): Promise<Compiled> {
    try {
      const valueSet = await this.composer.valueSet(canonical)
      if (valueSet === undefined) throw unknownValueSet(canonical)
      const composed = { valueSet, ...(await this.composer.compose(valueSet)) }
      return { groups: composed.groups, composed, immediate: composed.groups.every((group) => group.kind !== 'stored') }
    } catch (error) {
      return { groups: unknownBecause(error), error, immediate: true }
    }
  }

  #membership(
    { groups, immediate }: Compiled,
    coding: { readonly system?: string; readonly code: string },
  ): Membership | Promise<Membership> {
    return immediate ? memberAtOnce(groups, coding) : this.memberOf(groups, coding)
  }

  /** Whether a code is in one of the groups, with the database's help where it is needed. */
  async memberOf(
    groups: readonly Group[],
    coding: { readonly system?: string; readonly code: string },
  ): Promise<Membership> {
    const at = memberAtOnce(groups, coding)
    if (at === 'yes') return at
    for (const group of groups) {
      if (group.kind !== 'stored' || !isOf(group, coding.system)) continue
      const rows = await this.database.search(
        sql`select 1 from term_concept c where c.release = ${group.source.release}::int4 and c.code = ${coding.code} and ${group.condition}`,
        mostMs,
      )
      if (rows.length > 0) return 'yes'
    }
    return at
  }

  async #codesOf(group: Group): Promise<readonly Coding[]> {
    if (group.kind === 'unknown') throw problem('rule', `${group.reason}, so its codes cannot be listed`)
    if (group.kind === 'grammar')
      throw tooCostly(`${group.source.name} is a grammar with endlessly many codes: they cannot be listed`)
    const { system } = group
    if (group.kind === 'listed') return [...group.members.keys()].map((code) => ({ system, code }))
    const rows = await this.database.search(
      sql`select c.code from term_concept c where ${group.condition} limit ${mostSearched + 1}`,
      mostMs,
    )
    if (rows.length > mostSearched) throw tooMany(system)
    return rows.map((row) => ({ system, code: text(row, 'code') }))
  }

  async #along(coding: Coding, direction: 'parents' | 'children'): Promise<readonly Coding[]> {
    await this.refresh()
    const { system, code } = coding
    const source = await this.sources.find(system)
    if (source === undefined) throw problem('rule', await this.sources.whyMissing(system, undefined))
    if (source.kind === 'grammar') return [coding]
    if (source.kind === 'stored') {
      const codes = await closureOf(this.database, source, code, direction, mostSearched + 1)
      if (codes.length > mostSearched) throw tooMany(code)
      if (codes.length === 0) throw unknownCode(coding)
      return codes.map((each) => ({ system, code: each }))
    }
    const concept = source.find(code)
    if (concept === undefined) throw unknownCode(coding)
    if (!source.subsumes) return [{ system, code: concept.code }]
    return [...reachable(concept, direction)].map((each) => ({ system, code: each.code }))
  }
}

const unknownValueSet = (canonical: string): Error =>
  problem('not-found', `The value set ${canonical.slice(0, 300)} is not here`)

const unknownCode = ({ system, code }: Coding): Error =>
  problem('rule', `${system.slice(0, 300)} has no code "${code.slice(0, 100)}"`)

const tooMany = (what: string): Error =>
  tooCostly(`${splitCanonical(what).url.slice(0, 300)} stands for more than ${mostSearched} codes`)

const isOf = (group: Group, system: string | undefined): boolean => system === undefined || group.system === system

function memberAtOnce(
  groups: readonly Group[],
  { system, code }: { readonly system?: string; readonly code: string },
): Membership {
  let answer: Membership = 'no'
  for (const group of groups) {
    if (group.kind === 'unknown') {
      if (group.system === undefined || isOf(group, system)) answer = 'not-checked'
    } else if (isOf(group, system)) {
      const is = inGroup(group, code)
      if (is === 'yes') return is
      if (is === 'not-checked') answer = is
    }
  }
  return answer
}

function inGroup(group: Exclude<Group, { kind: 'unknown' }>, code: string): Membership {
  if (group.kind === 'stored') return 'no'
  if (group.kind === 'grammar') return group.test(code) ? 'yes' : 'no'
  if (group.members.has(code)) return 'yes'
  if (group.source?.kind !== 'listed') return 'no'
  const folded = group.source.find(code)
  if (folded !== undefined) return group.members.has(folded.code) ? 'yes' : 'no'
  // A fragment or example says what some of the codes are, and nothing of the others.
  return group.source.complete ? 'no' : 'not-checked'
}
