import type { Encounter, Extension, FhirResource, ServiceRequest } from 'fhir/r4.js'
import { coded } from '../codes.ts'
import { type ConditionName, longTerm } from '../lives/conditions.ts'
import type { Written } from '../lives/life.ts'
import { dm01 } from '../lives/test-order.ts'
import { type DefectKind, defectKinds, defectSystem } from '../people/defects.ts'
import type { SynthSettings } from '../settings.ts'
import { addCare, type CareTally, careTally } from './care-tally.ts'

/** A share as what it is made of. */
export interface Share {
  part: number
  whole: number
}

/** What is counted while a system is made: enough for every figure of the portrait, and no resource kept. */
export interface Tally {
  readonly settings: SynthSettings
  people: number
  deaths: number
  births: number
  resources: number
  bytes: number
  /** Living people by sex and ten-year age band. */
  readonly pyramid: Record<'female' | 'male', number[]>
  readonly deciles: number[]
  readonly ethnicities: Map<string, number>
  readonly conditions: Map<ConditionName, number>
  readonly types: Map<string, number>
  readonly sources: Map<string, number>
  readonly defects: Map<DefectKind, number>
  readonly patients: { practice: number; other: number }
  readonly care: CareTally
}

export const newTally = (settings: SynthSettings): Tally => ({
  settings,
  people: 0,
  deaths: 0,
  births: 0,
  resources: 0,
  bytes: 0,
  pyramid: { female: Array.from({ length: 10 }, () => 0), male: Array.from({ length: 10 }, () => 0) },
  deciles: Array.from({ length: 10 }, () => 0),
  ethnicities: new Map(),
  conditions: new Map(),
  types: new Map(),
  sources: new Map(),
  defects: new Map(),
  patients: { practice: 0, other: 0 },
  care: careTally(),
})

const bump = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1)

export const minutesOf = (text: string | undefined): number => Math.round(Date.parse(text ?? '') / 60_000)

export const extensionOf = (
  resource: { readonly extension?: Extension[] | undefined },
  name: string,
): Extension | undefined => resource.extension?.find(({ url }) => url.endsWith(`/${name}`))

const nameOfText = new Map(longTerm.map(({ name, code }) => [coded(code).text ?? '', name]))

/** Counts what was written about the people of one block. */
export function addToTally(tally: Tally, written: readonly Written[]): void {
  const hypertensive = new Set(
    written.flatMap(({ resource }) => (isHypertension(resource) ? [personOf(resource)] : [])),
  )
  for (const { source, resource } of written) {
    tally.resources += 1
    tally.bytes += JSON.stringify(resource).length
    bump(tally.types, resource.resourceType)
    bump(tally.sources, source)
    for (const kind of marks(resource)) bump(tally.defects, kind)
    if (resource.resourceType === 'Patient') addPatient(tally, resource)
    else if (
      resource.resourceType === 'Condition' &&
      resource.category?.[0]?.coding?.[0]?.code === 'problem-list-item'
    ) {
      const name = nameOfText.get(resource.code?.text ?? '')
      if (name !== undefined) bump(tally.conditions, name)
    }
    addCare(tally, resource, hypertensive.has(personOf(resource)))
  }
}

/** Key of the person in an id: `s1-42` of `s1-42-review-0`. */
const personOf = ({ id = '' }: FhirResource): string => id.split('-').slice(0, 2).join('-')

const isHypertension = (resource: FhirResource): boolean =>
  resource.resourceType === 'Condition' && resource.code?.text === 'Hypertension'

function marks(resource: FhirResource): readonly DefectKind[] {
  const codes = (resource.meta?.tag ?? []).filter(({ system }) => system === defectSystem).map(({ code }) => code)
  return defectKinds.filter((kind) => codes.includes(kind))
}

const yearMinutes = 365.2425 * 1440

function addPatient(tally: Tally, patient: Extract<FhirResource, { resourceType: 'Patient' }>): void {
  if (patient.generalPractitioner === undefined) {
    tally.patients.other += 1
    return
  }
  tally.patients.practice += 1
  tally.people += 1
  if (minutesOf(patient.birthDate) >= tally.settings.from * 1440) tally.births += 1
  if (patient.deceasedDateTime !== undefined) {
    tally.deaths += 1
    return
  }
  const age = (tally.settings.until - minutesOf(patient.birthDate)) / yearMinutes
  const bars = tally.pyramid[patient.gender === 'male' ? 'male' : 'female']
  const band = Math.min(9, Math.floor(age / 10))
  bars[band] = (bars[band] ?? 0) + 1
  const area = patient.address?.[0]?.extension?.find(({ url }) => url.endsWith('/small-area'))
  const decile = area?.extension?.find(({ url }) => url === 'deprivationDecile')?.valueInteger ?? 1
  tally.deciles[decile - 1] = (tally.deciles[decile - 1] ?? 0) + 1
  const ethnic = extensionOf(patient, 'Extension-UKCore-EthnicCategory')?.valueCodeableConcept?.coding?.[0]
  bump(tally.ethnicities, ethnic?.display ?? 'Unknown')
}

export const share = (): Share => ({ part: 0, whole: 0 })
export const count = (into: Share, yes: boolean): void => {
  into.whole += 1
  if (yes) into.part += 1
}

export const typeOf = (encounter: Encounter): string => encounter.type?.[0]?.text ?? ''

const dm01Names: readonly string[] = [...new Set(Object.values(dm01))]
export const isDm01 = (request: ServiceRequest): boolean =>
  (request.category ?? []).some(({ text = '' }) => dm01Names.includes(text))
