import type { ReactElement } from 'react'
import {
  type AllEntries,
  type DescribedEntry,
  describeAll,
  entryDate,
  readAll,
  timeOf,
} from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { LiveRegion, openRecord, recordPage } from '../../platform/record-page.tsx'
import { originsText, type SameThing, sameThings } from '../../platform/same.ts'
import { EmptyState } from '../../ui/notices.tsx'
import { Table } from '../../ui/table.tsx'
import { Tags } from './blocks.tsx'
import { currentMedicines, currentProblems } from './rules.ts'

/** Current problems first, then those that are over. Nothing is left out. */
export async function problemsPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const id = params['person'] ?? ''
  const open = await openRecord(ctx, id)
  const read = await readAll(ctx, id, { types: ['Condition'] })
  const rows = describeAll(read.entries)
  const current = currentProblems(rows)
  const titled = ({ described }: DescribedEntry): string => described.title
  return recordPage(ctx, open, {
    section: '/problems',
    heading: 'Problems',
    live: true,
    children: (
      <LiveRegion name="problems">
        <Incomplete read={read} />
        <ThingTable
          person={id}
          name="Problem"
          caption="Current problems"
          things={sameThings(current, titled)}
          empty="No current problems are recorded. Missing information does not mean none exists."
        />
        <ThingTable
          person={id}
          name="Problem"
          caption="Past problems"
          things={sameThings(
            rows.filter((row) => !current.includes(row)),
            titled,
          )}
          empty="No past problems are recorded."
        />
      </LiveRegion>
    ),
  })
}

/** One row a medicine, current first, then those stopped. Doses in full. */
export async function medicinesPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const id = params['person'] ?? ''
  const open = await openRecord(ctx, id)
  const types = ['MedicationRequest', 'MedicationStatement', 'MedicationDispense', 'MedicationAdministration']
  const read = await readAll(ctx, id, { types })
  const rows = describeAll(read.entries)
  const orders = rows.filter(({ entry }) => entry.type === 'MedicationRequest' || entry.type === 'MedicationStatement')
  const current = currentMedicines(orders)
  const dosed = ({ described }: DescribedEntry): string => `${described.title} ${described.lines.join(' ')}`
  return recordPage(ctx, open, {
    section: '/medicines',
    heading: 'Medicines',
    live: true,
    children: (
      <LiveRegion name="medicines">
        <p>Current medicines first, newest first. The same medicine and dose from several sources is one row.</p>
        <Incomplete read={read} />
        <ThingTable
          person={id}
          name="Medicine"
          caption="Current medicines"
          things={sameThings(current, dosed)}
          empty="No current medicines are recorded. Missing information does not mean none exists."
        />
        <ThingTable
          person={id}
          name="Medicine"
          caption="Stopped or completed, supplied and given"
          things={sameThings(
            rows.filter((row) => !current.includes(row)),
            ({ described, entry }) => `${entry.type} ${described.title} ${described.lines.join(' ')} ${timeOf(entry)}`,
          )}
          empty="No past medicines are recorded."
        />
      </LiveRegion>
    ),
  })
}

/** Said when the record holds more than one page can: nothing is left out in silence. */
export const Incomplete = ({ read }: { read: AllEntries }): ReactElement | null =>
  read.complete ? null : (
    <p>
      <strong>
        Showing the newest {read.entries.length} of {read.total}. Use the timeline to see the rest.
      </strong>
    </p>
  )

interface ThingTableProps {
  readonly person: string
  readonly name: string
  readonly caption: string
  readonly things: readonly SameThing[]
  readonly empty: string
}

function ThingTable({ person, name, caption, things, empty }: ThingTableProps): ReactElement {
  if (things.length === 0)
    return (
      <>
        <h2>{caption}</h2>
        <EmptyState text={empty} />
      </>
    )
  return (
    <Table
      caption={`${caption} (${things.length})`}
      rows={things}
      keyOf={({ newest: { entry } }) => `${entry.type}-${entry.id}`}
      columns={[
        { name, rowHeader: true, cell: ({ newest }) => <Thing person={person} row={newest} /> },
        { name: 'Status', cell: ({ newest }) => <Tags row={newest} /> },
        { name: 'Date', cell: ({ newest }) => entryDate(newest.entry, 'short') },
        { name: 'Recorded by', cell: (thing) => originsText(thing) },
      ]}
    />
  )
}

const Thing = ({ person, row: { entry, described } }: { person: string; row: DescribedEntry }): ReactElement => (
  <>
    <a href={`/work/people/${person}/entries/${entry.type}/${entry.id}`}>{described.title}</a>
    {described.lines.map((line) => (
      <span key={line} className="app-lines__detail">
        {line}
      </span>
    ))}
  </>
)
