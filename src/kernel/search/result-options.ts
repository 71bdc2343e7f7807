import { problem } from '../../base/problem.ts'
import { type SortKey, sortKeysOf } from './sort.ts'

export const totalModes = ['none', 'estimate', 'accurate'] as const
export const summaryModes = ['true', 'text', 'data', 'count', 'false'] as const

/** How the answer to a search should look, whatever it searches for. */
export interface ResultOptions {
  readonly count: number
  readonly total: (typeof totalModes)[number]
  readonly summary: (typeof summaryModes)[number]
  /** Elements to keep; all when empty. */
  readonly elements: readonly string[]
  readonly sort: readonly SortKey[]
  /** A sealed place to go on from. */
  readonly cursor?: string
}

/** What a search that asks for nothing special gets. */
export const usualOptions: ResultOptions = {
  count: 50,
  total: 'none',
  summary: 'false',
  elements: [],
  sort: [],
}

/** Decoders of the parameters that say how the answer should look (R4 search, managing returned resources), by name. */
export const resultParameters: Readonly<Record<string, (value: string, type: string) => Partial<ResultOptions>>> = {
  _count: (value) => ({ count: countOf(value) }),
  _total: (value) => ({ total: oneOf('_total', totalModes, value) }),
  _summary: (value) => ({ summary: oneOf('_summary', summaryModes, value) }),
  _elements: (value) => ({ elements: value.split(',').filter((each) => each !== '') }),
  _sort: (value, type) => ({ sort: sortKeysOf(type, value) }),
  _cursor: (value) => ({ cursor: value }),
  // What a contained resource says is found through the one that contains it; there is nothing else to choose.
  _contained: (value) => (oneOf('_contained', ['false'], value), {}),
}

/** Parameters of every FHIR request that say nothing about a search. */
export const transportParameters: ReadonlySet<string> = new Set(['_format', '_pretty', '__explain'])

/** Most resources on one page. */
export const mostCount = 1000

function countOf(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw problem('invalid', '_count must be a whole number', { expression: '_count' })
  return Math.min(Number(value), mostCount)
}

function oneOf<T extends string>(name: string, allowed: readonly T[], value: string): T {
  const found = allowed.find((each) => each === value)
  if (found === undefined)
    throw problem('invalid', `${name} must be one of ${allowed.join(', ')}`, { expression: name })
  return found
}
