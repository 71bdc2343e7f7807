import type { ReactElement, ReactNode } from 'react'
import { Problem } from '../base/problem.ts'
import type { PersonRecord } from '../kernel/store/record.ts'
import { count } from '../ui/format/dates.ts'
import { SubNav } from '../ui/navigation.tsx'
import { SourceNotice } from '../ui/notices.tsx'
import { type AllergyState, PatientBanner, type PatientBannerProps } from '../ui/patient-banner.tsx'
import { describeAll, readAll } from './entries.ts'
import { audienceOf, type HandlerContext, type HtmlAnswer } from './page.ts'
import { allergyStateOf, bannerOf, sourceName, updatedText } from './person-view.ts'
import { type StaffPageParts, staffPage } from './shell.tsx'

/** A record that is open on a staff page, with what its banner says. */
export interface OpenRecord {
  readonly id: string
  readonly record: PersonRecord
  readonly banner: PatientBannerProps
}

/** Opens a record for a staff page. Throws `not-found` when this actor may not see it. */
export async function openRecord(ctx: HandlerContext, id: string): Promise<OpenRecord> {
  const record = await ctx.records.openPerson(ctx, id)
  const [allergies, flags] = await Promise.all([
    allergyState(ctx, id),
    readAll(ctx, id, { types: ['Flag'] }).then(({ entries }) => describeAll(entries).map(({ described }) => described)),
  ])
  return { id, record, banner: bannerOf(record, ctx.clock.now(), allergies, flags) }
}

/** A source that does not answer must never read as "no allergies". */
async function allergyState(ctx: HandlerContext, id: string): Promise<AllergyState> {
  try {
    return allergyStateOf((await readAll(ctx, id, { types: ['AllergyIntolerance'] })).entries)
  } catch (cause) {
    if (cause instanceof Problem && cause.kind === 'unavailable') return { state: 'unavailable' }
    throw cause
  }
}

const sections = [
  { path: '', text: 'Summary' },
  { path: '/timeline', text: 'Timeline' },
  { path: '/problems', text: 'Problems' },
  { path: '/medicines', text: 'Medicines' },
  { path: '/results', text: 'Results' },
  { path: '/documents', text: 'Documents' },
  { path: '/add', text: 'Add an entry' },
] as const

type Section = (typeof sections)[number]['path']

/** Care home workers read what daily care needs (lifelong-record rule 10): the store shows them no more. */
const careHomeSections: readonly Section[] = ['', '/timeline', '/medicines', '/add']

export interface RecordPageParts extends Omit<StaffPageParts, 'record' | 'current' | 'caption' | 'skips' | 'live'> {
  readonly section: Section | '/details'
  /** Pages that show entries listen for new ones; forms do not. */
  readonly live: boolean
}

/** True for roles to whom the store shows a part of each record: an empty list is then not proof of anything. */
export const seesPart = (ctx: HandlerContext): boolean => audienceOf(ctx.actor) === 'care-home-worker'

/** A staff page about one person: banner, section menu, sources, then the page's own content. */
export function recordPage(ctx: HandlerContext, open: OpenRecord, parts: RecordPageParts): HtmlAnswer {
  const { section, live, children, ...rest } = parts
  const base = `/work/people/${open.id}`
  const reduced = seesPart(ctx)
  const shown = sections.filter(({ path }) => !reduced || careHomeSections.includes(path))
  return staffPage(ctx, {
    ...rest,
    title: `${open.banner.name}: ${parts.heading}`,
    current: '',
    ...(live ? { live: { person: open.id, after: open.record.position } } : {}),
    skips: [{ href: '#record-menu', text: 'Skip to record menu' }],
    record: (
      <>
        <PatientBanner {...open.banner} {...(reduced ? { allDetails: undefined } : {})} />
        <SubNav
          id="record-menu"
          label="Record"
          current={`${base}${section}`}
          items={shown.map(({ path, text }) => ({ href: `${base}${path}`, text }))}
        />
      </>
    ),
    children: (
      <>
        {live ? <Sources record={open.record} /> : null}
        {reduced && live ? (
          <p>You see the part of the record that your role needs. There may be more that is not shown.</p>
        ) : null}
        {children}
      </>
    ),
  })
}

function Sources({ record: { sources } }: { record: PersonRecord }): ReactElement {
  return (
    <SourceNotice
      summary={`From ${count(sources.length, 'source')}: see when each was last updated`}
      sources={sources.map((source) => ({ name: sourceName(source), updated: updatedText(source) }))}
    />
  )
}

/** The part of a page that is replaced when news arrives. Each has its own name on the page. */
export const LiveRegion = ({
  name,
  children,
}: {
  readonly name: string
  readonly children: ReactNode
}): ReactElement => <div data-live={name}>{children}</div>
