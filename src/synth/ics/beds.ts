import type { Location } from 'fhir/r4.js'
import type { SynthSettings } from '../settings.ts'
import type { Organisation } from './organisations.ts'

const ownExtension = 'https://linchpin.example/fhir/StructureDefinition'

/** Wards of an acute trust that emergencies go to, with how many of a hundred beds each has. */
export const wards = [
  { key: 'amu', name: 'Acute medical unit', beds: 25 },
  { key: 'ward-4', name: 'Ward 4', beds: 28 },
  { key: 'ward-7', name: 'Ward 7', beds: 28 },
  { key: 'frailty', name: 'Frailty unit', beds: 19 },
] as const

/** Beds for each thousand people of the system, in all; so that about nine in ten are taken. A setting. */
const bedsAThousand = 1.3
/** Virtual beds for each 100,000 people: 80 per cent of them are in use when 45 for each 100,000 adults are. */
const virtualBedsA100000 = 45

const place = (id: string, name: string, kind: string, beds: number, at: Organisation): Location => ({
  resourceType: 'Location',
  id,
  extension: [{ url: `${ownExtension}/capacity`, valueInteger: Math.max(1, Math.round(beds)) }],
  status: 'active',
  name: `${name}, ${at.name}`,
  mode: 'instance',
  type: [{ text: kind }],
  managingOrganization: { reference: `Organization/${at.id}`, display: at.name },
})

export const wardId = (at: Organisation, key: string): string => `${at.id}-${key}`

/** Where beds are, and how many: the capacity that occupancy is counted against. */
export function bedPlaces(at: Organisation, { people }: SynthSettings): readonly Location[] {
  if (at.part === 'community')
    return [place(wardId(at, 'virtual'), 'Virtual ward', 'Virtual ward', (people * virtualBedsA100000) / 100_000, at)]
  if (at.part !== 'acute') return []
  const half = (people * bedsAThousand) / 1000 / 2
  return wards.map(({ key, name, beds }) => place(wardId(at, key), name, 'Ward', (half * beds) / 100, at))
}
