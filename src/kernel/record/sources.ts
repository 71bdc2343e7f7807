import type { Organization } from 'fhir/r4.js'
import { sql } from '../../base/sql.ts'
import { personSource } from '../access/submission.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { systems } from '../fhir/systems.ts'
import { codeToken } from '../search/token.ts'
import { text } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { type Setting, type Source, settings } from '../store/record.ts'
import { int8Array } from '../store/wire.ts'

const organisationType = typeNumber('Organization') ?? 0

/** Linchpin's own code system for the kind of place an organisation is; codes are those of `settings`. */
const settingSystem = 'https://linchpin.example/fhir/CodeSystem/care-setting'

/** ODS primary role codes (NHS Digital, Organisation Data Service) of the kinds of place that Linchpin tells apart. */
const settingByRole: Readonly<Record<string, Setting>> = {
  RO76: 'general-practice',
  RO177: 'general-practice',
  RO197: 'hospital',
  RO198: 'hospital',
  RO182: 'pharmacy',
  RO280: 'pharmacy',
  RO104: 'social-care',
  RO141: 'social-care',
  RO101: 'care-home',
}

const isSetting = (code: string): code is Setting => settings.some((setting) => setting === code)

/** What kind of place an organisation is, by its coded types. */
function settingOf(organisation: Organization): Setting {
  const codings = (organisation.type ?? []).flatMap((type) => type.coding ?? [])
  const own = codings.find((coding) => coding.system === settingSystem)?.code ?? ''
  if (isSetting(own)) return own
  return codings.map((coding) => settingByRole[coding.code ?? '']).find((setting) => setting !== undefined) ?? 'other'
}

const decodeOrganisation = (body: string): Organization => JSON.parse(body) as Organization

const unknownSource = (code: string): Source => ({
  code,
  name: code === '' ? 'Source not stated' : `Organisation ${code}`,
  setting: 'other',
})

/** The organisations behind ODS codes, with their names; a code nobody described keeps its code as name. */
export async function sourcesByCode(
  connection: Pick<Connection, 'query'>,
  codes: readonly string[],
): Promise<ReadonlyMap<string, Source>> {
  const sources = new Map(codes.map((code) => [code, unknownSource(code)]))
  if (sources.has(personSource))
    sources.set(personSource, { code: personSource, name: 'The person or their carer', setting: 'person' })
  const asked = codes.filter((code) => code !== '' && code !== personSource)
  if (asked.length === 0) return sources
  const tokens = asked.map((code) => codeToken('Organization.identifier', systems.odsOrganisation, code))
  const rows = await connection.query(
    sql`select body from shared where rtype = ${organisationType}::int2 and toks && ${int8Array(tokens)}::int8[]`,
    'sources',
  )
  for (const row of rows) {
    const organisation = decodeOrganisation(text(row, 'body'))
    const code = organisation.identifier?.find((each) => each.system === systems.odsOrganisation)?.value ?? ''
    if (sources.has(code))
      sources.set(code, { code, name: organisation.name ?? code, setting: settingOf(organisation) })
  }
  return sources
}
