import { headline } from '../../platform/describe/described.ts'
import { assertedWords, type DescribedEntry, entryTime, originText, receivedText } from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { openRecord, recordPage } from '../../platform/record-page.tsx'
import { readTimeline, TimelineView } from '../../platform/timeline-view.tsx'
import { SuccessBanner } from '../../ui/notices.tsx'
import { StaffTag } from '../../ui/tags.tsx'
import type { TimelineEntry } from '../../ui/timeline.tsx'

/** Everything from every source, a day at a time. */
export async function timelinePage(ctx: HandlerContext, request: PageRequest): Promise<HtmlAnswer> {
  const person = request.params['person'] ?? ''
  const open = await openRecord(ctx, person)
  const place = { person, base: `/work/people/${person}/timeline`, months: 'short' } as const
  const timeline = await readTimeline(ctx, request, open.record, place)
  return recordPage(ctx, open, {
    section: '/timeline',
    heading: 'Timeline',
    live: true,
    before: request.query.get('done') === 'added' ? <SuccessBanner text="Entry added" /> : null,
    children: <TimelineView {...timeline} entryOf={(row) => timelineEntry(person, row)} />,
  })
}

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
