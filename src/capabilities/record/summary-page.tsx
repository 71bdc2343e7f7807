import type { RelatedPerson } from 'fhir/r4.js'
import type { ReactElement } from 'react'
import { isNoneKnown } from '../../platform/describe/problem.ts'
import {
  type DescribedEntry,
  describeAll,
  isCareWork,
  readAll,
  soonestFirst,
  statedDate,
  timeOf,
} from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { identityOf, unique } from '../../platform/person-view.ts'
import { LiveRegion, type OpenRecord, openRecord, recordPage, seesPart } from '../../platform/record-page.tsx'
import { sameThings } from '../../platform/same.ts'
import { dayIn } from '../../ui/format/dates.ts'
import { plainName } from '../../ui/format/names.ts'
import type { AllergyState } from '../../ui/patient-banner.tsx'
import { Block, EntryLine, Lines } from './blocks.tsx'
import { currentMedicines, currentProblems, latestResults } from './rules.ts'

interface SummaryParts {
  readonly latest: readonly DescribedEntry[]
  readonly total: number
  readonly tasks: readonly DescribedEntry[]
  readonly problems: readonly DescribedEntry[]
  readonly medicines: readonly DescribedEntry[]
  readonly allergies: readonly DescribedEntry[]
  readonly results: readonly DescribedEntry[]
  readonly plans: readonly DescribedEntry[]
  readonly appointments: readonly DescribedEntry[]
  readonly relatives: readonly DescribedEntry[]
}

/** What to know in ten seconds. */
export async function summaryPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const id = params['person'] ?? ''
  const open = await openRecord(ctx, id)
  const parts = await readSummary(ctx, id)
  return recordPage(ctx, open, {
    section: '',
    heading: 'Summary',
    live: true,
    children: (
      <LiveRegion name="summary">
        <Summary person={id} parts={parts} open={open} now={ctx.clock.now()} part={seesPart(ctx)} />
      </LiveRegion>
    ),
  })
}

async function readSummary(ctx: HandlerContext, id: string): Promise<SummaryParts> {
  const all = async (...types: readonly string[]): Promise<readonly DescribedEntry[]> =>
    describeAll((await readAll(ctx, id, { types })).entries)
  const now = ctx.clock.now().toString()
  const [latest, tasks, problems, medicines, allergies, observations, plans, appointments, relatives] =
    await Promise.all([
      ctx.records.readEntries(ctx, id, { limit: 5, to: dayIn(now) }),
      all('Task'),
      all('Condition'),
      all('MedicationRequest', 'MedicationStatement'),
      all('AllergyIntolerance'),
      ctx.records.readEntries(ctx, id, { types: ['Observation'], limit: 200 }),
      all('CarePlan'),
      all('Appointment'),
      all('RelatedPerson'),
    ])
  return {
    latest: describeAll(latest.entries),
    total: latest.total,
    tasks: tasks.filter(({ entry, described }) => described.current && isCareWork(entry)),
    problems: currentProblems(problems),
    medicines: currentMedicines(medicines),
    allergies: allergies.filter(({ entry, described }) => described.current && !isNoneKnown(entry)),
    results: latestResults(describeAll(observations.entries)),
    plans: plans.filter(({ described }) => described.current),
    appointments: soonestFirst(appointments).filter(
      ({ entry, described }) => described.current && timeOf(entry) >= now,
    ),
    relatives,
  }
}

interface SummaryProps {
  readonly person: string
  readonly parts: SummaryParts
  readonly open: OpenRecord
  readonly now: Temporal.Instant
  /** The reader's role is shown a part of the record. */
  readonly part: boolean
}

const titled = ({ described }: DescribedEntry): string => described.title

function Summary({ person, parts, open, now, part }: SummaryProps): ReactElement {
  const base = `/work/people/${person}`
  return (
    <>
      <div className="app-columns">
        <Block
          heading="Latest entries"
          total={parts.total}
          empty="No source has sent an entry for this person yet."
          all={{ href: `${base}/timeline`, text: 'See the timeline' }}
        >
          <PlainLines person={person} rows={parts.latest} />
        </Block>
        <div>
          <Block heading="Do now" total={parts.tasks.length} empty="No open tasks are recorded.">
            <PlainLines person={person} rows={parts.tasks.slice(0, 5)} />
          </Block>
          <Block heading="Next events" total={parts.appointments.length} empty="No appointments are booked.">
            <PlainLines person={person} rows={parts.appointments} />
          </Block>
        </div>
      </div>
      <div className="app-columns">
        <div>
          <CareBlocks person={person} parts={parts} base={base} part={part} open={open} />
        </div>
        <div>
          <OtherBlocks person={person} parts={parts} base={base} part={part} />
          <Contacts open={open} now={now} relatives={parts.relatives} />
        </div>
      </div>
    </>
  )
}

interface BlocksProps extends Pick<SummaryProps, 'person' | 'parts' | 'part'> {
  readonly base: string
}

