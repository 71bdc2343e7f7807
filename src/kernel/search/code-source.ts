import { problem } from '../../base/problem.ts'
import type { Terminology } from '../terminology/terminology.ts'

/** What search asks of terminology. What cannot be answered is a problem, never an empty answer. */
export type CodeSource = Pick<Terminology, 'codesIn' | 'codesBelow' | 'codesAbove'>

const refuse = (): Promise<never> =>
  Promise.reject(problem('invalid', 'This server has no terminology to answer that with', { expression: ':in' }))

/** Answers nothing, loudly: for searches that are made without a terminology. */
export const noCodes: CodeSource = { codesIn: refuse, codesBelow: refuse, codesAbove: refuse }
