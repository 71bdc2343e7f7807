import { type DescribedEntry, originText, timeOf } from './entries.ts'
import { sourceName, unique } from './person-view.ts'

/** One thing that one or more sources say, newest first. */
export interface SameThing {
  readonly newest: DescribedEntry
  readonly all: readonly DescribedEntry[]
}

/** Puts together what several sources say in the same words, so that a list is not three times as long as the truth. */
export function sameThings(
  rows: readonly DescribedEntry[],
  keyOf: (row: DescribedEntry) => string,
): readonly SameThing[] {
  const byKey = new Map<string, DescribedEntry[]>()
  for (const row of rows) {
    const key = keyOf(row).toLocaleLowerCase('en-GB')
    byKey.set(key, [...(byKey.get(key) ?? []), row])
  }
  return [...byKey.values()].flatMap((group) => {
    const all = [...group].sort((a, b) => timeOf(b.entry).localeCompare(timeOf(a.entry)))
    const [newest] = all
    return newest === undefined ? [] : [{ newest, all }]
  })
}

/** Where it comes from: one source with its author, or all by name. */
export function originsText({ newest, all }: SameThing): string {
  const names = unique(all.map(({ entry }) => sourceName(entry.source)))
  return names.length === 1 ? originText(newest.entry) : `Reported by ${names.length} sources: ${names.join(', ')}`
}
