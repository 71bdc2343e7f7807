import { Details, SummaryList } from 'nhsuk-react-components'
import { describe } from '../../platform/describe/describe.ts'
import { headline } from '../../platform/describe/described.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { openRecord, recordPage } from '../../platform/record-page.tsx'
import { Tags } from './blocks.tsx'
import { type EntryRow, provenanceRows, Rows } from './entry-rows.tsx'

/** One entry with everything that is known about it, and what the source sent. */
export async function entryPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const id = params['person'] ?? ''
  const open = await openRecord(ctx, id)
  const entry = await ctx.records.readEntry(ctx, id, params['type'] ?? '', params['entry'] ?? '')
  const described = describe(entry)
  const range = described.value?.range?.text
  const rows: readonly EntryRow[] = [
    ...(described.value === undefined ? [] : [{ key: 'Value', text: described.value.text }]),
    ...(range === undefined ? [] : [{ key: 'Reference range', text: range }]),
    ...described.lines.map((text) => ({ key: 'Details', text })),
    ...provenanceRows(entry),
  ]
  return recordPage(ctx, open, {
    section: '/timeline',
    heading: headline(described),
    live: false,
    back: { href: `/work/people/${id}/timeline`, text: 'Timeline' },
    children: (
      <>
        <p>
          {described.kindWord} <Tags row={{ entry, described }} />
        </p>
        <SummaryList>
          <Rows rows={rows} />
        </SummaryList>
        <Details>
          <Details.Summary>What the source sent</Details.Summary>
          <Details.Text>
            <div className="app-document">{entry.json}</div>
          </Details.Text>
        </Details>
      </>
    ),
  })
}