function CareBlocks({ person, parts, base, part, open }: BlocksProps & Pick<SummaryProps, 'open'>): ReactElement {
  const problems = sameThings(parts.problems, titled)
  const medicines = sameThings(parts.medicines, ({ described }) => `${described.title} ${described.lines.join(' ')}`)
  const allergies = sameThings(parts.allergies, titled)
  return (
    <>
      <Block
        heading="Problems"
        total={problems.length}
        newest={newestOf(parts.problems)}
        empty={
          part
            ? 'Your role does not see problems. Ask a nurse or GP.'
            : 'No current problems are recorded. Missing information does not mean none exists.'
        }
        all={{ href: `${base}/problems`, text: 'See all problems' }}
      >
        <Lines person={person} things={problems.slice(0, 10)} />
      </Block>
      <Block
        heading="Medicines"
        total={medicines.length}
        newest={newestOf(parts.medicines)}
        empty="No current medicines are recorded. Missing information does not mean none exists."
        all={{ href: `${base}/medicines`, text: 'See all medicines' }}
      >
        <Lines person={person} things={medicines.slice(0, 15)} />
      </Block>
      <Block
        heading="Allergies"
        total={allergies.length}
        newest={newestOf(parts.allergies)}
        empty={noAllergies(open.banner.allergies)}
      >
        <Lines person={person} things={allergies} />
      </Block>
    </>
  )
}

function OtherBlocks({ person, parts, base, part }: BlocksProps): ReactElement {
  return (
    <>
      <Block
        heading="Latest results and observations"
        total={parts.results.length}
        newest={newestOf(parts.results)}
        empty="No results or observations are recorded."
        {...(part ? {} : { all: { href: `${base}/results`, text: 'See all results' } })}
      >
        <PlainLines person={person} rows={parts.results.slice(0, 8)} />
      </Block>
      <Block
        heading="Plans"
        total={parts.plans.length}
        newest={newestOf(parts.plans)}
        empty="No current plans are recorded."
      >
        <PlainLines person={person} rows={parts.plans} />
      </Block>
    </>
  )
}

/** What an empty allergy list means: none known, not recorded and unavailable are three texts. */
function noAllergies(state: AllergyState | undefined): string {
  if (state?.state === 'none-known') return `No known allergies (recorded ${state.recorded}).`
  if (state?.state === 'unavailable') return 'Allergies unavailable: a source did not answer.'
  return 'Allergies not recorded. This does not mean that there are none.'
}

const newestOf = (rows: readonly DescribedEntry[]): string | undefined =>
  rows
    .map(({ entry }) => statedDate(entry))
    .sort()
    .at(-1)

const PlainLines = ({ person, rows }: { person: string; rows: readonly DescribedEntry[] }): ReactElement => (
  <ul className="app-lines">
    {rows.map((row) => (
      <li key={`${row.entry.type}/${row.entry.id}`}>
        <EntryLine person={person} row={row} />
      </li>
    ))}
  </ul>
)

interface ContactsProps extends Pick<SummaryProps, 'open' | 'now'> {
  readonly relatives: readonly DescribedEntry[]
}

function Contacts({ open, now, relatives }: ContactsProps): ReactElement {
  const { patients } = open.record
  const restricted = identityOf(open.record, now).restricted
  const family = relatives.flatMap(({ entry: { resource } }) =>
    resource.resourceType === 'RelatedPerson' && resource.active !== false ? [contactText(resource)] : [],
  )
  const contacts = unique([
    ...family,
    ...patients.flatMap(({ patient }) =>
      (patient.contact ?? []).map(({ name, ...rest }) =>
        contactText({ ...rest, name: name === undefined ? [] : [name] }),
      ),
    ),
  ])
  const surgeries = unique(
    patients.flatMap(({ patient }) => (patient.generalPractitioner ?? []).map(({ display }) => display ?? '')),
  ).filter((name) => name !== '')
  const lines = restricted ? [] : [...surgeries.map((name) => `Registered with ${name}`), ...contacts]
  return (
    <Block heading="Contacts" total={restricted ? 1 : lines.length} empty="No contacts are recorded.">
      {restricted ? <p>Some details are restricted.</p> : null}
      <ul className="app-lines">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Block>
  )
}

function contactText({
  name,
  relationship,
  telecom,
}: Pick<RelatedPerson, 'name' | 'relationship' | 'telecom'>): string {
  const relation = (relationship ?? []).map(({ text, coding }) => text ?? coding?.[0]?.display ?? '').filter(Boolean)
  const phones = (telecom ?? []).filter(({ system }) => system === 'phone').map(({ value }) => value ?? '')
  const who = name?.[0] === undefined ? 'Contact' : plainName(name)
  return `${who}${relation.length === 0 ? '' : ` (${relation.join(', ')})`}${phones.length === 0 ? '' : `, phone ${phones.join(', ')}`}`
}
