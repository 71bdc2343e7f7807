import type { Setting } from '../../kernel/store/record.ts'
import { type Place, places } from '../journeys/places.ts'

/** What an organisation does in the system: decides what it may hold about a person. */
export type Part =
  | 'practice'
  | 'acute'
  | 'elective'
  | 'community'
  | 'mental-health'
  | 'ambulance'
  | 'diagnostic-centre'
  | 'pharmacy'
  | 'care-home'
  | 'home-care'
  | 'council'
  | 'supplier'
  | 'network'
  | 'board'

/** An invented organisation of the synthetic care system. Its code has the shape of an ODS code and belongs to nobody. */
export interface Organisation {
  readonly id: string
  readonly ods: string
  readonly name: string
  readonly part: Part
  readonly setting: Setting
  readonly kind: string
  /** Kilometres east and north of the middle of the system. */
  readonly east: number
  readonly north: number
  /** ODS code of what it belongs to. */
  readonly within?: string
  /** Set when the demo journeys know it too: its staff are theirs. */
  readonly place?: Place
}

type Row = readonly [ods: string, name: string, east: number, north: number, within?: string]

const many = (part: Part, setting: Setting, kind: string, rows: readonly Row[]): readonly Organisation[] =>
  rows.map(([ods, name, east, north, within]) => ({
    id: `ics-${ods.toLowerCase()}`,
    ods,
    name,
    part,
    setting,
    kind,
    east,
    north,
    ...(within === undefined ? {} : { within }),
  }))

/** A place of the demo journeys, where the personas work: the synthetic people go there as well. */
const shared = (part: Part, place: Place, east: number, north: number, within?: string): Organisation => ({
  id: `demo-${place.key}`,
  ods: place.ods,
  name: place.name,
  part,
  setting: place.setting,
  kind: place.kind,
  east,
  north,
  place,
  ...(within === undefined ? {} : { within }),
})

/** Code of the integrated care board, where the personas of the office work. */
const boardCode = 'QZZ'

const networks = many('network', 'general-practice', 'Primary care network', [
  ['U99901', 'Canalside Network', 1, 1, boardCode],
  ['U99902', 'Hillfoot Network', -6, 5, boardCode],
  ['U99903', 'Valley East Network', 9, -4, boardCode],
])

const practices = [
  shared('practice', places.surgery, 1, 0, 'U99901'),
  ...many('practice', 'general-practice', 'GP practice', [
    ['Z99802', 'Canal Street Surgery', 2, 2, 'U99901'],
    ['Z99803', 'Station Road Medical Centre', -1, 1, 'U99901'],
    ['Z99804', 'Weavers Health Centre', 3, -1, 'U99901'],
    ['Z99805', 'Hillfoot Surgery', -6, 6, 'U99902'],
    ['Z99806', 'Moor Lane Practice', -8, 4, 'U99902'],
    ['Z99807', 'Beacon Medical Practice', -5, 3, 'U99902'],
    ['Z99808', 'Riverside Surgery', -4, 7, 'U99902'],
    ['Z99809', 'Eastgate Health Centre', 8, -3, 'U99903'],
    ['Z99810', 'Orchard Family Practice', 10, -5, 'U99903'],
    ['Z99812', 'Ferry Lane Surgery', 11, -2, 'U99903'],
    ['Z99813', 'Market Place Medical Centre', 7, -6, 'U99903'],
  ]),
]

const hospitals = [
  shared('acute', places.hospital, 0, 1),
  ...many('acute', 'hospital', 'NHS trust', [['ZT7', 'Riverbank General Hospital', 9, -4]]),
  ...many('elective', 'hospital', 'Elective surgical hub', [['ZT6', 'Moorview Treatment Centre', -6, 5]]),
  ...many('elective', 'hospital', 'Independent hospital', [
    ['ZT5', 'The Larches Hospital', 4, 3],
    ['ZT4', 'Abbey View Hospital', -2, -5],
  ]),
]

