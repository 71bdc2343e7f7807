import type { ReactElement } from 'react'
import { plainWords, rangeSentence } from '../../platform/describe/plain.ts'
import { type DescribedEntry, describeAll, readAll } from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer } from '../../platform/page.ts'
import { LiveRegion } from '../../platform/record-page.tsx'
import { appPage } from '../../platform/shell.tsx'
import { PlainCard } from '../../ui/cards.tsx'
import { ContactBlock } from './contact-block.tsx'
import { cardOrigin, plainTag } from './entry-words.tsx'
import { type Voice, voiceOf } from './voice.ts'

/** Test results and measurements, newest first: one card each, the newest of every kind. */
export async function resultsPage(ctx: HandlerContext): Promise<HtmlAnswer> {
  const voice = voiceOf(ctx.actor)
  const record = await ctx.records.openPerson(ctx, voice.person)
  const read = await readAll(ctx, voice.person, { types: ['Observation', 'DiagnosticReport'] })
  const rows = newestOfEach(describeAll(read.entries))
  return appPage(ctx, {
    heading: `${voice.Your} test results`,
    current: '',
    back: { href: '/app', text: 'Home' },
    live: { person: voice.person, after: record.position },
    children: (
      <>
        <LiveRegion name="results">
          {rows.length === 0 ? (
            <p>
              {voice.YouHave} no test results recorded. If you are waiting for one, ask the place that did the test.
            </p>
          ) : (
            rows.map((row) => <ResultCard key={row.entry.id} row={row} voice={voice} reader={ctx.actor.name} />)
          )}
        </LiveRegion>
        <ContactBlock text="To ask about a result, call the place that did the test. If you have not heard, do not take it that all is well." />
      </>
    ),
  })
}

/** Earlier values are on the page of each result. */
function newestOfEach(rows: readonly DescribedEntry[]): readonly DescribedEntry[] {
  const seen = new Set<string>()
  return rows.filter(({ entry, described }) => {
    const key = `${entry.type} ${described.code ?? described.title}`
    if (!described.current || (entry.type === 'DiagnosticReport' && described.lines.length === 0) || seen.has(key))
      return false
    seen.add(key)
    return true
  })
}

function ResultCard({ row, voice, reader }: { row: DescribedEntry; voice: Voice; reader: string }): ReactElement {
  const { entry, described } = row
  const { title } = plainWords(entry, described)
  const tag = plainTag(row, voice, reader)
  const sentence = rangeSentence(described, voice.Yours)
  return (
    <PlainCard>
      {tag === undefined ? null : <p className="app-card__tag">{tag}</p>}
      <h2>
        <a href={`/app/record/${entry.type}/${entry.id}`}>{title}</a>
      </h2>
      {described.value === undefined ? null : <p>{described.value.text}</p>}
      {sentence === '' ? null : <p>{sentence}</p>}
      <p className="app-quiet">{cardOrigin(row)}</p>
    </PlainCard>
  )
}
