import type { ReactElement } from 'react'
import { plainWords } from '../../platform/describe/plain.ts'
import { type DescribedEntry, entryDate, entryTime, originText } from '../../platform/entries.ts'
import { momentText } from '../../ui/format/dates.ts'
import { AppTag } from '../../ui/tags.tsx'
import type { TimelineEntry } from '../../ui/timeline.tsx'
import { addedBy, type Voice } from './voice.ts'

/** The title in plain words with the value exactly as sent. */
export function plainHeadline({ entry, described }: DescribedEntry): string {
  const { title } = plainWords(entry, described)
  return described.value === undefined ? title : `${title} ${described.value.text}`
}

/** One tag a line: who added it if it was not a professional, else the first status. */
export function plainTag({ entry, described }: DescribedEntry, voice: Voice, reader: string): ReactElement | undefined {
  const added = addedBy(entry, voice, reader)
  if (added !== undefined) return <AppTag key="tag" tone="person" text={added} />
  const [first] = plainWords(entry, described).statuses.filter(({ tone }) => tone !== 'plain')
  return first === undefined ? undefined : <AppTag key="tag" tone={first.tone} text={first.text} />
}

/** One line of the person's own timeline. */
export function plainTimelineEntry(row: DescribedEntry, voice: Voice, reader: string): TimelineEntry {
  const { entry, described } = row
  const words = plainWords(entry, described)
  const late =
    entry.eventTime === undefined
      ? `Date not stated. We received this on ${momentText(entry.receivedTime, 'long', '12')}`
      : undefined
  return {
    id: `${entry.type}-${entry.id}`,
    time: entryTime(entry, '12'),
    kind: words.kind,
    title: plainHeadline(row),
    href: `/app/record/${entry.type}/${entry.id}`,
    tags: [plainTag(row, voice, reader)].filter((tag) => tag !== undefined),
    lines: [...(words.clinical === undefined ? [] : [words.clinical]), ...described.lines.slice(0, 2)],
    origin: originText(entry),
    received: late,
  }
}

/** "3 April 2026, Park Surgery": under a card. */
export const cardOrigin = ({ entry }: DescribedEntry): string => `${entryDate(entry, 'long')}. ${originText(entry)}`
