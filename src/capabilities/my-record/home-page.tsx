import type { ReactElement } from 'react'
import { type DescribedEntry, describeAll, isCareWork, readAll, soonestFirst, timeOf } from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer } from '../../platform/page.ts'
import { LiveRegion } from '../../platform/record-page.tsx'
import { appPage } from '../../platform/shell.tsx'
import { CardGroup, CardLink } from '../../ui/cards.tsx'
import { dayIn } from '../../ui/format/dates.ts'
import { cardOrigin, plainHeadline, plainTag } from './entry-words.tsx'
import { type Voice, voiceOf } from './voice.ts'

const menu = [
  { href: '/app/results', title: 'Test results' },
  { href: '/app/conditions', title: 'Health conditions' },
  { href: '/app/medicines', title: 'Medicines' },
  { href: '/app/record', title: 'Whole record' },
  { href: '/app/readings', title: 'Add a reading or a note' },
] as const

/** What to do, what is coming, what is new, and the way to everything else. */
export async function homePage(ctx: HandlerContext): Promise<HtmlAnswer> {
  const voice = voiceOf(ctx.actor)
  const record = await ctx.records.openPerson(ctx, voice.person)
  const now = ctx.clock.now().toString()
  const [work, latest] = await Promise.all([
    readAll(ctx, voice.person, { types: ['Task', 'Appointment'] }),
    ctx.records.readEntries(ctx, voice.person, { limit: 3, to: dayIn(now) }),
  ])
  const current = describeAll(work.entries).filter(({ entry, described }) => described.current && isCareWork(entry))
  const lists = {
    toDo: current.filter(isForPerson),
    coming: soonestFirst(current).filter(({ entry }) => entry.type === 'Appointment' && timeOf(entry) >= now),
    team: current.filter((row) => row.entry.type === 'Task' && !isForPerson(row)),
    latest: describeAll(latest.entries),
  }
  return appPage(ctx, {
    heading: voice.isCarer ? `${voice.Your} home` : 'Home',
    current: '/app',
    live: { person: voice.person, after: record.position },
    children: (
      <>
        <p className="app-urgent">
          Urgent help: use <a href="https://111.nhs.uk/">111 online</a> or call 111. In an emergency call 999.
        </p>
        <LiveRegion name="home">
          <HomeLists {...lists} voice={voice} reader={ctx.actor.name} />
        </LiveRegion>
        <h2>{voice.Your} health</h2>
        <CardGroup>
          {menu.map(({ href, title }) => (
            <CardLink key={href} href={href} title={title} />
          ))}
        </CardGroup>
      </>
    ),
  })
}

/** A task that the person or someone close to them has taken on, not a professional. */
const isForPerson = ({ entry: { resource } }: DescribedEntry): boolean =>
  resource.resourceType === 'Task' && /^(Patient|RelatedPerson)\//.test(resource.owner?.reference ?? '')

interface HomeListsProps {
  readonly toDo: readonly DescribedEntry[]
  readonly coming: readonly DescribedEntry[]
  readonly team: readonly DescribedEntry[]
  readonly latest: readonly DescribedEntry[]
  readonly voice: Voice
  readonly reader: string
}

function HomeLists({ toDo, coming, team, latest, voice, reader }: HomeListsProps): ReactElement {
  const common = { voice, reader }
  return (
    <>
      <Entries
        heading={`Things to do (${toDo.length})`}
        rows={toDo}
        empty={`${voice.YouHave} nothing to do right now.`}
        {...common}
      />
      {coming.length === 0 ? null : <Entries heading="Coming up" rows={coming.slice(0, 3)} empty="" {...common} />}
      {team.length === 0 ? null : (
        <Entries heading={`What ${voice.your} care team is doing`} rows={team} empty="" {...common} />
      )}
      <Entries heading="New in the record" rows={latest} empty="No source has sent anything yet." {...common} />
    </>
  )
}

function Entries(props: {
  heading: string
  rows: readonly DescribedEntry[]
  empty: string
  voice: Voice
  reader: string
}): ReactElement {
  return (
    <>
      <h2>{props.heading}</h2>
      {props.rows.length === 0 ? (
        <p>{props.empty}</p>
      ) : (
        <CardGroup>
          {props.rows.map((row) => (
            <CardLink
              key={`${row.entry.type}/${row.entry.id}`}
              href={`/app/record/${row.entry.type}/${row.entry.id}`}
              title={plainHeadline(row)}
              description={cardOrigin(row)}
              tag={plainTag(row, props.voice, props.reader)}
            />
          ))}
        </CardGroup>
      )}
    </>
  )
}
