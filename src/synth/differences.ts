import type { HumanName, Identifier, Patient } from 'fhir/r4.js'
import { systems } from '../kernel/fhir/systems.ts'
import type { MadePerson } from './made-people.ts'

/** What the person index should do with a record. */
export type Outcome = 'new' | 'link' | 'quarantine' | 'review'

/** One way in which a source differs from the truth, and what the index should make of it. */
export interface Difference {
  readonly name: string
  readonly outcome: Outcome
  readonly record: (person: MadePerson) => Details
}

/** The parts of a Patient that say who it is. */
export type Details = Pick<Patient, 'identifier' | 'name' | 'gender' | 'birthDate' | 'address' | 'multipleBirthInteger'>

const number = (value: string, more: Partial<Identifier> = {}): Identifier => ({
  system: systems.nhsNumber,
  value,
  ...more,
})

/** The person exactly as they are. */
export const truth = (person: MadePerson): Details => ({
  identifier: [number(person.nhsNumber)],
  name: [{ use: 'official', family: person.family, given: [...person.given] }],
  gender: person.gender,
  birthDate: person.birthDate,
  address: [{ use: 'home', line: [person.line], city: 'Leeds', postalCode: person.postcode }],
  ...(person.birthOrder === undefined ? {} : { multipleBirthInteger: person.birthOrder }),
})

const named = (person: MadePerson, name: HumanName): Details => ({ ...truth(person), name: [name] })

const without = (details: Details, ...keys: readonly (keyof Details)[]): Details =>
  Object.fromEntries(Object.entries(details).filter(([key]) => !keys.some((each) => each === key)))

const noNumber = (person: MadePerson): Details => without(truth(person), 'identifier')

const moved = (person: MadePerson): Details['address'] => [
  { line: ['1 New Road'], postalCode: `BD${1 + (person.index % 20)} 1${person.postcode.slice(-2)}` },
]

const plain = (text: string): string => text.normalize('NFD').replace(/[^A-Za-z]/g, '')

/** One letter doubled: sounds the same. */
const mistyped = (text: string): string => text.replace(/([lnrst])/i, '$1$1')

const otherFamily = 'Featherstone'

/** Ways that do not stop the index: most records of real feeds. */
export const harmless: readonly Difference[] = [
  { name: 'as it is', outcome: 'link', record: truth },
  {
    name: 'capitals, spaced number, closed postcode',
    outcome: 'link',
    record: (person) => ({
      ...truth(person),
      identifier: [number(person.nhsNumber.replace(/^(...)(...)/, '$1 $2 '))],
      name: [{ family: plain(person.family).toUpperCase(), given: [(person.given[0] ?? '').toUpperCase()] }],
      address: [
        { text: `${person.line.toUpperCase()}, LEEDS`, postalCode: person.postcode.replace(' ', '').toLowerCase() },
      ],
    }),
  },
  {
    name: 'short form of the name',
    outcome: 'link',
    record: (person) => named(person, { family: person.family, given: [person.shortForm] }),
  },
  {
    name: 'family name mistyped',
    outcome: 'link',
    record: (person) => named(person, { family: mistyped(person.family), given: [...person.given] }),
  },
  {
    name: 'name as one text',
    outcome: 'link',
    record: (person) => named(person, { text: `${person.given[0]} ${person.family}` }),
  },
  { name: 'moved', outcome: 'link', record: (person) => ({ ...truth(person), address: moved(person) ?? [] }) },
  { name: 'no address, no gender', outcome: 'link', record: (person) => without(truth(person), 'address', 'gender') },
]

