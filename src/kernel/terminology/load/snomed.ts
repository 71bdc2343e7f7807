import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { problem } from '../../../base/problem.ts'
import { systems } from '../../fhir/systems.ts'
import { chunked, linesOf } from './lines.ts'
import type { ReleasePlan, ReleaseRow, Step } from './release-row.ts'

// SNOMED CT Release File Specification, Release Format 2: tab-separated snapshot files. Column numbers are from there.

const isA = '116680003'
const preferredTerm = '900000000000548007'
/** Language reference sets, the ones that decide first before others: NHS realm, GB English, US English. */
const languageRefsets: readonly (readonly string[])[] = [
  ['999001261000000100', '999000691000001104'],
  ['900000000000508004'],
  ['900000000000509007'],
]
/** The composition module of the UK edition, and the international core module. */
const ukEdition = '83821000000107'
const internationalEdition = '900000000000207008'

/** Reads a folder with a SNOMED CT release in RF2. `version` is the full version URI, found from the file names when absent. */
export async function snomedPlan(folder: string, version?: string): Promise<ReleasePlan> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /Snapshot.*\.txt$/.test(basename(name)))
    .toSorted()
    .map((name) => join(folder, name))
  const named = (pattern: RegExp): readonly string[] => files.filter((file) => pattern.test(basename(file)))
  const concepts = named(/sct2_Concept_/)
  if (concepts.length === 0)
    throw problem('invalid', `There is no RF2 snapshot in ${folder}: a file such as sct2_Concept_Snapshot_….txt`)
  const languages = named(/der2_cRefset_Language/)
  const refsets = await deciding(languages)
  const refsetFiles = named(/der2_.*Refset_/).filter(
    (file) => !/Language|OWL|ModuleDependency|RefsetDescriptor|DescriptionType/.test(file),
  )
  const steps = [
    ...concepts.map((file) => step('concepts', file, conceptRows)),
    ...languages.map((file) => step('language', file, (row) => languageRows(row, refsets))),
    ...named(/sct2_Description_/).map((file) => step('descriptions', file, descriptionRows)),
    ...named(/sct2_Relationship_/).map((file) => step('relationships', file, relationshipRows)),
    ...named(/sct2_RelationshipConcreteValues_/).map((file) => step('values', file, valueRows)),
    ...refsetFiles.map((file) => step('reference sets', file, memberRows)),
  ]
  return { system: systems.snomedCt, version: version ?? versionOf(files), name: 'SNOMED CT', steps }
}

type Row = readonly string[]

function step(name: string, file: string, read: (row: Row) => readonly ReleaseRow[]): Step {
  async function* rows(): AsyncGenerator<ReleaseRow> {
    let first = true
    for await (const line of linesOf(file)) {
      if (!first && line !== '') yield* read(line.split('\t'))
      first = false
    }
  }
  return { name, file, rows: () => chunked(rows()) }
}

/** The most deciding of the language reference sets that the release has. */
async function deciding(files: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const file of files) for await (const line of linesOf(file)) found.add(line.split('\t')[4] ?? '')
  const best = languageRefsets.find((refsets) => refsets.some((each) => found.has(each)))
  return new Set(best)
}

function versionOf(files: readonly string[]): string {
  const dates = files.flatMap((file) => /_(\d{8})\.txt$/.exec(basename(file))?.[1] ?? [])
  const newest = dates.toSorted().at(-1)
  if (newest === undefined)
    throw problem('invalid', 'The names of the files do not say which release this is: give its version')
  const edition = files.some((file) => /_(GB|UK)[\dA-Z]*_/.test(basename(file))) ? ukEdition : internationalEdition
  return `${systems.snomedCt}/${edition}/version/${newest}`
}

function conceptRows([code = '', , active, moduleId = '', definitionStatus]: Row): readonly ReleaseRow[] {
  const property = (name: string, kind: 'code' | 'boolean', value: string): ReleaseRow => ({
    table: 'property',
    code,
    property: name,
    kind,
    value,
  })
  return [
    { table: 'concept', code, display: '', active: active === '1' },
    property('moduleId', 'code', moduleId),
    // 900000000000073002: sufficiently defined.
    property('sufficientlyDefined', 'boolean', String(definitionStatus === '900000000000073002')),
  ]
}

function languageRows(
  [, , active, , refset = '', description = '', acceptability]: Row,
  deciders: ReadonlySet<string>,
): readonly ReleaseRow[] {
  const decides = active === '1' && acceptability === preferredTerm && deciders.has(refset)
  return decides ? [{ table: 'stage', key: description }] : []
}

function descriptionRows([
  id = '',
  ,
  active,
  ,
  code = '',
  language = '',
  use = '',
  value = '',
]: Row): readonly ReleaseRow[] {
  return active === '1' ? [{ table: 'designation', code, language, use, value, preferred: false, key: id }] : []
}

function relationshipRows([
  ,
  ,
  active,
  ,
  code = '',
  value = '',
  part = '0',
  property = '',
]: Row): readonly ReleaseRow[] {
  if (active !== '1') return []
  if (property === isA) return [{ table: 'edge', child: code, parent: value }]
  return [{ table: 'property', code, property, kind: 'code', value, part: Number(part) }]
}

/** Numbers are written `#5`, texts in quotation marks. */
function valueRows([, , active, , code = '', value = '', part = '0', property = '']: Row): readonly ReleaseRow[] {
  if (active !== '1') return []
  const number = value.startsWith('#')
  const plain = number ? value.slice(1) : value.replace(/^"|"$/g, '')
  return [{ table: 'property', code, property, kind: number ? 'decimal' : 'string', value: plain, part: Number(part) }]
}

function memberRows([, , active, , refset = '', member = '']: Row): readonly ReleaseRow[] {
  return active === '1' ? [{ table: 'member', refset, member }] : []
}
