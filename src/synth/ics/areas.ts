import type { Extension, Location } from 'fhir/r4.js'

/** A small area where people live. Codes have the shape of an LSOA's and were never issued. */
export interface Area {
  readonly code: string
  readonly name: string
  readonly town: string
  /** First half of its postcodes. The postcode area LV is not in use. */
  readonly outward: string
  /** National deprivation decile; 1 is the most deprived. */
  readonly decile: number
  readonly east: number
  readonly north: number
  /** ODS code of the council. */
  readonly council: string
}

const towns = [
  { name: 'Calderwick', council: '9ZZ', east: 0, north: 1, spread: 3 },
  { name: 'Hillfoot', council: '9ZZ', east: -6, north: 5, spread: 2.5 },
  { name: 'Ferrybridge East', council: '9ZX', east: 9, north: -4, spread: 2.5 },
] as const

/** Twenty small areas in each town, every decile twice in each, so that a tenth of the people live in each tenth. */
export const areas: readonly Area[] = towns.flatMap((town, t) =>
  Array.from({ length: 20 }, (_, n): Area => {
    const angle = (n * 137.5 * Math.PI) / 180
    const radius = town.spread * Math.sqrt((n + 0.5) / 20)
    return {
      code: `E019${t + 1}${String(n + 1).padStart(4, '0')}`,
      name: `${town.name} ${String(n + 1).padStart(3, '0')}`,
      town: town.name,
      outward: `LV${t * 10 + 1 + Math.floor(n / 2)}`,
      decile: ((n * 3) % 10) + 1,
      east: town.east + radius * Math.cos(angle),
      north: town.north + radius * Math.sin(angle),
      council: town.council,
    }
  }),
)

/** Where the kilometres are counted from: a point in the Yorkshire countryside. */
const middle = { latitude: 53.9, longitude: -1.7 }

export const position = (point: { readonly east: number; readonly north: number }) => ({
  latitude: Math.round((middle.latitude + point.north / 111.2) * 1e4) / 1e4,
  longitude: Math.round((middle.longitude + point.east / 65.5) * 1e4) / 1e4,
})

/** Extension of an address: small area, deprivation decile. R4's own `geolocation` says where it is. */
const areaExtensionUrl = 'https://linchpin.example/fhir/StructureDefinition/small-area'

export const areaExtensions = (area: Area, point: { east: number; north: number }): Extension[] => {
  const { latitude, longitude } = position(point)
  return [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/geolocation',
      extension: [
        { url: 'latitude', valueDecimal: latitude },
        { url: 'longitude', valueDecimal: longitude },
      ],
    },
    {
      url: areaExtensionUrl,
      extension: [
        { url: 'code', valueCode: area.code },
        { url: 'deprivationDecile', valueInteger: area.decile },
      ],
    },
  ]
}

/** The small areas as places, for maps. */
export const areaLocations = (): readonly Location[] =>
  areas.map((area) => ({
    resourceType: 'Location',
    id: `ics-area-${area.code.toLowerCase()}`,
    identifier: [{ system: 'https://linchpin.example/fhir/small-area', value: area.code }],
    extension: [{ url: areaExtensionUrl, extension: [{ url: 'deprivationDecile', valueInteger: area.decile }] }],
    status: 'active',
    name: area.name,
    mode: 'instance',
    type: [{ text: 'Small area (shape of an LSOA)' }],
    position: position(area),
  }))
