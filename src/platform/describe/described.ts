import type { Tone } from '../../ui/tags.tsx'

/** What kind of thing an entry is, whatever its resource type. */
export type EntryKind =
  | 'result'
  | 'observation'
  | 'problem'
  | 'medicine'
  | 'allergy'
  | 'vaccination'
  | 'contact'
  | 'procedure'
  | 'document'
  | 'plan'
  | 'task'
  | 'message'
  | 'alert'
  | 'other'

export interface StatusWord {
  readonly text: string
  readonly tone: Tone
}

/** A measured or reported value. */
export interface DescribedValue {
  /** Exactly as sent: "70.50 kg". */
  readonly text: string
  /** For a chart; absent when it is not one number. */
  readonly number?: number
  /** The lower one of a pair, as in blood pressure. */
  readonly low?: number
  readonly unit: string
  readonly range?: { readonly low?: number; readonly high?: number; readonly text: string }
}

/** A resource in words that a clinician reads at a glance. */
export interface Described {
  readonly kind: EntryKind
  /** "Result". */
  readonly kindWord: string
  /** "Potassium". */
  readonly title: string
  readonly value?: DescribedValue
  readonly statuses: readonly StatusWord[]
  /** Dose, reason, note: short lines in the order they matter. */
  readonly lines: readonly string[]
  /** `system|code` of what was observed, to find more of the same. */
  readonly code?: string
  /** False when it is ended, resolved, refuted or cancelled. */
  readonly current: boolean
}

/** Title and value as one phrase: "Potassium 5.9 mmol/L". */
export const headline = ({ title, value }: Described): string =>
  value === undefined ? title : `${title} ${value.text}`
