import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { problem } from '../../../base/problem.ts'
import { systems } from '../../fhir/systems.ts'
import { chunked } from './lines.ts'
import type { ReleasePlan, ReleaseRow, Step } from './release-row.ts'
import { xmlElements, xmlFields } from './xml-records.ts'

// dm+d (NHS Business Services Authority, "dm+d data model" and XML schemas, release 2/3): a file for each of the classes.
// Each class is a code that groups its own, as UK Core's value sets ask for them: `parent = VMP`.

interface DmdClass {
  readonly name: string
  readonly file: RegExp
  readonly element: string
  readonly id: string
  readonly display: string
  /** Elements whose value is another code of dm+d or SNOMED CT. */
  readonly links: readonly string[]
}

const classes: readonly DmdClass[] = [
  { name: 'VTM', file: /^f_vtm\d?_/, element: 'VTM', id: 'VTMID', display: 'NM', links: [] },
  {
    name: 'VMP',
    file: /^f_vmp\d?_/,
    element: 'VMP',
    id: 'VPID',
    display: 'NM',
    links: ['VTMID', 'UDFS_UOMCD', 'UNIT_DOSE_UOMCD'],
  },
  { name: 'AMP', file: /^f_amp\d?_/, element: 'AMP', id: 'APID', display: 'DESC', links: ['VPID', 'SUPPCD'] },
  { name: 'VMPP', file: /^f_vmpp\d?_/, element: 'VMPP', id: 'VPPID', display: 'NM', links: ['VPID', 'QTY_UOMCD'] },
  { name: 'AMPP', file: /^f_ampp\d?_/, element: 'AMPP', id: 'APPID', display: 'NM', links: ['VPPID', 'APID'] },
  { name: 'INGREDIENT', file: /^f_ingredient\d?_/, element: 'ING', id: 'ISID', display: 'NM', links: [] },
]

/** What lies beside the products in the files of VMPs: ingredients, forms, routes. */
const parts: readonly { readonly element: string; readonly field: string; readonly property: string }[] = [
  { element: 'VPI', field: 'ISID', property: 'ISID' },
  { element: 'DFORM', field: 'FORMCD', property: 'FORMCD' },
  { element: 'DROUTE', field: 'ROUTECD', property: 'ROUTECD' },
]

/** Lookups whose codes are SNOMED CT identifiers; the others are numbers that mean something inside their own list only. */
const lookups = ['FORM', 'ROUTE', 'SUPPLIER', 'UNIT_OF_MEASURE']

/** Reads a folder with the XML files of a dm+d release. */
export function dmdPlan(folder: string, version?: string): ReleasePlan {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.xml$/i.test(name))
    .toSorted()
  const file = (pattern: RegExp): string | undefined => {
    const found = names.find((name) => pattern.test(basename(name)))
    return found === undefined ? undefined : join(folder, found)
  }
  const found = classes.flatMap((each) => {
    const path = file(each.file)
    return path === undefined ? [] : [{ each, path }]
  })
  if (found.length === 0) throw problem('invalid', `There are no dm+d files in ${folder}, such as f_vmp2_….xml`)
  const lookup = file(/^f_lookup\d?_/)
  const virtual = found.filter(({ each }) => each.name === 'VMP')
  const date = names.flatMap((name) => /_(\d{6,7})\.xml$/i.exec(name)?.[1]?.slice(-6) ?? [])[0]
  return {
    system: systems.dmd,
    version: version ?? releaseDate(date),
    name: 'dm+d',
    // Every concept before any link to it.
    steps: [
      ...(lookup === undefined ? [] : [step('lookups', lookup, () => lookupRows(lookup))]),
      ...found.map(({ each, path }) => step(`${each.name} concepts`, path, () => conceptRows(each, path))),
      ...found.map(({ each, path }) => step(`${each.name} links`, path, () => linkRows(each, path))),
      ...virtual.map(({ path }) => step('ingredients, forms and routes', path, () => partRows(path))),
    ],
  }
}

/** The names of files end in the day, month and year of the release. */
function releaseDate(digits: string | undefined): string {
  const parts = /^(\d\d)(\d\d)(\d\d)$/.exec(digits ?? '')
  if (parts === null)
    throw problem('invalid', 'The names of the files do not say which release this is: give its version')
  return `20${parts[3]}-${parts[2]}-${parts[1]}`
}

const step = (name: string, file: string, rows: () => AsyncIterable<ReleaseRow>): Step => ({
  name,
  file,
  rows: () => chunked(rows()),
})

const group = (code: string): readonly ReleaseRow[] => [
  { table: 'concept', code, display: code, active: true, abstract: true },
  { table: 'designation', code, language: 'en-GB', use: '', value: code, preferred: true },
]

function concept(code: string, display: string, active: boolean, parent: string): readonly ReleaseRow[] {
  return [
    { table: 'concept', code, display, active },
    { table: 'designation', code, language: 'en-GB', use: 'display', value: display, preferred: true },
    { table: 'edge', child: code, parent },
  ]
}

async function* conceptRows({ name, element, id, display }: DmdClass, path: string): AsyncGenerator<ReleaseRow> {
  yield* group(name)
  for await (const { text } of xmlElements(path, [element])) {
    const fields = xmlFields(text)
    const code = fields[id]
    if (code === undefined) continue
    yield* concept(code, fields[display] ?? fields['NM'] ?? code, fields['INVALID'] !== '1', name)
    const short = fields['ABBREVNM']
    if (short !== undefined && short !== '')
      yield { table: 'designation', code, language: 'en-GB', use: 'abbreviation', value: short, preferred: false }
  }
}

async function* linkRows({ element, id, links }: DmdClass, path: string): AsyncGenerator<ReleaseRow> {
  for await (const { text } of xmlElements(path, [element])) {
    const fields = xmlFields(text)
    const code = fields[id]
    if (code === undefined) continue
    for (const property of links) {
      const value = fields[property]
      if (value !== undefined && value !== '' && property !== id)
        yield { table: 'property', code, property, kind: 'code', value }
    }
  }
}

async function* partRows(path: string): AsyncGenerator<ReleaseRow> {
  const byElement = new Map(parts.map((each) => [each.element, each]))
  for await (const { name, text } of xmlElements(path, [...byElement.keys()])) {
    const fields = xmlFields(text)
    const { field = '', property = '' } = byElement.get(name) ?? {}
    const code = fields['VPID']
    const value = fields[field]
    if (code !== undefined && value !== undefined) yield { table: 'property', code, property, kind: 'code', value }
  }
}

async function* lookupRows(path: string): AsyncGenerator<ReleaseRow> {
  for await (const { name, text } of xmlElements(path, lookups)) {
    yield* group(name)
    for (const [, info = ''] of text.matchAll(/<INFO>(.*?)<\/INFO>/gs)) {
      const { CD: code, DESC: display = '', INVALID: invalid } = xmlFields(info)
      if (code !== undefined) yield* concept(code, display, invalid !== '1', name)
    }
  }
}
