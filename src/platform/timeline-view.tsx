import type { ReactElement } from 'react'
import type { WrittenPage } from '../kernel/record/entries.ts'
import type { EntryAuthor } from '../kernel/record/entry-authors.ts'
import type { PersonRecord, Source } from '../kernel/store/record.ts'
import { FilterChoices, FilterDate, FilterPanel, FilterSelect } from '../ui/filter-panel.tsx'
import { count, dateText, groups, type MonthStyle } from '../ui/format/dates.ts'
import { Pagination, withQuery } from '../ui/navigation.tsx'
import { EmptyState } from '../ui/notices.tsx'
import { Timeline, type TimelineEntry } from '../ui/timeline.tsx'
import { kindFilters } from './describe/describe.ts'
import { byDay, type DescribedEntry, dayHeading, describeAll } from './entries.ts'
import type { HandlerContext, PageRequest } from './page.ts'
import { sourceName } from './person-view.ts'
import { LiveRegion } from './record-page.tsx'
import {
  entryQueryOf,
  type FilterInForce,
  filterOf,
  filtersInForce,
  settingWords,
  type TimelineFilter,
  withoutFilter,
} from './timeline-filter.ts'

/** A timeline that was asked for by URL, read and ready to show. Staff and the person share it. */
export interface TimelineParts {
  readonly base: string
  readonly request: PageRequest
  readonly filter: TimelineFilter
  readonly inForce: readonly FilterInForce[]
  readonly sources: readonly Source[]
  readonly authors: readonly EntryAuthor[]
  readonly page: WrittenPage
  readonly entryOf: (row: DescribedEntry) => TimelineEntry
}

/** Reads one page of a person's timeline as its URL asks. */
export async function readTimeline(
  ctx: HandlerContext,
  request: PageRequest,
  record: PersonRecord,
  place: { readonly person: string; readonly base: string; readonly months: MonthStyle },
): Promise<Omit<TimelineParts, 'entryOf'>> {
  const filter = filterOf(request.query)
  const [page, authors] = await Promise.all([
    ctx.records.readEntries(ctx, place.person, entryQueryOf(filter)),
    ctx.records.listAuthors(ctx, place.person),
  ])
  const source = record.sources.find(({ code }) => code === filter.source)
  const inForce = filtersInForce(filter, {
    source: source === undefined ? filter.source : sourceName(source),
    author: authors.find(({ key }) => key === filter.author)?.name ?? 'not known here',
    day: (day) => dateText(day, place.months),
  })
  return { base: place.base, request, filter, inForce, sources: record.sources, authors, page }
}

/** Filters, order, and the entries a day at a time. */
export const TimelineView = (parts: TimelineParts): ReactElement => (
  <>
    <Filters {...parts} />
    <Order url={parts.request.url} order={parts.filter.order} />
    <LiveRegion name="timeline">
      <Entries {...parts} />
    </LiveRegion>
  </>
)

function Filters({ base, request, filter, inForce, sources, authors }: TimelineParts): ReactElement {
  const present = new Set<string>(sources.map(({ setting }) => setting))
  const settings = Object.entries(settingWords).filter(([value]) => present.has(value))
  return (
    <FilterPanel
      action={base}
      clearHref={base}
      hidden={filter.order === 'oldest' ? { order: 'oldest' } : {}}
      applied={inForce.map((one) => ({
        words: one.words,
        removeHref: linkTo(base, withoutFilter(request.query, one)),
      }))}
    >
      <FilterChoices legend="Kind" name="kind" options={kindFilters} chosen={filter.kinds} />
      <FilterSelect
        label="Setting"
        name="setting"
        all="All settings"
        chosen={filter.setting}
        options={settings.map(([value, text]) => ({ value, text }))}
      />
      <FilterSelect
        label="Organisation"
        name="source"
        all="All organisations"
        chosen={filter.source}
        options={sources.filter(({ code }) => code !== '').map((one) => ({ value: one.code, text: sourceName(one) }))}
      />
      <FilterSelect
        label="Author"
        name="author"
        all="All authors"
        chosen={filter.author}
        options={authors.map(({ key, name }) => ({ value: key, text: name }))}
      />
      <FilterDate label="From" name="from" value={filter.from} />
      <FilterDate label="To" name="to" value={filter.to} />
    </FilterPanel>
  )
}

const linkTo = (base: string, query: URLSearchParams): string =>
  query.size === 0 ? base : `${base}?${query.toString()}`

function Order({ url, order }: { url: string; order: TimelineFilter['order'] }): ReactElement {
  const change = { after: '', shown: '', done: '' }
  return (
    <p className="app-order">
      {order === 'newest' ? (
        <>
          <strong>Newest first</strong> <a href={withQuery(url, { ...change, order: 'oldest' })}>Oldest first</a>
        </>
      ) : (
        <>
          <a href={withQuery(url, { ...change, order: '' })}>Newest first</a> <strong>Oldest first</strong>
        </>
      )}
    </p>
  )
}

function Entries({ page, request, base, filter, inForce, entryOf }: TimelineParts): ReactElement {
  if (page.total === 0 && inForce.length === 0) return <EmptyState text="No source has sent an entry yet." />
  if (page.entries.length === 0)
    return (
      <EmptyState text="No results match these filters.">
        <p>
          <a href={base}>Clear all</a>
        </p>
      </EmptyState>
    )
  const before = Number(/^\d+$/.exec(request.query.get('shown') ?? '')?.[0] ?? 0)
  const last = before + page.entries.length
  const next =
    page.next === undefined ? undefined : withQuery(request.url, { after: page.next, shown: String(last), done: '' })
  return (
    <>
      <p>
        Showing {groups(before + 1)} to {groups(last)} of {count(page.total, 'entry', 'entries')}, {filter.order} first.
      </p>
      <Timeline
        days={byDay(describeAll(page.entries), ({ entry }) => dayHeading(entry)).map(({ heading, rows }) => ({
          heading,
          entries: rows.map(entryOf),
        }))}
      />
      <Pagination
        first={before === 0 ? undefined : withQuery(request.url, { after: '', shown: '', done: '' })}
        next={next}
        nextText={`Next: ${groups(last + 1)} to ${groups(Math.min(last + 50, page.total))}`}
      />
    </>
  )
}
