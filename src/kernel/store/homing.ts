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

/** All rows whose person decides that of these operations. */
export function homeTargets(operations: readonly Operation[]): readonly Target[] {
  const names = new Set(operations.flatMap((operation) => candidates(operation)))
  return [...names].map(targetOf).filter((target) => target !== undefined)
}

export const candidates = (operation: Operation): readonly string[] =>
  operation.draft === undefined || operation.type === 'Patient' ? [] : homeReferences(operation.draft.resource)

/** Says whose row each operation writes; operations of the same commit may home one another. */
export class Placer {
  readonly #stored: ReadonlyMap<string, Home>
  readonly #batch: ReadonlyMap<string, Operation>
  readonly #known = new Map<string, Placement>()

  /** `patients` are those of the batch, which the person index has placed already. */
  constructor(
    stored: ReadonlyMap<string, Home>,
    batch: ReadonlyMap<string, Operation>,
    patients: ReadonlyMap<string, Placement>,
  ) {
    this.#stored = stored
    this.#batch = batch
    for (const [name, placement] of patients) this.#known.set(name, placement)
  }

  place(name: string, operation: Operation): Placement {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    // Marks the name while its own references are followed: a circle homes nothing.
    this.#known.set(name, nowhere)
    const placement = this.#find(candidates(operation))
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
