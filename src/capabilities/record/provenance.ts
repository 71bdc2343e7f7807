import type { WrittenEntry } from '../../kernel/record/written-entries.ts'
import { assertedWords, happenedText } from '../../platform/entries.ts'
import { sourceName } from '../../platform/person-view.ts'
import type { Fact } from '../../ui/facts.tsx'
import { momentText } from '../../ui/format/dates.ts'

/** Where an entry comes from: all that a reader needs to judge it. */
export function provenance(entry: WrittenEntry): readonly Fact[] {
  const added = entry.assertedBy === 'professional' ? [] : [{ name: 'Added by', text: assertedWords[entry.assertedBy] }]
  return [
    { name: 'Happened', text: happenedText(entry, 'long', '24') || 'The source did not say' },
    { name: 'Received', text: momentText(entry.receivedTime) },
    { name: 'Author', text: entry.author === '' ? 'The source did not say' : entry.author },
    ...added,
    { name: 'Source', text: sourceName(entry.source) },
    { name: 'Organisation code', text: entry.source.code === '' ? 'Not stated' : entry.source.code },
    { name: 'Entry', text: `${entry.type}/${entry.id}, version ${entry.version}` },
  ]
}
