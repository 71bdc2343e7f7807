import type { RecordQuery } from '../kernel/record/entries.ts'
import type { WrittenEntry } from '../kernel/record/written-entries.ts'
import { dateText, dayIn, daysBetween, momentText, timeText } from '../ui/format/dates.ts'
import { describe } from './describe/describe.ts'
import type { Described } from './describe/described.ts'
import type { HandlerContext } from './page.ts'
import { sourceName } from './person-view.ts'

/** An entry beside its description, so that it is described once. */
export interface DescribedEntry {
  readonly entry: WrittenEntry
  readonly described: Described
}

export const describeAll = (entries: readonly WrittenEntry[]): readonly DescribedEntry[] =>
  entries.map((entry) => ({ entry, described: describe(entry) }))

/** Entries that were all read, or as many as a page can hold. */
export interface AllEntries {
  readonly entries: readonly WrittenEntry[]
  readonly total: number
  /** False when the record holds more than was read: the page must say so. */
  readonly complete: boolean
}

const mostPages = 5

/** Every entry that matches, page by page, up to 1,000. For lists where leaving one out in silence would harm. */
export async function readAll(ctx: HandlerContext, person: string, query: RecordQuery): Promise<AllEntries> {
  const entries: WrittenEntry[] = []
  let page = await ctx.records.readEntries(ctx, person, { ...query, limit: 200 })
  entries.push(...page.entries)
  for (let pages = 1; page.next !== undefined && pages < mostPages; pages++) {
    page = await ctx.records.readEntries(ctx, person, { ...query, limit: 200, after: page.next })
    entries.push(...page.entries)
  }
  return { entries, total: page.total, complete: page.next === undefined }
}

/** When it happened, or when it came if the source did not say. */
export const timeOf = ({ eventTime, receivedTime }: WrittenEntry): string => eventTime ?? receivedTime

/** "Received 20 Nov 2026, 17 days later": only when it came on another day than it happened, or no day was stated. */
export function receivedText({ eventTime, receivedTime }: WrittenEntry): string | undefined {
  if (eventTime === undefined) return `Date not stated. Received ${momentText(receivedTime, 'short')}`
  const days = daysBetween(eventTime, receivedTime)
  if (days === 0) return undefined
  return `Received ${momentText(receivedTime, 'short')}${days > 0 ? `, ${days} ${days === 1 ? 'day' : 'days'} later` : ''}`
}

/** Who and where: "Dr Jane Lee, City Hospital". */
export function originText(entry: WrittenEntry): string {
  const place = sourceName(entry.source)
  return entry.author === '' || entry.author === place ? place : `${entry.author}, ${place}`
}

/** Tag for what the person or a carer added, for staff. */
export const assertedWords = { person: 'Added by the person', carer: 'Added by a carer' } as const

/** Heading of the day an entry stands under. */
export const dayHeading = (entry: WrittenEntry): string => dateText(dayIn(timeOf(entry)))

/** Time of an entry, for the start of its line; nothing when the source did not say when it happened. */
export const entryTime = ({ eventTime }: WrittenEntry, clock: '12' | '24'): string =>
  eventTime === undefined ? '' : timeText(eventTime, clock)

/** Entries under the day they belong to, in the order they came. */
export function byDay<T>(
  rows: readonly T[],
  headingOf: (row: T) => string,
): readonly { heading: string; rows: readonly T[] }[] {
  const days: { heading: string; rows: T[] }[] = []
  for (const row of rows) {
    const heading = headingOf(row)
    const last = days.at(-1)
    if (last?.heading === heading) last.rows.push(row)
    else days.push({ heading, rows: [row] })
  }
  return days
}
