import type { Candidate, Demographics } from './linkage.ts'
import type { PersonState } from './people.ts'
import { linkDecision } from './rules.ts'

/** What the index does with one Patient. */
export interface Decided {
  /** Person to link to; undefined: stay where it is, or someone new. */
  readonly link: PersonState | undefined
  /** People a human must compare it with. */
  readonly reviewWith: readonly PersonState[]
  readonly kind: 'possible-match' | 'conflict'
  readonly because: string
}

const candidateOf = (person: PersonState, without: string): Candidate => ({
  person: person.id,
  records: [...person.members.values()].filter((member) => member.id !== without).map((member) => member.demographics),
})

/**
 * Applies the linkage rules to a Patient that is new (`own` undefined) or whose identity changed. A Patient that shares
 * its person with others is never moved by itself: if it no longer fits them, a human decides.
 */
export function decideLink(
  incoming: Demographics,
  patient: string,
  own: PersonState | undefined,
  candidates: readonly PersonState[],
): Decided {
  const shared = own !== undefined && own.members.size > 1
  const compared = shared ? [own] : candidates.filter((person) => person !== own)
  const stays: Decided = { link: own, reviewWith: [], kind: 'possible-match', because: '' }
  const withRecords = compared.map((person) => candidateOf(person, patient)).filter((each) => each.records.length > 0)
  if (withRecords.length === 0) return stays
  const byId = new Map(compared.map((person) => [person.id, person]))
  const decision = linkDecision(incoming, withRecords)
  const people = (ids: readonly string[]): PersonState[] =>
    ids.flatMap((id) => {
      const person = byId.get(id)
      return person === undefined ? [] : [person]
    })
  const { because } = decision
  if (decision.kind === 'link') return { ...stays, link: byId.get(decision.person) ?? own, because }
  if (decision.kind === 'quarantine')
    return { ...stays, reviewWith: people([decision.with]), kind: 'conflict', because }
  if (decision.kind === 'review') return { ...stays, reviewWith: people(decision.candidates), because }
  const noLongerFits = 'Its details changed and no longer fit the other records of this person'
  return shared ? { ...stays, reviewWith: [own], because: noLongerFits } : { ...stays, because }
}
