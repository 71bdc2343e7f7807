import { problem } from '../../base/problem.ts'

/** One code of a code system. */
export interface Coding {
  readonly system: string
  readonly code: string
}

/** What search asks of terminology. What cannot be answered is a problem, never an empty answer. */
export interface CodeSource {
  codesIn(valueSet: string): Promise<readonly Coding[]>
  codesBelow(coding: Coding): Promise<readonly Coding[]>
  codesAbove(coding: Coding): Promise<readonly Coding[]>
}

const refuse = (): Promise<never> =>
  Promise.reject(problem('invalid', 'This server has no terminology to answer that with', { expression: ':in' }))

/** Answers nothing, loudly: for searches that are made without a terminology. */
export const noCodes: CodeSource = { codesIn: refuse, codesBelow: refuse, codesAbove: refuse }
