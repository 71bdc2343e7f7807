import { Details } from 'nhsuk-react-components'
import { problem } from '../../base/problem.ts'
import { describe } from '../../platform/describe/describe.ts'
import { headline } from '../../platform/describe/described.ts'
import { isCareWork } from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { openRecord, recordPage } from '../../platform/record-page.tsx'
import { type Fact, Facts } from '../../ui/facts.tsx'
import { Tags } from './blocks.tsx'
import { provenance } from './provenance.ts'

/** One entry with everything that is known about it, and what the source sent. */
export async function entryPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const id = params['person'] ?? ''
  const open = await openRecord(ctx, id)
  const entry = await ctx.records.readEntry(ctx, id, params['type'] ?? '', params['entry'] ?? '')
  if (!isCareWork(entry)) throw problem('not-found', 'Page not found')
  const described = describe(entry)
  const range = described.value?.range?.text
  const facts: readonly Fact[] = [
    ...(described.value === undefined ? [] : [{ name: 'Value', text: described.value.text }]),
    ...(range === undefined ? [] : [{ name: 'Reference range', text: range }]),
    ...described.lines.map((text) => ({ name: 'Details', text })),
    ...provenance(entry),
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
        <Facts facts={facts} />
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
