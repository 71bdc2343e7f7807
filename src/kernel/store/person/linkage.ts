/** What the index compares: the identity a source's Patient claims. Made by `demographics` in rules.ts. */
export interface Demographics {
  /** Valid current NHS number, ten digits; absent when there is none or it fails its check digit. */
  readonly nhsNumber?: string
  /** NHS number verification status, `01` to `08`. */
  readonly verification?: string
  /** Numbers the person had before (use `old` or period ended). */
  readonly supersededNumbers: readonly string[]
  /** As sent; compared through normal forms. */
  readonly family?: string
  readonly given: readonly string[]
  readonly previousFamilies: readonly string[]
  /** `YYYY-MM-DD`, or shorter when the source knows no more. */
  readonly birthDate?: string
  readonly gender?: string
  /** Upper case, one space: `LS1 4AP`. */
  readonly postcode?: string
  readonly addressLine?: string
  readonly multipleBirth: boolean
  readonly birthOrder?: number
}

/** A person the incoming record may be of, with the demographics of every Patient already linked to them. */
export interface Candidate {
  /** Id of the golden Person. */
  readonly person: string
  readonly records: readonly Demographics[]
}

/** How a field of two records compares, in the words of the review page. */
export interface FieldDifference {
  readonly field: string
  readonly a: string
  readonly b: string
  readonly match: string
}

/** What the index does with an incoming Patient. `because` is a plain sentence kept with the decision. */
export type LinkDecision =
  | { readonly kind: 'link'; readonly person: string; readonly because: string }
  | { readonly kind: 'new'; readonly because: string }
  /** Stored apart; the two cannot be linked before the source mends its data. */
  | { readonly kind: 'quarantine'; readonly with: string; readonly because: string }
  /** Stored apart; a human decides. */
  | { readonly kind: 'review'; readonly candidates: readonly string[]; readonly because: string }

/** A key under which the index finds candidates. */
export interface MatchKey {
  readonly kind: 'nhs-number' | 'demographics' | 'block'
  readonly text: string
}
