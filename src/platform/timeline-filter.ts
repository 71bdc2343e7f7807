import { type EntryQuery, type Setting, settings } from '../kernel/store/record.ts'
import { plainDate } from '../ui/format/dates.ts'
import { kindFilters } from './describe/describe.ts'

/** What a timeline is filtered by, read from its URL; anything not understood is left out. */
export interface TimelineFilter {
  readonly kinds: readonly string[]
  readonly setting: Setting | ''
  readonly source: string
  readonly author: string
  readonly from: string
  readonly to: string
  readonly order: 'newest' | 'oldest'
  readonly after: string
}

/** Settings in words. */
export const settingWords: Readonly<Record<Setting, string>> = {
  'general-practice': 'General practice',
  hospital: 'Hospital',
  community: 'Community services',
  'mental-health': 'Mental health',
  'social-care': 'Social care',
  'care-home': 'Care home',
  pharmacy: 'Pharmacy',
  ambulance: 'Ambulance',
  person: 'The person and their carers',
  other: 'Other',
}

export function filterOf(query: URLSearchParams): TimelineFilter {
  const text = (name: string): string => query.get(name) ?? ''
  const day = (name: string): string => (plainDate(text(name)) === undefined ? '' : text(name))
  return {
    kinds: query.getAll('kind').filter((kind) => kindFilters.some(({ value }) => value === kind)),
    setting: settings.find((setting) => setting === text('setting')) ?? '',
    source: text('source'),
    author: text('author'),
    from: day('from'),
    to: day('to'),
    order: text('order') === 'oldest' ? 'oldest' : 'newest',
    after: text('after'),
  }
}

/** The same as a question to the store, 50 entries at a time. */
export function entryQueryOf(filter: TimelineFilter): EntryQuery {
  const types = kindFilters.filter(({ value }) => filter.kinds.includes(value)).flatMap((kind) => kind.types)
  return {
    order: filter.order,
    limit: 50,
    ...(types.length === 0 ? {} : { types }),
    ...(filter.setting === '' ? {} : { setting: filter.setting }),
    ...(filter.source === '' ? {} : { source: filter.source }),
    ...(filter.author === '' ? {} : { author: filter.author }),
    ...(filter.from === '' ? {} : { from: filter.from }),
    ...(filter.to === '' ? {} : { to: filter.to }),
    ...(filter.after === '' ? {} : { after: filter.after }),
  }
}

/** A filter in force: its words, and the query values that put it there. */
export interface FilterInForce {
  readonly words: string
  readonly name: string
  readonly value: string
}

export function filtersInForce(
  filter: TimelineFilter,
  words: { readonly source: string; readonly author: string; readonly day: (day: string) => string },
): readonly FilterInForce[] {
  const kinds = kindFilters.filter(({ value }) => filter.kinds.includes(value))
  return [
    ...kinds.map(({ value, text }) => ({ words: text.toLowerCase(), name: 'kind', value })),
    ...(filter.setting === ''
      ? []
      : [{ words: settingWords[filter.setting].toLowerCase(), name: 'setting', value: filter.setting }]),
    ...(filter.source === '' ? [] : [{ words: words.source, name: 'source', value: filter.source }]),
    ...(filter.author === '' ? [] : [{ words: `author ${words.author}`, name: 'author', value: filter.author }]),
    ...(filter.from === '' ? [] : [{ words: `from ${words.day(filter.from)}`, name: 'from', value: filter.from }]),
    ...(filter.to === '' ? [] : [{ words: `to ${words.day(filter.to)}`, name: 'to', value: filter.to }]),
  ]
}

/** The URL of a page of this timeline with a filter taken away, back at the first page. */
export function withoutFilter(query: URLSearchParams, { name, value }: FilterInForce): URLSearchParams {
  const left = new URLSearchParams(query)
  left.delete(name, value)
  left.delete('after')
  left.delete('shown')
  return left
}
