/** One code of a code system. */
export interface Coding {
  readonly system: string
  readonly code: string
}

/** Whether a code is in a value set; `not-checked` where something that would tell is not here. */
export type Membership = 'yes' | 'no' | 'not-checked'

/** What the rest of the kernel asks of terminology. What cannot be answered is a problem, never an empty answer. */
export interface Terminology {
  /** All codes of a value set, by its canonical URL (`url` or `url|version`). */
  codesIn(valueSet: string): Promise<readonly Coding[]>
  /** The code itself and every code that it subsumes. */
  codesBelow(coding: Coding): Promise<readonly Coding[]>
  /** The code itself and every code that subsumes it. */
  codesAbove(coding: Coding): Promise<readonly Coding[]>
  /**
   * Whether a code is in a value set; without a system, whether any system of the set has it. Answered at once, without a
   * promise, once the set is compiled and all of it is in memory; call `refresh` first, once for a whole batch.
   */
  isMember(
    valueSet: string,
    coding: { readonly system?: string; readonly code: string },
  ): Membership | Promise<Membership>
  /** Notices what was stored or loaded since, in any server process: one short statement. */
  refresh(): Promise<void>
}
