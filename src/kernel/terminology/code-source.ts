import type { Sql } from '../../base/sql.ts'
import type { ListedSystem } from './concept.ts'

/** A code system of a loaded release: its concepts lie in `term_concept`. */
export interface StoredSystem {
  readonly kind: 'stored'
  readonly url: string
  readonly version: string
  readonly name: string
  readonly release: number
}

/** A code system that is a grammar: a code can be checked, all codes cannot be listed. */
export interface GrammarSystem {
  readonly kind: 'grammar'
  readonly url: string
  readonly version: string
  readonly name: string
  accepts(code: string): boolean
  display(code: string): string | undefined
  /** Whether a code meets a filter; undefined for a filter that this system does not have. */
  filter?(property: string, op: string, value: string): ((code: string) => boolean) | undefined
}

/** A code system that is here, in one of the three forms that it can have. */
export type CodeSource = ListedSystem | StoredSystem | GrammarSystem

/** A code in a group that is held in memory. `display` is the value set's own, where it has one. */
export interface Member {
  readonly code: string
  readonly display: string | undefined
}

/** Codes of one system in a value set. */
export type Group =
  | {
      readonly kind: 'listed'
      readonly system: string
      readonly version: string
      /** Absent where the value set lists codes of a system that is not here. */
      readonly source: ListedSystem | GrammarSystem | undefined
      readonly members: ReadonlyMap<string, Member>
    }
  | {
      readonly kind: 'stored'
      readonly system: string
      readonly version: string
      readonly source: StoredSystem
      /** On a row `c` of `term_concept`. */
      readonly condition: Sql
      /** Displays of the value set's own, by code. */
      readonly displays: ReadonlyMap<string, string>
    }
  | {
      readonly kind: 'grammar'
      readonly system: string
      readonly version: string
      readonly source: GrammarSystem
      readonly test: (code: string) => boolean
    }
  | UnknownGroup

/** Codes that nothing here can tell. Without a system they may be of any. */
export interface UnknownGroup {
  readonly kind: 'unknown'
  readonly system: string | undefined
  readonly reason: string
}
