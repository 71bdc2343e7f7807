import type { ContactPoint, Patient } from 'fhir/r4.js'
import { SummaryList } from 'nhsuk-react-components'
import type { ReactElement } from 'react'
import type { PersonRecord } from '../../kernel/store/record.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { addressText, bornText, genderText, identityOf, sourceName, updatedText } from '../../platform/person-view.ts'
import { openRecord, recordPage } from '../../platform/record-page.tsx'
import { dateText } from '../../ui/format/dates.ts'
import { staffName } from '../../ui/format/names.ts'
import { nhsNumberSystem, nhsNumberText } from '../../ui/format/nhs-number.ts'
import { type EntryRow, Rows } from './entry-rows.tsx'

/** All that each source holds about who this person is, side by side with nothing merged. */
export async function detailsPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const id = params['person'] ?? ''
  const open = await openRecord(ctx, id)
  const { restricted } = identityOf(open.record, ctx.clock.now())
  const { banner } = open
  return recordPage(ctx, open, {
    section: '/details',
    heading: 'All details',
    live: false,
    children: (
      <>
        <h2>Alerts and adjustments</h2>
        {banner.alerts.length + banner.adjustments.length === 0 ? (
          <p>No alerts or adjustments are recorded.</p>
        ) : (
          <ul>
            {[...banner.adjustments, ...banner.alerts].map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        {restricted ? <p>Some details are restricted.</p> : null}
        {open.record.patients.map((held) => (
          <SourceDetails key={`${held.source.code} ${held.patient.id ?? ''}`} held={held} restricted={restricted} />
        ))}
      </>
    ),
  })
}

type Held = PersonRecord['patients'][number]

function SourceDetails({ held, restricted }: { held: Held; restricted: boolean }): ReactElement {
  const { patient, source } = held
  const rows: readonly EntryRow[] = [
    { key: 'Name', text: staffName(patient.name) },
    { key: 'Born', text: bornText(patient.birthDate, undefined) },
    { key: 'Gender', text: genderText(patient.gender) },
    ...(restricted ? [] : reachRows(patient)),
    ...identifierRows(patient),
    { key: 'Record received', text: dateText(held.receivedTime) },
    { key: 'Entries', text: updatedText(source) },
  ]
  return (
    <>
      <h2>{sourceName(source)}</h2>
      <SummaryList>
        <Rows rows={rows} />
      </SummaryList>
    </>
  )
}

const phoneWords = ({ system, use, value }: ContactPoint): string =>
  `${value ?? ''}${use === undefined ? '' : ` (${use})`}${system === 'email' ? ' (email)' : ''}`

function reachRows({ address, telecom, generalPractitioner, contact }: Patient): readonly EntryRow[] {
  return [
    ...(address ?? []).map((one) => ({ key: 'Address', text: addressText(one) })),
    ...(telecom ?? []).map((one) => ({ key: 'Phone or email', text: phoneWords(one) })),
    ...(generalPractitioner ?? []).flatMap(({ display }) =>
      display === undefined ? [] : [{ key: 'GP', text: display }],
    ),
    ...(contact ?? []).map(({ name, telecom: phones }) => ({
      key: 'Contact',
      text: [name === undefined ? '' : staffName([name]), ...(phones ?? []).map(phoneWords)].filter(Boolean).join(', '),
    })),
  ]
}

function identifierRows({ identifier, id }: Patient): readonly EntryRow[] {
  const known = (identifier ?? []).map(({ system, value, assigner, use }) => ({
    key: system === nhsNumberSystem ? 'NHS number' : (assigner?.display ?? 'Local number'),
    text: `${system === nhsNumberSystem ? nhsNumberText(value ?? '') : (value ?? '')}${use === 'old' ? ' (old)' : ''}`,
  }))
  return [...known, { key: 'Record id', text: id ?? '' }]
}
