/**
 * The make-up of the population. None of our source sheets publishes these, so they are settings with a stated default,
 * chosen near England's; the portrait shows what comes of them.
 */
export const demography = {
  /** Kinds of household, with how common each is among households. */
  households: [
    ['single-working', 17],
    ['single-older', 15],
    ['couple-working', 22],
    ['couple-older', 14],
    ['family', 19],
    ['lone-parent', 7],
    ['sharers', 5],
    ['resident', 1],
  ],
  /** Ethnic categories by code, in per cent. */
  ethnicities: [
    ['A', 71],
    ['B', 1],
    ['C', 6.5],
    ['D', 0.9],
    ['E', 0.5],
    ['F', 0.9],
    ['G', 0.8],
    ['H', 3.3],
    ['J', 3.9],
    ['K', 1.1],
    ['L', 1.7],
    ['M', 1.1],
    ['N', 2.6],
    ['P', 0.5],
    ['R', 0.8],
    ['S', 1.6],
    ['Z', 1.8],
  ],
  /** Chance that a person of a category is most at ease in another language than English, and which. */
  languages: {
    C: [0.5, 'pl'],
    H: [0.25, 'gu'],
    J: [0.35, 'ur'],
    K: [0.4, 'bn'],
    L: [0.3, 'ta'],
    N: [0.15, 'so'],
    R: [0.4, 'zh'],
    S: [0.35, 'ar'],
  },
  /** Births to a thousand women of 15 to 44, a year. */
  birthsPerThousandWomen: 52,
} as const satisfies {
  households: readonly (readonly [HouseholdKind, number])[]
  ethnicities: readonly (readonly [string, number])[]
  languages: Readonly<Record<string, readonly [number, string]>>
  birthsPerThousandWomen: number
}

export type HouseholdKind =
  | 'single-working'
  | 'single-older'
  | 'couple-working'
  | 'couple-older'
  | 'family'
  | 'lone-parent'
  | 'sharers'
  | 'resident'

export const languageNames: Readonly<Record<string, string>> = {
  en: 'English',
  pl: 'Polish',
  gu: 'Gujarati',
  ur: 'Urdu',
  bn: 'Bengali',
  ta: 'Tamil',
  so: 'Somali',
  zh: 'Chinese',
  ar: 'Arabic',
}

export const ethnicityNames: Readonly<Record<string, string>> = {
  A: 'White - British',
  B: 'White - Irish',
  C: 'White - Any other White background',
  D: 'Mixed - White and Black Caribbean',
  E: 'Mixed - White and Black African',
  F: 'Mixed - White and Asian',
  G: 'Mixed - Any other mixed background',
  H: 'Asian or Asian British - Indian',
  J: 'Asian or Asian British - Pakistani',
  K: 'Asian or Asian British - Bangladeshi',
  L: 'Asian or Asian British - Any other Asian background',
  M: 'Black or Black British - Caribbean',
  N: 'Black or Black British - African',
  P: 'Black or Black British - Any other Black background',
  R: 'Other Ethnic Groups - Chinese',
  S: 'Other Ethnic Groups - Any other ethnic group',
  Z: 'Not stated',
}
