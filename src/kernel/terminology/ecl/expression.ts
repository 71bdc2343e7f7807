/** How a set of concepts is made from another. */
export type Relation =
  | 'self'
  | 'descendants'
  | 'descendantsOrSelf'
  | 'children'
  | 'childrenOrSelf'
  | 'ancestors'
  | 'ancestorsOrSelf'
  | 'parents'
  | 'parentsOrSelf'
  | 'members'

/** A SNOMED CT expression constraint, parsed. */
export type Expression =
  | { readonly kind: 'any' }
  | { readonly kind: 'concept'; readonly code: string }
  | { readonly kind: 'related'; readonly relation: Relation; readonly of: Expression }
  | { readonly kind: 'and' | 'or' | 'minus'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'refined'; readonly focus: Expression; readonly by: Refinement }

/** What the attributes of a concept must be. */
export type Refinement =
  | { readonly kind: 'attribute'; readonly name: Expression; readonly equal: boolean; readonly value: Expression }
  | {
      readonly kind: 'literal'
      readonly name: Expression
      readonly comparison: Comparison
      readonly value: string
      readonly isNumber: boolean
    }
  | { readonly kind: 'group'; readonly inside: Refinement }
  | { readonly kind: 'and' | 'or'; readonly left: Refinement; readonly right: Refinement }

export const comparisons = ['=', '!=', '<=', '>=', '<', '>'] as const
export type Comparison = (typeof comparisons)[number]
