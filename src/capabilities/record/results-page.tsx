import type { ReactElement } from 'react'
import { type DescribedEntry, describeAll, originText, readAll, timeOf } from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { LiveRegion, type OpenRecord, openRecord, recordPage } from '../../platform/record-page.tsx'
import { Chart } from '../../ui/chart/chart.tsx'
import { momentText } from '../../ui/format/dates.ts'
import { EmptyState } from '../../ui/notices.tsx'
import { Table } from '../../ui/table.tsx'
import { EntryLine, Tags } from './blocks.tsx'
import { Incomplete } from './list-pages.tsx'
import { drawable, finding, latestResults, resultKey } from './rules.ts'

/** The newest value of everything measured; with `?code=`, one measurement over time. */
export async function resultsPage(ctx: HandlerContext, request: PageRequest): Promise<HtmlAnswer> {
  const id = request.params['person'] ?? ''
  const code = request.query.get('code')
  const open = await openRecord(ctx, id)
  return code === null ? allResults(ctx, open) : oneResult(ctx, open, code)
}

async function allResults(ctx: HandlerContext, open: OpenRecord): Promise<HtmlAnswer> {
  const [read, reports] = await Promise.all([
    readAll(ctx, open.id, { types: ['Observation'] }),
    readAll(ctx, open.id, { types: ['DiagnosticReport'] }),
  ])
  const rows = latestResults(describeAll(read.entries))
  return recordPage(ctx, open, {
    section: '/results',
    heading: 'Results',
    live: true,
    children: (
      <LiveRegion name="results">
        <Incomplete read={read} />
        {rows.length === 0 ? (
          <EmptyState text="No results or observations are recorded. Missing information does not mean none exists." />
        ) : (
          <ResultTable person={open.id} rows={rows} />
        )}
        <h2>Reports</h2>
        {reports.total === 0 ? (
          <EmptyState text="No reports are recorded." />
        ) : (
          <Reports person={open.id} rows={describeAll(reports.entries)} />
        )}
      </LiveRegion>
    ),
  })
}

const ResultTable = ({ person, rows }: { person: string; rows: readonly DescribedEntry[] }): ReactElement => (
  <Table
    caption="Newest value of each, outside range first"
    rows={rows}
    keyOf={({ entry }) => `${entry.type}-${entry.id}`}
    columns={[
      {
        name: 'Result',
        rowHeader: true,
        cell: (row) => (
          <a href={`/work/people/${person}/results?code=${encodeURIComponent(resultKey(row))}`}>
            {row.described.title}
          </a>
        ),
      },
      { name: 'Newest value', cell: ({ described }) => <strong>{described.value?.text}</strong> },
      { name: 'Reference range', cell: ({ described }) => described.value?.range?.text ?? 'Not given' },
      { name: 'Status', cell: (row) => <Tags row={row} /> },
      { name: 'Date', cell: ({ entry }) => momentText(timeOf(entry), 'short') },
      { name: 'Recorded by', cell: ({ entry }) => originText(entry) },
    ]}
  />
)

const Reports = ({ person, rows }: { person: string; rows: readonly DescribedEntry[] }): ReactElement => (
  <ul className="app-lines">
    {rows.map((row) => (
      <li key={row.entry.id}>
        <EntryLine person={person} row={row} />
      </li>
    ))}
  </ul>
)

async function oneResult(ctx: HandlerContext, open: OpenRecord, key: string): Promise<HtmlAnswer> {
  const coded = key.includes('|') ? { code: key } : {}
  const read = await readAll(ctx, open.id, { types: ['Observation'], ...coded })
  const rows = describeAll(read.entries).filter((row) => resultKey(row) === key)
  const title = rows[0]?.described.title ?? 'Result'
  return recordPage(ctx, open, {
    section: '/results',
    heading: title,
    live: true,
    back: { href: `/work/people/${open.id}/results`, text: 'Results' },
    children: (
      <LiveRegion name="result">
        <Incomplete read={read} />
        {rows.length === 0 ? (
          <EmptyState text="No values are recorded for this." />
        ) : (
          <OverTime person={open.id} title={title} rows={rows} now={ctx.clock.now().epochMilliseconds} />
        )}
      </LiveRegion>
    ),
  })
}

function OverTime(props: {
  person: string
  title: string
  rows: readonly DescribedEntry[]
  now: number
}): ReactElement {
  const { person, title, rows, now } = props
  const drawn = drawable(rows)
  const value = drawn[0]?.described.value
  return (
    <>
      {value === undefined ? null : (
        <Chart
          caption={finding(title, drawn)}
          unit={value.unit}
          range={value.range}
          now={now}
          points={drawn.flatMap(({ entry, described }) =>
            described.value?.number === undefined
              ? []
              : [
                  {
                    ...described.value,
                    value: described.value.number,
                    key: entry.id,
                    time: timeOf(entry),
                    source: originText(entry),
                  },
                ],
          )}
        />
      )}
      {drawn.length === rows.length ? null : (
        <p>
          The chart leaves out {rows.length - drawn.length} that are not plain numbers in {value?.unit ?? 'one unit'}.
          All are in the table.
        </p>
      )}
      <Table
        caption={`${title}: all values, newest first`}
        rows={rows}
        keyOf={({ entry }) => `${entry.type}-${entry.id}`}
        columns={[
          {
            name: 'Date',
            rowHeader: true,
            cell: ({ entry }) => (
              <a href={`/work/people/${person}/entries/${entry.type}/${entry.id}`}>
                {momentText(timeOf(entry), 'short')}
              </a>
            ),
          },
          { name: 'Value', cell: ({ described }) => <strong>{described.value?.text ?? 'No value'}</strong> },
          { name: 'Reference range', cell: ({ described }) => described.value?.range?.text ?? 'Not given' },
          { name: 'Status', cell: (row) => <Tags row={row} /> },
          { name: 'Recorded by', cell: ({ entry }) => originText(entry) },
        ]}
      />
    </>
  )
}
