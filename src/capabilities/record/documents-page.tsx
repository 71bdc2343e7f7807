import type { DocumentReference } from 'fhir/r4.js'
import type { ReactElement } from 'react'
import { problem } from '../../base/problem.ts'
import { describe } from '../../platform/describe/describe.ts'
import { documentTexts } from '../../platform/describe/document.ts'
import { type DescribedEntry, describeAll, entryDate, originText, readAll } from '../../platform/entries.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { LiveRegion, openRecord, recordPage } from '../../platform/record-page.tsx'
import { Facts } from '../../ui/facts.tsx'
import { momentText } from '../../ui/format/dates.ts'
import { EmptyState } from '../../ui/notices.tsx'
import { Table } from '../../ui/table.tsx'
import { Tags } from './blocks.tsx'
import { Incomplete } from './list-pages.tsx'
import { provenance } from './provenance.ts'

/** Letters, plans and other documents, newest first. */
export async function documentsPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const id = params['person'] ?? ''
  const open = await openRecord(ctx, id)
  const read = await readAll(ctx, id, { types: ['DocumentReference', 'Composition'] })
  const rows = describeAll(read.entries)
  return recordPage(ctx, open, {
    section: '/documents',
    heading: 'Documents',
    live: true,
    children: (
      <LiveRegion name="documents">
        <Incomplete read={read} />
        {rows.length === 0 ? (
          <EmptyState text="No documents are recorded. Missing information does not mean none exists." />
        ) : (
          <DocumentTable person={id} rows={rows} />
        )}
      </LiveRegion>
    ),
  })
}

const DocumentTable = ({ person, rows }: { person: string; rows: readonly DescribedEntry[] }): ReactElement => (
  <Table
    caption="Documents, newest first"
    captionHidden
    rows={rows}
    keyOf={({ entry }) => `${entry.type}-${entry.id}`}
    columns={[
      {
        name: 'Document',
        rowHeader: true,
        cell: ({ entry, described }) => <a href={hrefOf(person, entry)}>{described.title}</a>,
      },
      { name: 'Kind', cell: ({ described }) => described.lines[0] ?? described.kindWord },
      { name: 'Status', cell: (row) => <Tags row={row} /> },
      { name: 'Date', cell: ({ entry }) => entryDate(entry, 'short') },
      { name: 'Recorded by', cell: ({ entry }) => originText(entry) },
    ]}
  />
)

const hrefOf = (person: string, { type, id }: { type: string; id: string }): string =>
  type === 'DocumentReference'
    ? `/work/people/${person}/documents/${id}`
    : `/work/people/${person}/entries/${type}/${id}`

/** One document: who, when, what, and its text where it carries text. */
export async function documentPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const id = params['person'] ?? ''
  const open = await openRecord(ctx, id)
  const entry = await ctx.records.readEntry(ctx, id, 'DocumentReference', params['document'] ?? '')
  if (entry.resource.resourceType !== 'DocumentReference') throw problem('not-found', 'Page not found')
  const described = describe(entry)
  return recordPage(ctx, open, {
    section: '/documents',
    heading: described.title,
    live: false,
    back: { href: `/work/people/${id}/documents`, text: 'Documents' },
    children: (
      <>
        <Facts facts={[...described.lines.map((text) => ({ name: 'Kind', text })), ...provenance(entry)]} />
        <DocumentBody document={entry.resource} />
      </>
    ),
  })
}

function DocumentBody({ document }: { document: DocumentReference }): ReactElement {
  const texts = documentTexts(document)
  const other = document.content.length - texts.length
  return (
    <>
      {texts.map(({ heading, text }) => (
        <section key={heading}>
          {heading === '' ? null : <h2>{heading}</h2>}
          <div className="app-document">{text}</div>
        </section>
      ))}
      {other === 0 ? null : <Elsewhere document={document} />}
    </>
  )
}

/** Parts that cannot be read here: what they are, and that they exist. */
const Elsewhere = ({ document }: { document: DocumentReference }): ReactElement => (
  <>
    <h2>Parts that cannot be read here</h2>
    <ul>
      {document.content.map(({ attachment }) =>
        attachment.contentType?.startsWith('text/plain') === true && attachment.data !== undefined ? null : (
          <li key={`${attachment.title ?? ''}${attachment.url ?? ''}${attachment.contentType ?? ''}`}>
            {attachment.title ?? 'Attachment'} ({attachment.contentType ?? 'kind not stated'}
            {attachment.creation === undefined ? '' : `, made ${momentText(attachment.creation, 'short')}`}). Ask the
            source for it.
          </li>
        ),
      )}
    </ul>
  </>
)
