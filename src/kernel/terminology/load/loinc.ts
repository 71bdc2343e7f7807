import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { problem } from '../../../base/problem.ts'
import { systems } from '../../fhir/systems.ts'
import { chunked, recordsOf } from './lines.ts'
import type { ReleasePlan, ReleaseRow, Step } from './release-row.ts'

// LOINC release files (LOINC Users' Guide): Loinc.csv, the component hierarchy, answer lists. The properties are those of
// FHIR R4, "Using LOINC with FHIR".

const axes = [
  'COMPONENT',
  'PROPERTY',
  'TIME_ASPCT',
  'SYSTEM',
  'SCALE_TYP',
  'METHOD_TYP',
  'CLASS',
  'STATUS',
  'ORDER_OBS',
  'CLASSTYPE',
  'CONSUMER_NAME',
]
const otherNames = ['SHORTNAME', 'CONSUMER_NAME', 'DisplayName', 'RELATEDNAMES2']

/** Reads a folder with a LOINC release. The version is needed: the files do not name it. */
export function loincPlan(folder: string, version?: string): ReleasePlan {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
  const find = (wanted: string): string | undefined => {
    const found = names.find((name) => basename(name).toLowerCase() === wanted.toLowerCase())
    return found === undefined ? undefined : join(folder, found)
  }
  const table = find('Loinc.csv')
  if (table === undefined) throw problem('invalid', `There is no Loinc.csv in ${folder}`)
  const named = version ?? /Loinc_?(\d+\.\d+)/i.exec(folder)?.[1]
  if (named === undefined)
    throw problem('invalid', 'The files do not say which release of LOINC this is: give its version')
  const steps: Step[] = [step('codes', table, codeRows)]
  const hierarchy = find('ComponentHierarchyBySystem.csv')
  if (hierarchy !== undefined) steps.push(step('parts', hierarchy, partRows), step('hierarchy', hierarchy, edgeRows))
  const answers = find('AnswerList.csv')
  if (answers !== undefined) steps.push(step('answers', answers, answerRows))
  const links = find('LoincAnswerListLink.csv')
  if (links !== undefined) steps.push(step('answer lists', links, linkRows))
  return { system: systems.loinc, version: named, name: 'LOINC', steps }
}

type Fields = Readonly<Record<string, string>>

function step(name: string, file: string, read: (fields: Fields) => readonly ReleaseRow[]): Step {
  async function* rows(): AsyncGenerator<ReleaseRow> {
    for await (const fields of recordsOf(file)) yield* read(fields)
  }
  return { name, file, rows: () => chunked(rows()) }
}

const named = (code: string, display: string, active = true): readonly ReleaseRow[] => [
  { table: 'concept', code, display, active },
  { table: 'designation', code, language: 'en', use: 'LONG_COMMON_NAME', value: display, preferred: true },
]

function codeRows(fields: Fields): readonly ReleaseRow[] {
  const code = fields['LOINC_NUM'] ?? ''
  const display = fields['LONG_COMMON_NAME'] || fields['COMPONENT'] || code
  if (code === '') return []
  const properties = axes.flatMap((property): ReleaseRow[] => {
    const value = fields[property] ?? ''
    return value === '' ? [] : [{ table: 'property', code, property, kind: 'string', value }]
  })
  const designations = otherNames.flatMap((use): ReleaseRow[] => {
    const value = fields[use] ?? ''
    return value === '' || value === display
      ? []
      : [{ table: 'designation', code, language: 'en', use, value, preferred: false }]
  })
  return [...named(code, display, fields['STATUS'] !== 'DEPRECATED'), ...properties, ...designations]
}

function partRows(fields: Fields): readonly ReleaseRow[] {
  const code = fields['CODE'] ?? ''
  return code.startsWith('LP') ? named(code, fields['CODE_TEXT'] || code) : []
}

function edgeRows(fields: Fields): readonly ReleaseRow[] {
  const { CODE: child = '', IMMEDIATE_PARENT: parent = '' } = fields
  return child === '' || parent === '' ? [] : [{ table: 'edge', child, parent }]
}

function answerRows(fields: Fields): readonly ReleaseRow[] {
  const {
    AnswerListId: list = '',
    AnswerListName: name = '',
    AnswerStringId: code = '',
    DisplayText: display = '',
  } = fields
  if (list === '') return []
  const own: readonly ReleaseRow[] = named(list, name || list)
  return code === ''
    ? own
    : [
        ...own,
        ...named(code, display || code),
        { table: 'property', code, property: 'LIST', kind: 'code', value: list },
      ]
}

function linkRows(fields: Fields): readonly ReleaseRow[] {
  const { LoincNumber: code = '', AnswerListId: value = '' } = fields
  return code === '' || value === '' ? [] : [{ table: 'property', code, property: 'answer-list', kind: 'code', value }]
}