const elsewhere = [
  shared('community', places.community, 1, 2),
  shared('mental-health', places.mentalHealth, -1, 0),
  shared('ambulance', places.ambulance, 0, 0),
  ...many('diagnostic-centre', 'hospital', 'Community diagnostic centre', [
    ['ZD1', 'Valley Community Diagnostic Centre', 3, 0],
  ]),
]

const pharmacies = [
  shared('pharmacy', places.pharmacy, 1, 1),
  ...many('pharmacy', 'pharmacy', 'Community pharmacy', [
    ['FZ901', 'Canalside Pharmacy', 2, 2],
    ['FZ902', 'Hillfoot Pharmacy', -6, 6],
    ['FZ903', 'Moor Lane Chemist', -8, 4],
    ['FZ904', 'Eastgate Pharmacy', 8, -3],
    ['FZ905', 'Ferry Lane Pharmacy', 11, -2],
  ]),
]

const homeNames = [
  'Ash Lodge',
  'Beech Court',
  'Cedar Grange',
  'Dale House',
  'Elm Bank',
  'Fern Hill',
  'Glebe House',
  'Holly Court',
  'Ivy Bank',
  'Juniper House',
  'Kestrel Court',
  'Larch House',
  'Maple Court',
  'Northfield',
] as const

const careHomes = [
  shared('care-home', places.careHome, 2, 1),
  ...many(
    'care-home',
    'care-home',
    'Care home',
    homeNames.map((name, at) => [`VZ9${10 + at}`, name, ((at * 7) % 21) - 9, ((at * 5) % 15) - 7]),
  ),
]

const homeCare = many(
  'home-care',
  'social-care',
  'Domiciliary care provider',
  [
    'Bright Day Care',
    'Calder Home Support',
    'Daybreak Care',
    'Evergreen at Home',
    'Fairway Care',
    'Gentle Hands',
    'Helping Hand North',
  ].map((name, at) => [`VZ8${10 + at}`, name, at * 2 - 6, 3 - at]),
)

const councils = [
  shared('council', places.council, 0, 0, boardCode),
  ...many('council', 'social-care', 'Local authority', [['9ZX', 'Valley East Council', 9, -4, boardCode]]),
]

const suppliers = many('supplier', 'other', 'Supplier of systems', [
  ['YZ901', 'Northlight Records', 0, 0],
  ['YZ902', 'Open Ward Systems', 0, 0],
  ['YZ903', 'Hearth Care Software', 0, 0],
])

const board = many('board', 'other', 'Integrated care board', [[boardCode, 'City Integrated Care Board', 0, 0]])

/** Every organisation of the synthetic integrated care system, in one place. */
export const organisations: readonly Organisation[] = [
  ...board,
  ...networks,
  ...practices,
  ...hospitals,
  ...elsewhere,
  ...pharmacies,
  ...careHomes,
  ...homeCare,
  ...councils,
  ...suppliers,
]

const byPart = new Map<Part, readonly Organisation[]>(
  [...new Set(organisations.map(({ part }) => part))].map((part) => [
    part,
    organisations.filter((each) => each.part === part),
  ]),
)

export const organisationsOf = (part: Part): readonly Organisation[] => byPart.get(part) ?? []

/** The one there is of a part, or the first. */
export function theOnly(part: Part): Organisation {
  const [found] = organisationsOf(part)
  if (found === undefined) throw new Error(`There is no ${part}`)
  return found
}

/** Straight-line kilometres. */
export const distance = (a: { east: number; north: number }, b: { east: number; north: number }): number =>
  Math.hypot(a.east - b.east, a.north - b.north)

/** The organisation of a part that is closest. */
export function nearest(part: Part, from: { readonly east: number; readonly north: number }): Organisation {
  const [first, ...others] = organisationsOf(part)
  if (first === undefined) throw new Error(`There is no ${part}`)
  return others.reduce((best, each) => (distance(each, from) < distance(best, from) ? each : best), first)
}
