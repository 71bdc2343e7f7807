import type { Area } from '../ics/areas.ts'
import type { Organisation } from '../ics/organisations.ts'
import type { Day } from '../london.ts'

export type Sex = 'female' | 'male'

/** Where a household lives. A care home's residents share its address and are no family. */
export interface Household {
  readonly area: Area
  readonly east: number
  readonly north: number
  readonly line: string
  readonly postcode: string
  readonly careHome?: Organisation
}

/** One synthetic person as they really are; what each organisation holds may differ. */
export interface Person {
  /** Names the person in ids: `s1-42`. */
  readonly key: string
  /** Place in the population, from 0; a child born later has the place of its mother. */
  readonly index: number
  readonly seed: number
  readonly sex: Sex
  readonly born: Day
  readonly family: string
  readonly given: string
  readonly second: string
  /** Absent for those whom the test range has no number for. */
  readonly nhsNumber?: string
  /** Code of the NHS Data Dictionary's ethnic categories. */
  readonly ethnicity: string
  /** Code of UK Core's human languages. */
  readonly language: string
  readonly home: Household
  readonly practice: Organisation
  readonly pharmacy: Organisation
  /** The others of the household. */
  readonly relatives: readonly Relative[]
  /** Set for a child born within the window. */
  readonly birth?: {
    readonly mother: string
    readonly moment: number
    readonly place: Organisation
    readonly weight: number
  }
}

/** Somebody of one's family, and what they are to one. */
export interface Relative {
  readonly key: string
  readonly relationship: 'spouse' | 'parent' | 'child'
  readonly name: { readonly given: string; readonly family: string }
  readonly sex: Sex
  readonly caresForThem: boolean
}

export const ageOn = (person: { readonly born: Day }, day: Day): number => (day - person.born) / 365.2425
