import type { Address, HumanName, Identifier, Patient } from 'fhir/r4.js'
import type { WrittenEntry } from '../kernel/record/written-entries.ts'
import type { PersonRecord, Source } from '../kernel/store/record.ts'
import { ageText, yearsAt } from '../ui/format/age.ts'
import { count, dateText, momentText } from '../ui/format/dates.ts'
import { staffName } from '../ui/format/names.ts'
import { isUnverified, nhsNumberOf, nhsNumberSystem, nhsNumberText } from '../ui/format/nhs-number.ts'
import type { AllergyState, PatientBannerProps } from '../ui/patient-banner.tsx'
import { describe } from './describe/describe.ts'
import type { Described } from './describe/described.ts'
import { saysNoneKnown } from './describe/problem.ts'
import { capitalised } from './describe/words.ts'

/** The facts that tell one person from another, in words. */
export interface Identity {
  readonly name: string
  readonly born: string
  readonly died?: string
  readonly gender: string
  readonly nhsNumber?: string
  readonly unverified: boolean
  /** Numbers from 999 are for made-up people. */
  readonly testPatient: boolean
  /** Address, telephone, GP and relatives must not be shown (confidentiality R or V). */
  readonly restricted: boolean
}

/** Who this is, from the golden record with what the sources add. */
export function identityOf({ person, patients }: PersonRecord, now: Temporal.Instant): Identity {
  const all = patients.map(({ patient }) => patient)
  const identifiers: Identifier[] = [...(person.identifier ?? []), ...all.flatMap(({ identifier }) => identifier ?? [])]
  const number = nhsNumberOf(person.identifier) ?? nhsNumberOf(identifiers)
  const died = diedText(person.birthDate, all)
  return {
    name: staffName(person.name ?? all.flatMap(({ name }) => name ?? [])),
    born: bornText(person.birthDate, died === undefined ? now : undefined),
    ...(died === undefined ? {} : { died }),
    gender: genderText(person.gender),
    ...(number === undefined ? {} : { nhsNumber: nhsNumberText(number) }),
    unverified: isUnverified(identifiers.filter(({ system, value }) => system === nhsNumberSystem && value === number)),
    testPatient: number?.startsWith('999') === true,
    restricted: all.some(isRestricted),
  }
}

/** "14 Mar 1951 (75 years)"; only the date for someone who has died. */
export function bornText(birthDate: string | undefined, now: Temporal.Instant | undefined): string {
  if (birthDate === undefined) return 'not known'
  const age = now === undefined ? '' : ageText(birthDate, now)
  return age === '' ? dateText(birthDate, 'short') : `${dateText(birthDate, 'short')} (${age})`
}

/** A gender code in words. */
export function genderText(gender: string | undefined): string {
  const words: Readonly<Record<string, string>> = {
    male: 'Male',
    female: 'Female',
    other: 'Other',
    unknown: 'Not known',
  }
  return words[gender ?? 'unknown'] ?? 'Not known'
}

function diedText(birthDate: string | undefined, patients: readonly Patient[]): string | undefined {
  const day = patients.map(({ deceasedDateTime }) => deceasedDateTime).find((value) => value !== undefined)
  if (day === undefined)
    return patients.some(({ deceasedBoolean }) => deceasedBoolean === true) ? 'date not known' : undefined
  const age = birthDate === undefined ? undefined : yearsAt(birthDate, day.slice(0, 10))
  return age === undefined ? dateText(day, 'short') : `${dateText(day, 'short')}, age at death ${count(age, 'year')}`
}

const isRestricted = ({ meta }: Patient): boolean =>
  (meta?.security ?? []).some(({ code }) => code === 'R' || code === 'V')

/** Banner of a record page. */
export function bannerOf(
  record: PersonRecord,
  now: Temporal.Instant,
  allergies: AllergyState,
  flags: readonly Described[],
): PatientBannerProps {
  const current = flags.filter((flag) => flag.current)
  const isAdjustment = ({ kindWord, title }: Described): boolean => /adjust/i.test(`${kindWord} ${title}`)
  return {
    ...identityOf(record, now),
    knownAs: nicknameOf(record.person.name),
    allergies,
    adjustments: unique(current.filter(isAdjustment).map(({ title }) => title)),
    alerts: unique(current.filter((flag) => !isAdjustment(flag)).map(({ title }) => title)),
    allDetails: `/work/people/${record.person.id ?? ''}/details`,
  }
}

const nicknameOf = (names: readonly HumanName[] | undefined): string | undefined => {
  const nickname = names?.find(({ use }) => use === 'nickname')
  return nickname?.given?.[0] ?? nickname?.text
}

/** What the record says about allergies. "None recorded" and "none known" are not the same. */
export function allergyStateOf(entries: readonly WrittenEntry[]): AllergyState {
  const none: string[] = []
  const listed: string[] = []
  for (const entry of entries) {
    const described = describe(entry)
    if (!described.current || entry.resource.resourceType !== 'AllergyIntolerance') continue
    if (saysNoneKnown(entry.resource)) none.push(entry.eventTime ?? entry.receivedTime)
    else listed.push(capitalised(described.title.replace(/^allergy to /i, '')))
  }
  if (listed.length > 0) return { state: 'listed', allergies: unique(listed) }
  const newest = none.sort().at(-1)
  return newest === undefined ? { state: 'not-recorded' } : { state: 'none-known', recorded: dateText(newest, 'short') }
}

/** Each text once, whatever its case, in the order met. */
export function unique(texts: readonly string[]): readonly string[] {
  const byKey = new Map(texts.map((text) => [text.toLocaleLowerCase('en-GB'), text]))
  return [...byKey.values()]
}

/** An address on one line. */
export const addressText = (address: Address): string =>
  address.text ??
  [...(address.line ?? []), address.city, address.district, address.postalCode].filter(Boolean).join(', ')

/** "Last updated 22 Nov 2026, 14:31". */
export const updatedText = ({ lastReceived }: Source): string =>
  lastReceived === undefined ? 'nothing received yet' : `last updated ${momentText(lastReceived, 'short')}`

/** A source by name; one that did not say who it is still has words. */
export const sourceName = ({ name, code }: Source): string =>
  name !== '' ? name : code !== '' ? `Organisation ${code}` : 'Source not stated'
