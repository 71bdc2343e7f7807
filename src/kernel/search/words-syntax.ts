import { problem } from '../../base/problem.ts'
import { wordsIn } from './words.ts'

/** What a text search asks of the words of a resource. */
export type WordQuery =
  | { readonly kind: 'word'; readonly word: string; readonly prefix: boolean }
  | { readonly kind: 'all' | 'any'; readonly of: readonly WordQuery[] }
  | { readonly kind: 'none'; readonly of: WordQuery }

/** Longest text search. */
export const longestTextSearch = 1000

/**
 * Decodes `_text` and `_content`: all words must be there, in any order; `or`, `not` and brackets combine them, `*` after
 * a word stands for any ending.
 */
export function parseWordQuery(text: string, name: string): WordQuery {
  if (text.length > longestTextSearch) throw wrong(name, `is longer than ${longestTextSearch} characters`)
  const tokens = text.match(/[()]|[^\s()]+/g) ?? []
  const parser = new Parser(tokens, name)
  const query = parser.any(0)
  parser.end()
  return query
}

/** All words of a text, each perhaps the beginning of a longer one: how `:text` of a token is asked. */
export function beginnings(text: string, name: string): WordQuery {
  const words = wordsIn(text.slice(0, longestTextSearch))
  if (words.length === 0) throw wrong(name, 'holds no word')
  return { kind: 'all', of: words.map((word) => ({ kind: 'word', word, prefix: true })) }
}

/** The query in PostgreSQL's notation, each word made by `name` what stands in the index. */
export function tsqueryOf(query: WordQuery, name: (word: string) => string): string {
  switch (query.kind) {
    case 'word':
      return `'${name(query.word).replace(/['\\]/g, '$&$&')}'${query.prefix ? ':*' : ''}`
    case 'none':
      return `!(${tsqueryOf(query.of, name)})`
    default:
      return `(${query.of.map((each) => tsqueryOf(each, name)).join(query.kind === 'all' ? ' & ' : ' | ')})`
  }
}

/** Whether words of a resource are what is asked for: the same as PostgreSQL's answer, for what it has not indexed yet. */
export function answersWords(query: WordQuery, name: (word: string) => string, words: ReadonlySet<string>): boolean {
  switch (query.kind) {
    case 'word': {
      const wanted = name(query.word)
      return query.prefix ? words.values().some((each) => each.startsWith(wanted)) : words.has(wanted)
    }
    case 'none':
      return !answersWords(query.of, name, words)
    case 'all':
      return query.of.every((each) => answersWords(each, name, words))
    case 'any':
      return query.of.some((each) => answersWords(each, name, words))
  }
}

const deepest = 20

const wrong = (name: string, why: string): Error =>
  problem('invalid', `What ${name} looks for ${why}`, { expression: name })

class Parser {
  readonly #tokens: readonly string[]
  readonly #name: string
  #at = 0

  constructor(tokens: readonly string[], name: string) {
    this.#tokens = tokens
    this.#name = name
  }

  any(depth: number): WordQuery {
    if (depth > deepest) throw wrong(this.#name, `has brackets deeper than ${deepest}`)
    const of = [this.#all(depth)]
    while (this.#takeWord('or')) of.push(this.#all(depth))
    return { kind: 'any', of }
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw wrong(this.#name, 'has brackets that do not match')
  }

  #all(depth: number): WordQuery {
    const of: WordQuery[] = []
    for (;;) {
      while (this.#takeWord('and')) continue
      const token = this.#tokens[this.#at]
      if (token === undefined || token === ')' || token.toLowerCase() === 'or') break
      of.push(this.#one(depth))
    }
    if (of.length === 0) throw wrong(this.#name, 'holds no word')
    return { kind: 'all', of }
  }

  #one(depth: number): WordQuery {
    if (this.#takeWord('not')) {
      if (this.#tokens[this.#at] === undefined) throw wrong(this.#name, 'ends after "not"')
      return { kind: 'none', of: this.#one(depth + 1) }
    }
    const token = this.#tokens[this.#at] ?? ''
    this.#at += 1
    if (token === '(') {
      const inner = this.any(depth + 1)
      if (this.#tokens[this.#at] !== ')') throw wrong(this.#name, 'has brackets that do not match')
      this.#at += 1
      return inner
    }
    const words = wordsIn(token)
    if (words.length === 0) throw wrong(this.#name, `holds "${token.slice(0, 20)}", which is no word`)
    const open = token.endsWith('*')
    return {
      kind: 'all',
      of: words.map((word, at) => ({ kind: 'word', word, prefix: open && at === words.length - 1 })),
    }
  }

  #takeWord(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false
    this.#at += 1
    return true
  }
}
