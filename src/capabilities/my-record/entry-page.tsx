import { Details } from 'nhsuk-react-components'
import type { ReactElement } from 'react'
import { problem } from '../../base/problem.ts'
import type { WrittenEntry } from '../../kernel/record/written-entries.ts'
import { describe } from '../../platform/describe/describe.ts'
import { documentTexts } from '../../platform/describe/document.ts'
import { plainWords, rangeSentence } from '../../platform/describe/plain.ts'
import {
  type DescribedEntry,
  describeAll,
  happenedText,
  isCareWork,
  originText,
  readAll,
  timeOf,
} from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { sourceName } from '../../platform/person-view.ts'
import { appPage } from '../../platform/shell.tsx'
import { Chart } from '../../ui/chart/chart.tsx'
import { Facts } from '../../ui/facts.tsx'
import { momentText } from '../../ui/format/dates.ts'
import { ContactBlock } from './contact-block.tsx'
import { plainTag } from './entry-words.tsx'
import { type Voice, voiceOf } from './voice.ts'

/** One entry: what it says, what is usual, how it changed, who recorded it. */
export async function entryPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const voice = voiceOf(ctx.actor)
  const entry = await ctx.records.readEntry(ctx, voice.person, params['type'] ?? '', params['entry'] ?? '')
  if (!isCareWork(entry)) throw problem('not-found', 'Page not found')
  const row = { entry, described: describe(entry) }
  const earlier = await sameMeasurement(ctx, voice, row)
  const words = plainWords(entry, row.described)
  return appPage(ctx, {
    heading: words.title,
    current: '/app/record',
    back: { href: '/app/record', text: voice.isCarer ? `${voice.Your} record` : 'Your record' },
    children: (
      <>
        <p>{plainTag(row, voice, ctx.actor.name)}</p>
        <p>
          {happenedText(entry, 'long', '12') || 'Date not stated'}. {originText(entry)}
        </p>
        <Meaning row={row} voice={voice} />
        {earlier.length < 3 ? null : (
          <OverTime rows={earlier} title={words.title} now={ctx.clock.now().epochMilliseconds} />
        )}
        <Origin entry={entry} clinical={words.clinical} />
        <ContactBlock
          text={
            entry.source.setting === 'person'
              ? `To ask about this, call ${voice.isCarer ? `${voice.Your} care team` : 'your care team'}.`
              : `To ask about this, call ${sourceName(entry.source)}.`
          }
        />
      </>
    ),
  })
}

/** All numbers of the same thing in the same unit, newest first. */
async function sameMeasurement(
  ctx: HandlerContext,
  voice: Voice,
  row: DescribedEntry,
): Promise<readonly DescribedEntry[]> {
  const { code, value } = row.described
  if (code === undefined || value?.number === undefined) return []
  const read = await readAll(ctx, voice.person, { types: ['Observation'], code })
  return describeAll(read.entries).filter(
    ({ entry, described }) =>
      described.code === code &&
      described.value?.number !== undefined &&
      described.value.unit === value.unit &&
      entry.eventTime !== undefined,
  )
}

function Meaning({ row, voice }: { row: DescribedEntry; voice: Voice }): ReactElement {
  const { entry, described } = row
  const sentence = rangeSentence(described, voice.Yours)
  const texts = entry.resource.resourceType === 'DocumentReference' ? documentTexts(entry.resource) : []
  return (
    <>
      {described.value === undefined ? null : (
        <p>
          <strong>{described.value.text}</strong>
        </p>
      )}
      {sentence === '' ? null : <p>{sentence}</p>}
      {described.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {entry.resource.resourceType === 'DiagnosticReport' ? (
        <p>
          <a href="/app/results">See {voice.your} test results</a>
        </p>
      ) : null}
      {described.kind === 'result' && !isCommented(entry) ? (
        <p>No one has commented on this yet. This does not mean that all is well.</p>
      ) : null}
      {texts.map(({ text }) => (
        <div key={text} className="app-document">
          {text}
        </div>
      ))}
    </>
  )
}

/** A report whose author wrote what it means. */
const isCommented = ({ resource }: WrittenEntry): boolean =>
  resource.resourceType === 'DiagnosticReport' && (resource.conclusion ?? '') !== ''

const OverTime = ({
  rows,
  title,
  now,
}: {
  rows: readonly DescribedEntry[]
  title: string
  now: number
}): ReactElement => {
  const [last, before] = rows.map(({ described }) => described.value?.text ?? '')
  const value = rows[0]?.described.value
  return (
    <Chart
      caption={
        last === before ? `${title} stayed at ${last ?? ''}` : `${title} went from ${before ?? ''} to ${last ?? ''}`
      }
      unit={value?.unit ?? ''}
      range={value?.range}
      now={now}
      points={rows.flatMap(({ entry, described }) =>
        described.value?.number === undefined
          ? []
          : [
              {
                ...described.value,
                value: described.value.number,
                key: entry.id,
                time: timeOf(entry),
                source: originText(entry),
              },
            ],
      )}
    />
  )
}

const Origin = ({ entry, clinical }: { entry: WrittenEntry; clinical: string | undefined }): ReactElement => (
  <Details>
    <Details.Summary>Who recorded this, and when</Details.Summary>
    <Details.Text>
      <Facts
        facts={[
          { name: 'Medical words', text: clinical ?? '' },
          { name: 'Happened', text: happenedText(entry, 'long', '12') || 'Not stated' },
          { name: 'We received it', text: momentText(entry.receivedTime, 'long', '12') },
          { name: 'Recorded by', text: originText(entry) },
        ].filter(({ text }) => text !== '')}
      />
    </Details.Text>
  </Details>
)