/** Ways that ask something of the index. Each is met in one source only. */
export const hard: readonly Difference[] = [
  { name: 'no number, all else the same', outcome: 'link', record: noNumber },
  {
    name: 'number with a wrong digit, all else the same',
    outcome: 'link',
    record: (person) => ({
      ...truth(person),
      identifier: [number(person.nhsNumber.slice(0, 9) + ((Number(person.nhsNumber[9]) + 1) % 10))],
    }),
  },
  {
    name: 'another family name since marriage, with the number',
    outcome: 'link',
    record: (person) => named(person, { family: otherFamily, given: [...person.given] }),
  },
  {
    name: 'an old number that the surgery lists as old',
    outcome: 'link',
    record: (person) => ({ ...truth(person), identifier: [number(person.otherNumber)] }),
  },
  {
    name: 'an old number and the new one',
    outcome: 'link',
    record: (person) => ({
      ...truth(person),
      identifier: [number(person.otherNumber, { use: 'old' }), number(person.nhsNumber)],
    }),
  },
  {
    name: 'another number, not known to be old',
    outcome: 'review',
    record: (person) => ({ ...truth(person), identifier: [number(person.otherNumber)] }),
  },
  {
    name: 'wrong birth date',
    outcome: 'quarantine',
    record: (person) => ({ ...truth(person), birthDate: wrongDay(person.birthDate) }),
  },
  {
    name: 'birth date of another year',
    outcome: 'quarantine',
    record: (person) => ({ ...truth(person), birthDate: wrongYear(person.birthDate) }),
  },
  {
    name: '1 January for a birth date',
    outcome: 'review',
    record: (person) => ({ ...truth(person), birthDate: `${person.birthDate.slice(0, 4)}-01-01` }),
  },
  {
    name: 'another person’s name with this number',
    outcome: 'review',
    record: (person) => named(person, { family: otherFamily, given: ['Zora'] }),
  },
  {
    name: 'no number and moved',
    outcome: 'review',
    record: (person) => ({ ...noNumber(person), address: moved(person) ?? [] }),
  },
  {
    name: 'no number, short form of the name',
    outcome: 'review',
    record: (person) => ({ ...noNumber(person), name: [{ family: person.family, given: [person.shortForm] }] }),
  },
  {
    name: 'no number, another family name at the same address',
    outcome: 'review',
    record: (person) => ({ ...noNumber(person), name: [{ family: otherFamily, given: [...person.given] }] }),
  },
  {
    name: 'no number, one digit of the birth date wrong',
    outcome: 'review',
    record: (person) => ({ ...noNumber(person), birthDate: wrongDay(person.birthDate) }),
  },
  {
    name: 'no number, no fixed home',
    outcome: 'review',
    record: (person) => ({ ...noNumber(person), address: [{ postalCode: 'ZZ99 3VZ' }] }),
  },
  {
    name: 'no number, initial only',
    outcome: 'review',
    record: (person) => ({
      ...noNumber(person),
      name: [{ family: person.family, given: [(person.given[0] ?? '').slice(0, 1)] }],
    }),
  },
]

/** What the surgery writes of someone whose number was changed. */
export const withOldNumber = (person: MadePerson): Details => ({
  ...truth(person),
  identifier: [number(person.nhsNumber), number(person.otherNumber, { use: 'old' })],
})

/** A baby's record from before the name was given, without number or order of birth. */
export const unnamedTwin: Difference = {
  name: 'a twin before the name was given',
  outcome: 'review',
  record: (person) =>
    without(
      { ...truth(person), name: [{ family: person.family, given: ['Baby'] }] },
      'identifier',
      'multipleBirthInteger',
    ),
}

/** The last digit changed, and still a real day. */
function wrongDay(birthDate: string): string {
  const days = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => birthDate.slice(0, -1) + digit)
  const real = days.find((day) => day !== birthDate && isRealDay(day))
  if (real === undefined) throw new Error('Every day has a neighbour')
  return real
}

function isRealDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number)
  return day > 1 && day <= new Temporal.PlainYearMonth(year, month).daysInMonth
}

const wrongYear = (birthDate: string): string => String(Number(birthDate.slice(0, 4)) + 9) + birthDate.slice(4)
