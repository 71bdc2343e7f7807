import { refused } from './document.ts'

/** How values stand in an answer: always in a list, never in one, or as they come. */
export type Mode = 'list' | 'single' | 'plain'

/** Values on their way into an answer under a name. */
export interface Emission {
  readonly key: string
  readonly values: readonly unknown[]
  readonly mode: Mode
}

export const emitted = (key: string, values: readonly unknown[], mode: Mode): Emission => ({ key, values, mode })

/** The object that emissions make, in their order. What has no value is not there, as in FHIR. */
export function objectOf(emissions: readonly Emission[]): Record<string, unknown> {
  const slots = new Map<string, { readonly values: unknown[]; mode: Mode }>()
  for (const { key, values, mode } of emissions) {
    const slot = slots.get(key)
    if (slot === undefined) slots.set(key, { values: [...values], mode })
    else {
      // Asking twice for one simple value gives it once.
      const fresh =
        mode === 'plain' ? values.filter((each) => typeof each === 'object' || !slot.values.includes(each)) : values
      slot.values.push(...fresh)
    }
  }
  const answer: Record<string, unknown> = {}
  for (const [key, { values, mode }] of slots) {
    if (values.length === 0) continue
    if (mode === 'single' && values.length > 1)
      throw refused(`"${key.slice(0, 60)}" has ${values.length} values, though @singleton says it has one`)
    Object.defineProperty(answer, key, {
      value: mode === 'list' || values.length > 1 ? values : values[0],
      enumerable: true,
    })
  }
  return answer
}
