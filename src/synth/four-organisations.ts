import type { Patient } from 'fhir/r4.js'
import { systems } from '../kernel/fhir/systems.ts'
import type { Setting } from '../kernel/store/record.ts'
import {
  type Details,
  type Difference,
  hard,
  harmless,
  type Outcome,
  truth,
  unnamedTwin,
  withOldNumber,
} from './differences.ts'
import { type MadePerson, madePeople } from './made-people.ts'
import { type Random, randomFrom } from './random.ts'

/** What should become of one record when the sources come in the order given. */
export interface ExpectedRecord {
  readonly ods: string
  /** Id of the Patient. */
  readonly patient: string
  /** Place of the person in the set: all linked records of one person, and the new one, must share a golden Person. */
  readonly person: number
  readonly outcome: Outcome
  /** How the record differs from the truth. */
  readonly difference: string
}

/** Four organisations that hold the same people, each with its own mistakes. */
export interface FourOrganisations {
  /** In the order in which they must come in for `expected` to hold: the surgery first. */
  readonly sources: readonly {
    readonly ods: string
    /** What the source is called. */
    readonly name: string
    readonly setting: Setting
    readonly patients: readonly Patient[]
  }[]
  readonly expected: readonly ExpectedRecord[]
}

const surgery = 'Z99811'
const later = ['ZT8', 'ZC8', '9ZY'] as const
/** What the four are called, and what kind of place they are. */
const calledByOds: Readonly<Record<string, { readonly name: string; readonly setting: Setting }>> = {
  Z99811: { name: 'Mill Lane Surgery', setting: 'general-practice' },
  ZT8: { name: 'Valley General Hospital', setting: 'hospital' },
  ZC8: { name: 'Valley Community Services', setting: 'community' },
  '9ZY': { name: 'Valley Council adult social care', setting: 'social-care' },
}
const people = 200
const twinPairs = 6

/** Two hundred people in four organisations with the differences that real feeds have. The same for the same seed. */
export function fourOrganisations(seed: number): FourOrganisations {
  const random = randomFrom(seed)
  const records = madePeople(people, twinPairs, seed).flatMap((person) => recordsOf(person, random))
  return {
    sources: [surgery, ...later].map((ods) => ({
      ods,
      name: calledByOds[ods]?.name ?? ods,
      setting: calledByOds[ods]?.setting ?? 'other',
      patients: records.filter((record) => record.expected.ods === ods).map(({ patient }) => patient),
    })),
    expected: records.map(({ expected }) => expected),
  }
}

interface MadeRecord {
  readonly patient: Patient
  readonly expected: ExpectedRecord
}

/** One record in each source: the surgery's is right, one of the others may be hard. */
function recordsOf(person: MadePerson, random: Random): readonly MadeRecord[] {
  // Every hard case comes several times; half of the people have none.
  const trouble = person.index % 2 === 0 ? hard[(person.index / 2) % hard.length] : undefined
  const troubled = random.below(later.length)
  const twin = person.birthOrder !== undefined
  const first = trouble?.name.startsWith('an old number that') === true ? withOldNumber : truth
  const own: Difference = { name: 'as it is', outcome: 'new', record: first }
  const others = later.map((ods, place) => {
    if (twin) return { ods, difference: twinDifference(person, place) }
    // A record that another source has linked already, short form and all, would make a hard case easy.
    const easy = random.pick(trouble === undefined ? harmless : harmless.slice(0, 2))
    return { ods, difference: place === troubled && trouble !== undefined ? trouble : easy }
  })
  return [{ ods: surgery, difference: own }, ...others].map(({ ods, difference }) => made(person, ods, difference))
}

/** Twins: with a number, without one but with the order of birth, and once before the name was given. */
function twinDifference(person: MadePerson, place: number): Difference {
  const [asItIs, ...rest] = harmless
  const noNumber = hard[0]
  if (asItIs === undefined || noNumber === undefined || rest.length === 0) throw new Error('A difference is missing')
  if (place === 0) return asItIs
  return place === 1 || person.birthOrder === 2 ? noNumber : unnamedTwin
}

function made(person: MadePerson, ods: string, difference: Difference): MadeRecord {
  const id = `made-${ods.toLowerCase()}-${person.index}`
  return {
    patient: patientOf(id, ods, difference.record(person)),
    expected: { ods, patient: id, person: person.index, outcome: difference.outcome, difference: difference.name },
  }
}

const patientOf = (id: string, ods: string, details: Details): Patient => ({
  resourceType: 'Patient',
  id,
  managingOrganization: { identifier: { system: systems.odsOrganisation, value: ods } },
  ...details,
})
