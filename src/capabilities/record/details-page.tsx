import type { ContactPoint, Patient } from 'fhir/r4.js'
import type { ReactElement } from 'react'
import type { PersonRecord, Source } from '../../kernel/store/record.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { addressText, bornText, genderText, identityOf, sourceName, updatedText } from '../../platform/person-view.ts'
import { openRecord, recordPage } from '../../platform/record-page.tsx'
import { type Fact, Facts } from '../../ui/facts.tsx'
import { dateText } from '../../ui/format/dates.ts'
import { staffName } from '../../ui/format/names.ts'
import { nhsNumberSystem, nhsNumberText } from '../../ui/format/nhs-number.ts'

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
          <SourceDetails
            key={`${held.source.code} ${held.patient.id ?? ''}`}
            held={held}
            source={open.record.sources.find(({ code }) => code === held.source.code) ?? held.source}
            restricted={restricted}
          />
        ))}
      </>
    ),
  })
}

type Held = PersonRecord['patients'][number]

function SourceDetails({
  held,
  source,
  restricted,
}: {
  held: Held
  source: Source
  restricted: boolean
}): ReactElement {
  const { patient } = held
  const rows: readonly Fact[] = [
    { name: 'Name', text: staffName(patient.name) },
    { name: 'Born', text: bornText(patient.birthDate, undefined) },
    { name: 'Gender', text: genderText(patient.gender) },
    ...(restricted ? [] : reachRows(patient)),
    ...identifierRows(patient),
    { name: 'Record received', text: dateText(held.receivedTime) },
    { name: 'Entries', text: updatedText(source) },
  ]
  return (
    <>
      <h2>{sourceName(source)}</h2>
      <Facts facts={rows} />
    </>
  )
}

const phoneWords = ({ system, use, value }: ContactPoint): string =>
  `${value ?? ''}${use === undefined ? '' : ` (${use})`}${system === 'email' ? ' (email)' : ''}`

function reachRows({ address, telecom, generalPractitioner, contact }: Patient): readonly Fact[] {
  return [
    ...(address ?? []).map((one) => ({ name: 'Address', text: addressText(one) })),
    ...(telecom ?? []).map((one) => ({ name: 'Phone or email', text: phoneWords(one) })),
    ...(generalPractitioner ?? []).flatMap(({ display }) =>
      display === undefined ? [] : [{ name: 'GP', text: display }],
    ),
    ...(contact ?? []).map(({ name, telecom: phones }) => ({
      name: 'Contact',
      text: [name === undefined ? '' : staffName([name]), ...(phones ?? []).map(phoneWords)].filter(Boolean).join(', '),
    })),
  ]
}

function identifierRows({ identifier, id }: Patient): readonly Fact[] {
  const known = (identifier ?? []).map(({ system, value, assigner, use }) => ({
    name: system === nhsNumberSystem ? 'NHS number' : (assigner?.display ?? 'Local number'),
    text: `${system === nhsNumberSystem ? nhsNumberText(value ?? '') : (value ?? '')}${use === 'old' ? ' (old)' : ''}`,
  }))
  return [...known, { name: 'Record id', text: id ?? '' }]
}
