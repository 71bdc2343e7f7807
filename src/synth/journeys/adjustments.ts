import type { Flag } from 'fhir/r4.js'
import type { Feed } from './feed.ts'
import { adjustment } from './plans.ts'

/** Several reasonable adjustments that one person arranged on one day. */
export const adjustmentsOf = (feed: Feed, who: string, ago: number, texts: readonly string[]): readonly Flag[] =>
  texts.map((text, index) => adjustment(feed, `adjustment-${index + 1}`, text, { ago, by: who }))
