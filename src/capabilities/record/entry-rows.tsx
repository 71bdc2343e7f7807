import { SummaryList } from 'nhsuk-react-components'
import type { ReactElement } from 'react'
import type { WrittenEntry } from '../../kernel/record/written-entries.ts'
import { assertedWords, happenedText } from '../../platform/entries.ts'
import { sourceName } from '../../platform/person-view.ts'
import { momentText } from '../../ui/format/dates.ts'

export interface EntryRow {
  readonly key: string
  readonly text: string
}

/** Where an entry comes from: all that a reader needs to judge it. */
export function provenanceRows(entry: WrittenEntry): readonly EntryRow[] {
  const added = entry.assertedBy === 'professional' ? [] : [{ key: 'Added by', text: assertedWords[entry.assertedBy] }]
  return [
    { key: 'Happened', text: happenedText(entry, 'long', '24') || 'The source did not say' },
    { key: 'Received', text: momentText(entry.receivedTime) },
    { key: 'Author', text: entry.author === '' ? 'The source did not say' : entry.author },
    ...added,
    { key: 'Source', text: sourceName(entry.source) },
    { key: 'Organisation code', text: entry.source.code === '' ? 'Not stated' : entry.source.code },
    { key: 'Entry', text: `${entry.type}/${entry.id}, version ${entry.version}` },
  ]
}

/** Rows of a summary list. */
export const Rows = ({ rows }: { rows: readonly EntryRow[] }): ReactElement => (
  <>
    {rows.map(({ key, text }) => (
      <SummaryList.Row key={`${key} ${text}`}>
        <SummaryList.Key>{key}</SummaryList.Key>
        <SummaryList.Value>{text}</SummaryList.Value>
      </SummaryList.Row>
    ))}
  </>
)
