import { searchText, wholeSearchText } from '../search/text.ts'

const notWord = /[^\p{L}\p{N}]+/u

/** A text as the search for terms sees it: words without accents, case or punctuation. */
export const wordsOf = (text: string): readonly string[] =>
  wholeSearchText(text)
    .split(notWord)
    .filter((word) => word !== '')

/** Longest word that is kept of a term; lexemes of PostgreSQL may have 2,046 bytes. */
const longestWord = 60

/** The words of a term as they are indexed. */
export const indexedWords = (text: string): readonly string[] => [
  ...new Set(wordsOf(text).map((word) => word.slice(0, longestWord))),
]

/** What a person typed to find a term. */
export interface Wanted {
  readonly words: readonly string[]
  /** All of it, as one text. */
  readonly text: string
  /** As it was typed: may be a code. */
  readonly code: string
}

/** What a filter of an expansion looks for; nothing when it holds no letter or digit. */
export function wantedBy(filter: string): Wanted {
  const words = [...new Set(wordsOf(filter).map((word) => word.slice(0, longestWord)))]
  return { words, text: searchText(wordsOf(filter).join(' ')), code: filter.trim() }
}

/** How well a term answers: smaller is better. `length` and `text` order terms that answer equally well. */
export interface Rank {
  readonly tier: number
  readonly length: number
  readonly text: string
}

/** Tiers of a match, in the order in which people expect to see them. */
export const tiers = { code: 0, exact: 1, beginning: 2, preferred: 3, other: 4 } as const

/** How a term answers what is wanted: every wanted word begins one of its words. Undefined when it does not. */
export function rankOf(term: string, preferred: boolean, wanted: Wanted): Rank | undefined {
  const words = wordsOf(term)
  if (!wanted.words.every((each) => words.some((word) => word.startsWith(each)))) return undefined
  const text = words.join(' ')
  const tier =
    text === wanted.text
      ? tiers.exact
      : text.startsWith(wanted.text)
        ? tiers.beginning
        : preferred
          ? tiers.preferred
          : tiers.other
  return { tier, length: term.length, text }
}

/** The order in which found terms are shown. */
export const betterFirst = (a: Rank, b: Rank): number =>
  a.tier - b.tier || a.length - b.length || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)
