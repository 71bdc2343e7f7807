import { hash64 } from '../../base/hash.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { homeReferences } from '../search/home.ts'
import type { Home, Target } from './current.ts'
import type { Operation } from './operation.ts'

/** Whose row it is, and how that was found. */
export interface Placement {
  readonly person: bigint
  readonly source: string
  /** The reference that decided; undefined for a row of no person. */
  readonly by?: string
  /** The reference that should decide once it is here. */
  readonly waitsFor?: string
}

const nowhere: Placement = { person: 0n, source: '' }

/** Token that finds every row homed by one resource, whatever its type. */
export const homeToken = (reference: string): bigint => hash64(`_home>${reference}`)

/** Key of the `waiting` table. */
export const waitingKey = (reference: string): bigint => hash64(reference)

/** Type and id of a relative reference, without version; undefined for anything else. */
export function targetOf(reference: string): Target | undefined {
  const [type = '', id = ''] = reference.split('/')
  const rtype = typeNumber(type)
  return rtype === undefined || id === '' ? undefined : { rtype, id }
}

/** The references, in order, that may decide whose row each operation writes. */
export type Candidates = ReadonlyMap<Operation, readonly string[]>

export const candidatesOf = (operations: readonly Operation[]): Candidates =>
  new Map(
    operations.map((each) => [
      each,
      each.draft === undefined || each.type === 'Patient' ? [] : homeReferences(each.draft.resource),
    ]),
  )

/** All rows whose person decides that of these operations. */
export function homeTargets(candidates: Candidates): readonly Target[] {
  const names = new Set<string>()
  for (const references of candidates.values()) for (const reference of references) names.add(reference)
  return [...names].map(targetOf).filter((target) => target !== undefined)
}

/** Says whose row each operation writes; operations of the same commit may home one another. */
export class Placer {
  readonly #stored: ReadonlyMap<string, Home>
  readonly #batch: ReadonlyMap<string, Operation>
  readonly #known = new Map<string, Placement>()
  readonly #candidates: Candidates

  /** `patients` are those of the batch, which the person index has placed already. */
  constructor(
    stored: ReadonlyMap<string, Home>,
    batch: ReadonlyMap<string, Operation>,
    patients: ReadonlyMap<string, Placement>,
    candidates: Candidates,
  ) {
    this.#candidates = candidates
    this.#stored = stored
    this.#batch = batch
    for (const [name, placement] of patients) this.#known.set(name, placement)
  }

  place(name: string, operation: Operation): Placement {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    // Marks the name while its own references are followed: a circle homes nothing.
    this.#known.set(name, nowhere)
    const placement = this.#find(this.#candidates.get(operation) ?? [])
    this.#known.set(name, placement)
    return placement
  }

  #find(references: readonly string[]): Placement {
    for (const reference of references) {
      const home = this.#homeOf(reference)
      if (home !== undefined && home.person !== 0n) return { person: home.person, source: home.source, by: reference }
    }
    const patient = references.find((reference) => reference.startsWith('Patient/'))
    const waitsFor = patient ?? references.find((reference) => this.#homeOf(reference) === undefined)
    return waitsFor === undefined || targetOf(waitsFor) === undefined ? nowhere : { ...nowhere, waitsFor }
  }

  #homeOf(reference: string): Home | undefined {
    const operation = this.#batch.get(reference)
    if (operation !== undefined && operation.action !== 'delete') return this.place(reference, operation)
    return this.#known.get(reference) ?? this.#stored.get(reference)
  }
}
