import { basename } from 'node:path'
import { problem } from '../../../base/problem.ts'
import { systems } from '../../fhir/systems.ts'
import { chunked, fieldsOf, linesOf } from './lines.ts'
import type { ReleasePlan, ReleaseRow } from './release-row.ts'
import { xmlElements, xmlText } from './xml-records.ts'

// Organisation Data Service: the XML product (HSCOrgRefData), and the predefined CSV reports, which have no line of
// names: code, name, …, the day of closing in column 12 and, in some, the status in column 13.

/** Reads an ODS file, XML or CSV. */
export function odsPlan(file: string, version?: string): ReleasePlan {
  const isXml = /\.xml$/i.test(file)
  if (!isXml && !/\.csv$/i.test(file))
    throw problem('invalid', `${file} must be an XML or CSV file of the Organisation Data Service`)
  const named = version ?? /(\d{8})/.exec(basename(file))?.[1]
  if (named === undefined)
    throw problem('invalid', 'The name of the file does not say of which day this is: give its version')
  const rows = isXml ? xmlRows : csvRows
  const steps = [
    { name: 'organisations', file, rows: () => chunked(rows(file)) },
    ...(isXml ? [{ name: 'relationships', file, rows: () => chunked(relationRows(file)) }] : []),
  ]
  return { system: systems.odsOrganisation, version: named, name: 'ODS organisations', steps }
}

const organisation = (code: string, display: string, active: boolean): readonly ReleaseRow[] => [
  { table: 'concept', code, display, active },
  { table: 'designation', code, language: 'en-GB', use: 'display', value: display, preferred: true },
]

async function* csvRows(file: string): AsyncGenerator<ReleaseRow> {
  for await (const line of linesOf(file)) {
    const fields = fieldsOf(line)
    const [code = '', name = ''] = fields
    if (!/^[A-Z0-9]{3,12}$/.test(code)) continue
    const closed = /^\d{8}$/.test(fields[11] ?? '')
    yield* organisation(code, name, !closed)
    const postcode = fields[9] ?? ''
    if (postcode !== '') yield { table: 'property', code, property: 'postcode', kind: 'string', value: postcode }
  }
}

const codeIn = (text: string): string => /<OrgId\s[^>]*extension="([^"]+)"/.exec(text)?.[1] ?? ''

async function* xmlRows(file: string): AsyncGenerator<ReleaseRow> {
  for await (const { text } of xmlElements(file, ['Organisation'])) {
    const code = codeIn(text)
    const name = xmlText(/<Name>([^<]*)<\/Name>/.exec(text)?.[1] ?? code)
    if (code === '') continue
    const active = /<Status\s[^>]*value="([^"]+)"/.exec(text)?.[1] !== 'Inactive'
    yield* organisation(code, name, active)
    for (const [, attributes = ''] of text.matchAll(/<Role\s([^>]*)>/g)) {
      const role = /\bid="([^"]+)"/.exec(attributes)?.[1]
      if (role === undefined) continue
      yield { table: 'property', code, property: 'role', kind: 'string', value: role }
      if (attributes.includes('primaryRole="true"'))
        yield { table: 'property', code, property: 'primaryRole', kind: 'string', value: role }
    }
    const postcode = /<PostCode>([^<]*)<\/PostCode>/.exec(text)?.[1]
    if (postcode !== undefined) yield { table: 'property', code, property: 'postcode', kind: 'string', value: postcode }
  }
}

/** Relationships are properties named by their kind (`RE4`): they do not mean that one organisation is a kind of another. */
async function* relationRows(file: string): AsyncGenerator<ReleaseRow> {
  for await (const { text } of xmlElements(file, ['Organisation'])) {
    const code = codeIn(text)
    for (const [, attributes = '', inside = ''] of text.matchAll(/<Rel\s([^>]*)>(.*?)<\/Rel>/gs)) {
      const property = /\bid="([^"]+)"/.exec(attributes)?.[1]
      const value = codeIn(inside)
      if (property !== undefined && value !== '' && code !== '')
        yield { table: 'property', code, property, kind: 'code', value }
    }
  }
}
