import type { ReactElement } from 'react'
import { plainWords } from '../../platform/describe/plain.ts'
import { type DescribedEntry, describeAll, readAll } from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer } from '../../platform/page.ts'
import { LiveRegion } from '../../platform/record-page.tsx'
import { originsText, type SameThing, sameThings } from '../../platform/same.ts'
import { appPage } from '../../platform/shell.tsx'
import { PlainCard } from '../../ui/cards.tsx'
import { ContactBlock } from './contact-block.tsx'
import { plainTag } from './entry-words.tsx'
import { type Voice, voiceOf } from './voice.ts'

interface ListWords {
  readonly title: string
  readonly current: string
  readonly past: string
  readonly emptyCurrent: (voice: Voice) => string
}

/** Health conditions: plain word first, clinical word under it. */
export const conditionsPage = (ctx: HandlerContext): Promise<HtmlAnswer> =>
  listPage(ctx, ['Condition'], {
    title: 'health conditions',
    current: 'Now',
    past: 'In the past',
    emptyCurrent: (voice) => `${voice.YouHave} no current health conditions recorded.`,
  })

/** Medicines: what is taken now, with the dose in full, then what was stopped. */
export const medicinesPage = (ctx: HandlerContext): Promise<HtmlAnswer> =>
  listPage(ctx, ['MedicationRequest', 'MedicationStatement'], {
    title: 'medicines',
    current: 'Taking now',
    past: 'Stopped or finished',
    emptyCurrent: (voice) => `${voice.YouHave} no current medicines recorded.`,
  })

async function listPage(ctx: HandlerContext, types: readonly string[], words: ListWords): Promise<HtmlAnswer> {
  const voice = voiceOf(ctx.actor)
  const record = await ctx.records.openPerson(ctx, voice.person)
  const rows = describeAll((await readAll(ctx, voice.person, { types })).entries)
  const keyOf = ({ described }: DescribedEntry): string =>
    `${described.title} ${types.length > 1 ? described.lines.join(' ') : ''}`
  const current = sameThings(
    rows.filter(({ described }) => described.current),
    keyOf,
  )
  const past = sameThings(
    rows.filter(({ described }) => !described.current),
    keyOf,
  )
  return appPage(ctx, {
    heading: `${voice.Your} ${words.title}`,
    current: '',
    back: { href: '/app', text: 'Home' },
    live: { person: voice.person, after: record.position },
    children: (
      <>
        <LiveRegion name="list">
          <h2>{words.current}</h2>
          {current.length === 0 ? (
            <p>{words.emptyCurrent(voice)}</p>
          ) : (
            <Things things={current} voice={voice} reader={ctx.actor.name} />
          )}
          {past.length === 0 ? null : (
            <>
              <h2>{words.past}</h2>
              <Things things={past} voice={voice} reader={ctx.actor.name} />
            </>
          )}
        </LiveRegion>
        <ContactBlock text="If something here is wrong or missing, tell the place that recorded it." />
      </>
    ),
  })
}

const Things = (props: { things: readonly SameThing[]; voice: Voice; reader: string }): ReactElement => (
  <>
    {props.things.map((thing) => (
      <Thing
        key={`${thing.newest.entry.type}/${thing.newest.entry.id}`}
        thing={thing}
        voice={props.voice}
        reader={props.reader}
      />
    ))}
  </>
)

function Thing({ thing, voice, reader }: { thing: SameThing; voice: Voice; reader: string }): ReactElement {
  const { entry, described } = thing.newest
  const { title, clinical } = plainWords(entry, described)
  const tag = plainTag(thing.newest, voice, reader)
  return (
    <PlainCard>
      {tag === undefined ? null : <p className="app-card__tag">{tag}</p>}
      <h3>
        <a href={`/app/record/${entry.type}/${entry.id}`}>{title}</a>
      </h3>
      {clinical === undefined ? null : <p>Doctors call this: {clinical}</p>}
      {described.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <p className="app-quiet">Recorded by {originsText(thing)}</p>
    </PlainCard>
  )
}
