import { madeNhsNumbers } from './nhs-numbers.ts'
import { type Random, randomFrom } from './random.ts'

/** A person who does not exist, as they really are: sources differ from this each in their own way. */
export interface MadePerson {
  /** Place in the set, from 0. */
  readonly index: number
  readonly family: string
  readonly given: readonly string[]
  /** What friends call them. */
  readonly shortForm: string
  readonly gender: 'female' | 'male'
  readonly birthDate: string
  readonly line: string
  readonly postcode: string
  readonly nhsNumber: string
  /** A valid number nobody else in the set has. */
  readonly otherNumber: string
  /** 1 or 2 for a twin. */
  readonly birthOrder?: number
}

const families = [
  'Abbott',
  'Ahmed',
  'Bailey',
  'Baptiste',
  'Bennett',
  'Campbell',
  'Chaudhry',
  'Cooper',
  'Davies',
  'Douglas',
  'Edwards',
  'Eze',
  'Fitzgerald',
  'Fletcher',
  'Gallagher',
  'Gill',
  'Harrison',
  'Hussain',
  'Ibrahim',
  'Jackson',
  'Jankowski',
  'Kaur',
  'Kelly',
  'Kociński',
  'Lambert',
  'Lewis',
  'MacDonald',
  'Mbeki',
  'Morgan',
  'Nguyen',
  'Nowak',
  "O'Brien",
  "O'Reilly",
  'Okonkwo',
  'Patterson',
  'Pereira',
  'Quinn',
  'Rahman',
  'Richardson',
  'Robinson',
  'Saunders',
  'Singh',
  'Smith-Jones',
  'Taylor',
  'Tomlinson',
  'Underwood',
  'Varga',
  'Walker',
  'Whittaker',
  'Zieliński',
] as const

/** A given name and its short form. */
type GivenName = readonly [full: string, short: string]

const women: readonly GivenName[] = [
  ['Elizabeth', 'Beth'],
  ['Margaret', 'Peggy'],
  ['Catherine', 'Kate'],
  ['Dorothy', 'Dot'],
  ['Sarah', 'Sally'],
  ['Eleanor', 'Nell'],
  ['Mary', 'Molly'],
  ['Patricia', 'Trish'],
  ['Christina', 'Tina'],
  ['Antonia', 'Toni'],
]

const men: readonly GivenName[] = [
  ['William', 'Bill'],
  ['Robert', 'Bob'],
  ['Richard', 'Dick'],
  ['James', 'Jim'],
  ['Henry', 'Harry'],
  ['John', 'Jack'],
  ['Edward', 'Ted'],
  ['Anthony', 'Tony'],
  ['Alexander', 'Sandy'],
  ['Michael', 'Mick'],
]

const second = ['Ann', 'Grace', 'Jean', 'Rose', 'Lee', 'Paul', 'Kim', 'Rhys', 'Noor', 'Dale'] as const
const streets = [
  'Albion Street',
  'Beech Road',
  'Canal Walk',
  'Dale View',
  'Elm Grove',
  'Ford Lane',
  'Garden Place',
] as const
const inward = 'ABDEFGHJLNPQRSTUWXYZ'

/** People born on different days at different addresses; the last `twinPairs` pairs are twins of one address. */
export function madePeople(count: number, twinPairs: number, seed: number): readonly MadePerson[] {
  const random = randomFrom(seed)
  const numbers = madeNhsNumbers(count * 2, 100_000)
  const people: MadePerson[] = []
  for (let index = 0; index < count; index++) {
    const own = { index, nhsNumber: numbers[index] ?? '', otherNumber: numbers[count + index] ?? '' }
    const fromEnd = count - index
    const before = people.at(-1)
    const secondTwin = fromEnd <= twinPairs * 2 && fromEnd % 2 === 1 && before !== undefined
    const made = { ...madePerson(random, index), ...own }
    if (secondTwin) people.push({ ...twinOf(before, made), birthOrder: 2 })
    else people.push(fromEnd <= twinPairs * 2 ? { ...made, birthOrder: 1 } : made)
  }
  return people
}

function madePerson(random: Random, index: number): Omit<MadePerson, 'nhsNumber' | 'otherNumber'> {
  const gender = random.pick(['female', 'male'] as const)
  const [first, shortForm] = random.pick(gender === 'female' ? women : men)
  // Steps of 97 days from 1931, so that no two are equal; the first of a month and the 29 February would get in the way.
  const born = Temporal.PlainDate.from('1931-02-05').add({ days: index * 97 + random.below(40) })
  const birthDate = (born.day === 1 || born.day > 28 ? born.with({ day: 17 }) : born).toString()
  const unit = `${inward[index % 20]}${inward[Math.floor(index / 20) % 20]}`
  return {
    index,
    family: random.pick(families),
    given: [first, random.pick(second)],
    shortForm,
    gender,
    birthDate,
    line: `${1 + random.below(98)} ${random.pick(streets)}`,
    postcode: `LS${1 + random.below(28)} ${random.below(10)}${unit}`,
  }
}

/** A brother or sister born the same day: another given name, all else the same. */
function twinOf(first: MadePerson, made: MadePerson): MadePerson {
  const names = first.gender === 'female' ? men : women
  const [given, shortForm] = names[made.index % names.length] ?? ['Alex', 'Al']
  const { family, birthDate, line, postcode } = first
  return {
    ...made,
    family,
    birthDate,
    line,
    postcode,
    gender: first.gender === 'female' ? 'male' : 'female',
    given: [given],
    shortForm,
  }
}
