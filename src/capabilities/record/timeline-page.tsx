import type { ReactElement } from 'react'
import type { Source } from '../../kernel/store/record.ts'
import { kindFilters } from '../../platform/describe/describe.ts'
import { headline } from '../../platform/describe/described.ts'
import {
  assertedWords,
  byDay,
  type DescribedEntry,
  dayHeading,
  describeAll,
  entryTime,
  originText,
  receivedText,
} from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { sourceName } from '../../platform/person-view.ts'
import { LiveRegion, openRecord, recordPage } from '../../platform/record-page.tsx'
import type { WrittenPage } from '../../platform/record-port.ts'
import { FilterChoices, FilterDate, FilterPanel, FilterSelect } from '../../ui/filter-panel.tsx'
import { count, dateText, groups } from '../../ui/format/dates.ts'
import { Pagination, withQuery } from '../../ui/navigation.tsx'
import { EmptyState, SuccessBanner } from '../../ui/notices.tsx'
import { StaffTag } from '../../ui/tags.tsx'
import { Timeline, type TimelineEntry } from '../../ui/timeline.tsx'
import {
  entryQueryOf,
  type FilterInForce,
  filterOf,
  filtersInForce,
  settingWords,
  type TimelineFilter,
  withoutFilter,
} from './timeline-rules.ts'

/** Everything from every source, a day at a time. */
export async function timelinePage(ctx: HandlerContext, request: PageRequest): Promise<HtmlAnswer> {
  const id = request.params['person'] ?? ''
  const filter = filterOf(request.query)
  const open = await openRecord(ctx, id)
  const page = await ctx.records.readEntries(ctx, id, entryQueryOf(filter))
  const source = open.record.sources.find(({ code }) => code === filter.source)
  const inForce = filtersInForce(filter, source === undefined ? filter.source : sourceName(source), (day) =>
    dateText(day, 'short'),
  )
  const base = `/work/people/${id}/timeline`
  return recordPage(ctx, open, {
    section: '/timeline',
    heading: 'Timeline',
    live: true,
    before: request.query.get('done') === 'added' ? <SuccessBanner text="Entry added" /> : null,
    children: (
      <>
        <Filters base={base} request={request} filter={filter} inForce={inForce} sources={open.record.sources} />
        <Order url={request.url} order={filter.order} />
        <LiveRegion name="timeline">
          <Entries page={page} request={request} base={base} person={id} inForce={inForce} />
        </LiveRegion>
      </>
    ),
  })
}

function Filters(props: {
  base: string
  request: PageRequest
  filter: TimelineFilter
  inForce: readonly FilterInForce[]
  sources: readonly Source[]
}): ReactElement {
  const { base, request, filter, inForce, sources } = props
  const present = new Set(sources.map(({ setting }) => setting))
  return (
    <FilterPanel
      action={base}
      clearHref={base}
      hidden={filter.order === 'oldest' ? { order: 'oldest' } : {}}
      applied={inForce.map((one) => ({ words: one.words, removeHref: linkTo(base, withoutFilter(request.query, one)) }))}
    >
      <FilterChoices
        legend="Kind"
        name="kind"
        options={kindFilters.map(({ value, text }) => ({ value, text }))}
        chosen={filter.kinds}
      />
      <FilterSelect
        label="Setting"
        name="setting"
        all="All settings"
        chosen={filter.setting}
        options={Object.entries(settingWords)
          .filter(([value]) => [...present].some((setting) => setting === value))
          .map(([value, text]) => ({ value, text }))}
      />
      <FilterSelect
        label="Organisation"
        name="source"
        all="All organisations"
        chosen={filter.source}
        options={sources.filter(({ code }) => code !== '').map((one) => ({ value: one.code, text: sourceName(one) }))}
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

interface EntriesProps {
  readonly page: WrittenPage
  readonly request: PageRequest
  readonly base: string
  readonly person: string
  readonly inForce: readonly FilterInForce[]
}

function Entries({ page, request, base, person, inForce }: EntriesProps): ReactElement {
  if (page.total === 0 && inForce.length === 0) return <EmptyState text="No source has sent an entry for this person yet." />
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
  return (
    <>
      <p>
        Showing {groups(before + 1)} to {groups(last)} of {count(page.total, 'entry', 'entries')}.
      </p>
      <Timeline
        days={byDay(describeAll(page.entries), ({ entry }) => dayHeading(entry)).map(({ heading, rows }) => ({
          heading,
          entries: rows.map((row) => timelineEntry(person, row)),
        }))}
      />
      <Pagination
        first={before === 0 ? undefined : withQuery(request.url, { after: '', shown: '', done: '' })}
        next={page.next === undefined ? undefined : withQuery(request.url, { after: page.next, shown: String(last), done: '' })}
        nextText={`Next: ${groups(last + 1)} to ${groups(Math.min(last + 50, page.total))}`}
      />
    </>
  )
}

/** One line of a staff timeline. */
function timelineEntry(person: string, { entry, described }: DescribedEntry): TimelineEntry {
  const asserted =
    entry.assertedBy === 'professional'
      ? []
      : [<StaffTag key="asserted" tone="person" text={assertedWords[entry.assertedBy]} />]
  return {
    id: `${entry.type}-${entry.id}`,
    time: entryTime(entry, '24'),
    kind: described.kindWord,
    title: headline(described),
    href: `/work/people/${person}/entries/${entry.type}/${entry.id}`,
    tags: [...described.statuses.map(({ text, tone }) => <StaffTag key={text} tone={tone} text={text} />), ...asserted],
    lines: described.lines.slice(0, 3),
    origin: originText(entry),
    received: receivedText(entry),
  }
}
