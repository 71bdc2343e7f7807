import type { Patient } from 'fhir/r4.js'
import type { Candidate, Demographics } from '../kernel/store/person/linkage.ts'
import { demographics, linkDecision, matchKeys } from '../kernel/store/person/rules.ts'

/** What the rules made of one record, and the person it is kept under. */
export interface Linked {
  readonly kind: 'new' | 'link' | 'quarantine' | 'review'
  readonly person: string
  readonly because: string
}

/** Applies the linkage rules to Patients in their order, in memory: the store's index without the store. */
export function linkAll(patients: readonly Patient[]): ReadonlyMap<string, Linked> {
  const recordsByPerson = new Map<string, Demographics[]>()
  const peopleByKey = new Map<string, Set<string>>()
  const linked = new Map<string, Linked>()
  for (const patient of patients) {
    const id = patient.id ?? ''
    const found = demographics(patient)
    const keys = matchKeys(found).map((key) => `${key.kind}|${key.text}`)
    const people = new Set(keys.flatMap((key) => [...(peopleByKey.get(key) ?? [])]))
    const candidates = [...people].map((person): Candidate => ({ person, records: recordsByPerson.get(person) ?? [] }))
    const decision = linkDecision(found, candidates)
    const person = decision.kind === 'link' ? decision.person : id
    linked.set(id, { kind: decision.kind, person, because: decision.because })
    recordsByPerson.set(person, [...(recordsByPerson.get(person) ?? []), found])
    for (const key of keys) peopleByKey.set(key, new Set([...(peopleByKey.get(key) ?? []), person]))
  }
  return linked
}
