import type { HumanName, Identifier, Patient, Person } from 'fhir/r4.js'
import { isObject } from '../../../base/json.ts'
import { systems } from '../../fhir/systems.ts'
import type { Demographics } from './linkage.ts'

/** Marks the Person resources that the index makes; nobody else may write one. */
const goldenTag = { system: 'https://linchpin.example/fhir/CodeSystem/person-index', code: 'golden' } as const

/** Whether a resource claims to be a golden record. */
export function isGolden(resource: Readonly<Record<string, unknown>>): boolean {
  const meta = resource['meta']
  const tags = isObject(meta) && Array.isArray(meta['tag']) ? meta['tag'] : []
  return tags.some((tag) => isObject(tag) && tag['system'] === goldenTag.system && tag['code'] === goldenTag.code)
}

/** A source's Patient as the index holds it. */
export interface Member {
  readonly id: string
  readonly patient: Patient
  readonly demographics: Demographics
  readonly updatedMs: number
}

/** How a person stands to others: ids of golden Persons after a merge, and whether their number is in conflict. */
interface Standing {
  readonly replacedBy?: string
  readonly replaces?: readonly string[]
  readonly quarantined?: boolean
}

/** Most trusted first: verified number, then any number, then the newest. */
const byTrust = (a: Member, b: Member): number =>
  trust(b) - trust(a) || b.updatedMs - a.updatedMs || (a.id < b.id ? -1 : 1)

const trust = (member: Member): number =>
  (member.demographics.verification === '01' ? 2 : 0) + (member.demographics.nhsNumber === undefined ? 0 : 1)

/**
 * What most of the most trusted sources say; where they are even, the first in the order of trust. Values with the same
 * key say the same.
 */
function agreed<T>(
  sorted: readonly Member[],
  pick: (patient: Patient) => T | undefined,
  keyOf: (value: T) => string = JSON.stringify,
): T | undefined {
  const counts = new Map<string, { readonly value: T; votes: number }>()
  for (const member of sorted) {
    const value = pick(member.patient)
    if (value === undefined) continue
    const text = keyOf(value)
    const known = counts.get(text) ?? { value, votes: 0 }
    known.votes += 1 + trust(member)
    counts.set(text, known)
  }
  return [...counts.values()].reduce<{ readonly value: T; readonly votes: number } | undefined>(
    (best, each) => (best === undefined || each.votes > best.votes ? each : best),
    undefined,
  )?.value
}

/** The name a person goes by, without what only one source adds to it. */
function commonName(patient: Patient): HumanName[] | undefined {
  const name = patient.name?.find(usable)
  if (name === undefined) return undefined
  const { family, given, text, prefix } = name
  return [
    {
      ...(family === undefined ? {} : { family }),
      ...(given === undefined ? {} : { given }),
      ...(family === undefined && given === undefined && text !== undefined ? { text } : {}),
      ...(prefix === undefined ? {} : { prefix }),
    },
  ]
}

/** Sources that write "HUGHES, DANIEL" or "Hughes, Daniel" mean one name, and outvote the one that writes "Hughs". */
const soundOf = (names: readonly HumanName[]): string =>
  names.map(({ family, given, text }) => plainLetters(`${family ?? text ?? ''} ${given?.[0] ?? ''}`)).join()

const plainLetters = (text: string): string =>
  text
    .toLocaleLowerCase('en-GB')
    .normalize('NFD')
    .replaceAll(/[^\p{L} ]/gu, '')

/** Of the ways to write a name, one in small letters is read with less effort. */
const shoutedLast = (a: Member, b: Member): number => Number(isShouted(a)) - Number(isShouted(b))

function isShouted({ patient }: Member): boolean {
  const { family = '', given = [] } = patient.name?.find(usable) ?? {}
  const written = `${family}${given.join('')}`
  return written === written.toLocaleUpperCase('en-GB')
}

const usable = (name: HumanName): boolean => name.use !== 'old' && name.use !== 'maiden'

/** NHS number verification status 05: the trace needs to be resolved (UKCore-NHSNumberVerificationStatusEngland). */
const inConflict = {
  url: systems.nhsNumberVerificationExtension,
  valueCodeableConcept: { coding: [{ system: systems.nhsNumberVerification, code: '05' }] },
}

/** Whether a golden Person's number is in conflict with another's. */
export const isQuarantined = (person: Person): boolean =>
  (person.identifier ?? []).some((identifier) =>
    identifier.extension?.some((each) => each.valueCodeableConcept?.coding?.[0]?.code === '05'),
  )

function identifiers(members: readonly Member[], quarantined: boolean): Identifier[] {
  const current = members.find((member) => member.demographics.nhsNumber !== undefined)?.demographics.nhsNumber
  const old = new Set(members.flatMap((member) => member.demographics.supersededNumbers))
  for (const member of members)
    if (member.demographics.nhsNumber !== undefined && member.demographics.nhsNumber !== current)
      old.add(member.demographics.nhsNumber)
  if (current !== undefined) old.delete(current)
  return [
    ...(current === undefined
      ? []
      : [
          {
            use: 'official' as const,
            ...(quarantined ? { extension: [inConflict] } : {}),
            system: systems.nhsNumber,
            value: current,
          },
        ]),
    ...[...old].map((value) => ({ use: 'old' as const, system: systems.nhsNumber, value })),
  ]
}

/**
 * The golden record of some Patients: each field as most of the trusted sources have it. Sources are only read.
 * `replacedBy` and `replaces` are ids of other golden Persons after a merge.
 */
export function goldenPerson(id: string, members: readonly Member[], merge: Standing = {}): Person {
  const sorted = [...members].sort(byTrust)
  const linked = links(sorted, merge)
  const first = <T>(pick: (patient: Patient) => T | undefined): T | undefined => agreed(sorted, pick)
  const numbers = identifiers(sorted, merge.quarantined === true)
  const names = agreed(sorted.toSorted(shoutedLast), commonName, soundOf)
  const telecom = first((patient) => patient.telecom)
  const gender = first((patient) => patient.gender)
  const birthDate = first((patient) => patient.birthDate)
  const address = first((patient) => patient.address?.filter((each) => each.use !== 'old').slice(0, 1))
  return {
    resourceType: 'Person',
    id,
    meta: { tag: [goldenTag] },
    ...(numbers.length > 0 ? { identifier: numbers } : {}),
    ...(names !== undefined && names.length > 0 ? { name: names } : {}),
    ...(telecom !== undefined && telecom.length > 0 ? { telecom } : {}),
    ...(gender === undefined ? {} : { gender }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(address !== undefined && address.length > 0 ? { address } : {}),
    active: members.length > 0 && merge.replacedBy === undefined,
    ...(linked.length > 0 ? { link: linked } : {}),
  }
}

function links(
  sorted: readonly Member[],
  merge: { readonly replacedBy?: string; readonly replaces?: readonly string[] },
) {
  const patients = sorted.map((member) => ({
    target: { reference: `Patient/${member.id}` },
    assurance: member.demographics.nhsNumber === undefined ? ('level2' as const) : ('level3' as const),
  }))
  // An inactive Person leads to the one that replaced it: one without Patients must not seem to lead to those it replaced.
  const replaces = sorted.length === 0 ? [] : (merge.replaces ?? [])
  const persons = [...(merge.replacedBy === undefined ? [] : [merge.replacedBy]), ...replaces]
  return [...patients, ...persons.map((person) => ({ target: { reference: `Person/${person}` } }))]
}
