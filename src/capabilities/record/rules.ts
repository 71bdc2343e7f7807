import { type DescribedEntry, timeOf } from '../../platform/entries.ts'

/** Problems that stand: not resolved, refuted or withdrawn. */
export const currentProblems = (rows: readonly DescribedEntry[]): readonly DescribedEntry[] =>
  rows.filter(({ described }) => described.current)

/** Medicines someone takes now, newest first. */
export const currentMedicines = (rows: readonly DescribedEntry[]): readonly DescribedEntry[] =>
  rows.filter(({ described }) => described.current)

/** The newest value of each thing measured, those outside their range first. Rows come newest first. */
export function latestResults(rows: readonly DescribedEntry[]): readonly DescribedEntry[] {
  const newest = new Map<string, DescribedEntry>()
  for (const row of rows) {
    const { value, current } = row.described
    if (value !== undefined && current && !newest.has(resultKey(row))) newest.set(resultKey(row), row)
  }
  const isOutside = ({ described }: DescribedEntry): number =>
    described.statuses.some(({ tone }) => tone === 'unusual' || tone === 'danger') ? 0 : 1
  return [...newest.values()].sort(
    (a, b) => isOutside(a) - isOutside(b) || timeOf(b.entry).localeCompare(timeOf(a.entry)),
  )
}

/** What makes two results the same measurement: their code, or their words when there is none. */
export const resultKey = ({ described }: DescribedEntry): string =>
  described.code ?? described.title.toLocaleLowerCase('en-GB')

/** Values of one measurement that can be drawn together: numbers in one unit. The others stay in the table. */
export function drawable(rows: readonly DescribedEntry[]): readonly DescribedEntry[] {
  const numbers = rows.filter(
    ({ entry, described }) =>
      described.value?.number !== undefined && described.current && entry.eventTime !== undefined,
  )
  const unit = numbers[0]?.described.value?.unit
  return numbers.filter(({ described }) => described.value?.unit === unit)
}

/** The finding in a sentence: "Potassium went from 4.1 to 5.9 mmol/L." Nothing is judged here. */
export function finding(title: string, newestFirst: readonly DescribedEntry[]): string {
  const last = newestFirst[0]?.described.value?.text ?? ''
  const before = newestFirst[1]?.described.value?.text
  if (before === undefined) return `${title}: one value, ${last}`
  return before === last ? `${title} stayed at ${last}` : `${title} went from ${before} to ${last}`
}
