import type { RecordQuery } from '../kernel/record/entries.ts'
import type { WrittenEntry } from '../kernel/record/written-entries.ts'
import { indexSystem } from '../kernel/store/person/index-rows.ts'
import { dateText, dayIn, daysBetween, groups, type MonthStyle, momentText, timeText } from '../ui/format/dates.ts'
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
  return `Received ${momentText(receivedTime, 'short')}${days > 0 ? `, ${groups(days)} ${days === 1 ? 'day' : 'days'} later` : ''}`
}

/** Who and where: "Dr Jane Lee, City Hospital". */
export function originText(entry: WrittenEntry): string {
  const place = sourceName(entry.source)
  // What people and carers add comes from no place.
  if (entry.source.setting === 'person' && entry.author !== '') return entry.author
  return entry.author === '' || entry.author === place ? place : `${entry.author}, ${place}`
}

/** Tag for what the person or a carer added, for staff. */
export const assertedWords = { person: 'Added by the person', carer: 'Added by a carer' } as const

/** Heading of the day, month or year an entry stands under: never more exact than the source was. */
export const dayHeading = (entry: WrittenEntry): string =>
  entry.eventTime === undefined ? 'Date not stated' : dateText(statedDate(entry))

/** The event's date as far as the source knew it: `2015` is not 1 January 2015. */
export function statedDate(entry: WrittenEntry): string {
  const day = dayIn(timeOf(entry))
  if (entry.eventTime === undefined || !day.endsWith('-01') || momentHasTime(entry.eventTime)) return day
  const partial = [...entry.json.matchAll(/"(\d{4}(?:-\d{2})?)"/g)].map(([, text = '']) => text)
  return partial.find((text) => day === `${text}-01` || day === `${text}-01-01`) ?? day
}

const momentHasTime = (value: string): boolean => timeText(value) !== ''

/** When it happened, with the time if there is one; empty when the source did not say. */
export function happenedText(entry: WrittenEntry, style: MonthStyle, clock: '12' | '24'): string {
  if (entry.eventTime === undefined) return ''
  return momentHasTime(entry.eventTime) ? momentText(entry.eventTime, style, clock) : dateText(statedDate(entry), style)
}

/** The date of an entry in a list. */
export const entryDate = (entry: WrittenEntry, style: MonthStyle): string => dateText(statedDate(entry), style)

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

/** By time, soonest first: for what is still to come. */
export const soonestFirst = (rows: readonly DescribedEntry[]): readonly DescribedEntry[] =>
  [...rows].sort((a, b) => timeOf(a.entry).localeCompare(timeOf(b.entry)))

/** False for Linchpin's own reviews of who is who, which are Tasks too and name other people. */
export const isCareWork = ({ resource }: WrittenEntry): boolean =>
  resource.resourceType !== 'Task' || resource.code?.coding?.every(({ system }) => system !== indexSystem) !== false
