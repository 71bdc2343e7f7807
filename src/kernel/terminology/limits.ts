import { type Problem, problem } from '../../base/problem.ts'

/** An expansion that is larger is refused, unless it is asked for by pages. */
export const mostCodes = 20_000
/** Largest page of an expansion. */
export const mostOnPage = 10_000
/** Codes that a search may be widened to by `:in`, `:below` and the like. */
export const mostSearched = 50_000
/** How long the database may work on one question. */
export const mostMs = 5_000
/** Value sets that one value set may take in, itself included; and how deep. */
const mostImports = 500
/** Concepts that may be looked at to make one value set. */
const mostWork = 2_000_000

/** The FHIR answer to what would take too long or be too large. Never a part of it instead. */
export function tooCostly(message: string): Problem {
  return problem('rule', message, { issues: [{ severity: 'error', code: 'too-costly', message }] })
}

/** Counts what one question costs, and ends it when that is too much. */
export class Budget {
  #imports = 0
  #work = 0

  import(): void {
    this.#imports += 1
    if (this.#imports > mostImports) throw tooCostly(`This value set takes in more than ${mostImports} others`)
  }

  spend(concepts: number): void {
    this.#work += concepts
    if (this.#work > mostWork) throw tooCostly('This value set takes too long to work out')
  }
}
