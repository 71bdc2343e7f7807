/** One thing that a file of a release says. Codes are resolved when it is written; what names an unknown code is left out and counted. */
export type ReleaseRow =
  | {
      readonly table: 'concept'
      readonly code: string
      readonly display: string
      readonly definition?: string
      readonly active: boolean
      readonly abstract?: boolean
    }
  | {
      readonly table: 'designation'
      readonly code: string
      readonly language: string
      readonly use: string
      readonly value: string
      readonly preferred: boolean
      /** Preferred if this key was staged. */
      readonly key?: string
    }
  | { readonly table: 'edge'; readonly child: string; readonly parent: string }
  | {
      readonly table: 'property'
      readonly code: string
      readonly property: string
      readonly kind: 'code' | 'string' | 'boolean' | 'decimal'
      readonly value: string
      readonly part?: number
    }
  | { readonly table: 'member'; readonly refset: string; readonly member: string }
  | { readonly table: 'stage'; readonly key: string }

/** One pass over one file of a release. The order of steps, and of rows in a step, is the same each time. */
export interface Step {
  readonly name: string
  readonly file: string
  rows(): AsyncIterable<readonly ReleaseRow[]>
}

/** A release as its loader understood it. */
export interface ReleasePlan {
  readonly system: string
  readonly version: string
  readonly name: string
  readonly steps: readonly Step[]
}
