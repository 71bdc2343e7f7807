import type { ReactElement, ReactNode } from 'react'
import { headline } from '../../platform/describe/described.ts'
import { assertedWords, type DescribedEntry, entryDate, originText } from '../../platform/entries.ts'
import { originsText, type SameThing } from '../../platform/same.ts'
import { dateText } from '../../ui/format/dates.ts'
import { StaffTag } from '../../ui/tags.tsx'

/** A block of the summary: what, how many, how new, and the way to all of it. */
export function Block(props: {
  readonly heading: string
  readonly total: number
  readonly newest?: string | undefined
  readonly empty: string
  readonly all?: { readonly href: string; readonly text: string }
  readonly children?: ReactNode
}): ReactElement {
  const { heading, total, newest, empty, all } = props
  return (
    <section className="app-block">
      <h2>
        {heading} {total === 0 ? null : <span className="app-block__meta">({total})</span>}
      </h2>
      {total === 0 ? <p>{empty}</p> : props.children}
      {total === 0 ? null : (
        <p className="app-block__meta">
          {newest === undefined ? null : `Newest ${dateText(newest, 'short')}. `}
          {all === undefined ? null : <a href={all.href}>{all.text}</a>}
        </p>
      )}
    </section>
  )
}

/** Lines of a block, each with where it comes from. */
export const Lines = ({ person, things }: { person: string; things: readonly SameThing[] }): ReactElement => (
  <ul className="app-lines">
    {things.map((thing) => (
      <li key={`${thing.newest.entry.type}/${thing.newest.entry.id}`}>
        <EntryLine person={person} row={thing.newest} origin={originsText(thing)} />
      </li>
    ))}
  </ul>
)

/** One entry on a line: what, status, dose or detail, date, who and where. */
export function EntryLine(props: { person: string; row: DescribedEntry; origin?: string }): ReactElement {
  const { entry, described } = props.row
  return (
    <>
      <a href={`/work/people/${props.person}/entries/${entry.type}/${entry.id}`}>
        <strong>{headline(described)}</strong>
      </a>
      <Tags row={props.row} />
      {described.lines.slice(0, 3).map((line) => (
        <span key={line} className="app-lines__detail">
          {' '}
          {line}
        </span>
      ))}
      <span className="app-lines__origin">
        {' '}
        {entryDate(entry, 'short')}. {props.origin ?? originText(entry)}
      </span>
    </>
  )
}

/** Status words of an entry, and who added it when it was not a professional. At most two. */
export function Tags({ row: { entry, described } }: { row: DescribedEntry }): ReactElement {
  const asserted =
    entry.assertedBy === 'professional' ? [] : [{ text: assertedWords[entry.assertedBy], tone: 'person' } as const]
  return (
    <>
      {[...described.statuses, ...asserted].map(({ text, tone }) => (
        <span key={text} className="app-timeline__tag">
          {' '}
          <StaffTag tone={tone} text={text} />
        </span>
      ))}
    </>
  )
}
