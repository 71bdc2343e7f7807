import type { CodeSystemConceptDesignation } from 'fhir/r4.js'
import { sql } from '../../base/sql.ts'
import { text, whole } from '../store/current.ts'
import type { Database, Row } from '../store/database.ts'
import type { CodeSource, StoredSystem } from './code-source.ts'
import { type Concept, type ListedSystem, propertyText, reachable } from './concept.ts'
import { askInTime } from './release-codes.ts'
import { closureOf } from './stored-codes.ts'

/** One property of a concept. */
export interface Property {
  readonly code: string
  readonly value: string
  /** FHIR type of the value: code, string, boolean … */
  readonly kind: string
}

/** All that is known of one code. */
export interface ConceptDetail {
  readonly code: string
  readonly display: string | undefined
  readonly definition: string | undefined
  readonly abstract: boolean
  readonly inactive: boolean
  readonly designations: readonly CodeSystemConceptDesignation[]
  readonly properties: readonly Property[]
}

/** What is known of a code; undefined when its system does not have it. */
export async function conceptDetail(
  database: Database,
  source: CodeSource,
  code: string,
): Promise<ConceptDetail | undefined> {
  if (source.kind === 'stored') return storedDetail(database, source, code)
  if (source.kind === 'listed') {
    const concept = source.find(code)
    return concept === undefined ? undefined : listedDetail(concept)
  }
  if (!source.accepts(code)) return undefined
  const plain = { definition: undefined, abstract: false, inactive: false, designations: [], properties: [] }
  return { code, display: source.display(code), ...plain }
}

const kindOf = (property: Concept['properties'][number]): string => {
  const key = Object.keys(property).find((each) => each.startsWith('value')) ?? 'valueString'
  return key.charAt(5).toLowerCase() + key.slice(6)
}

function listedDetail(concept: Concept): ConceptDetail {
  const own = new Set(['parent', 'child', 'inactive'])
  const codes = (code: string, list: readonly Concept[]): Property[] =>
    list.map((each) => ({ code, value: each.code, kind: 'code' }))
  return {
    code: concept.code,
    display: concept.display,
    definition: concept.definition,
    abstract: concept.abstract,
    inactive: concept.inactive,
    designations: concept.designations,
    properties: [
      ...codes('parent', concept.parents),
      ...codes('child', concept.children),
      { code: 'inactive', value: String(concept.inactive), kind: 'boolean' },
      ...concept.properties
        .filter((each) => !own.has(each.code))
        .map((each) => ({ code: each.code, value: propertyText(each), kind: kindOf(each) })),
    ],
  }
}

/** Most children that are told of one concept of a release. */
const mostRelatives = 2_000

async function storedDetail(
  database: Database,
  source: StoredSystem,
  code: string,
): Promise<ConceptDetail | undefined> {
  const rows = await database.read(
    sql`select n, code, display, definition, active, abstract from term_concept where release = ${source.release}::int4 and code = ${code}`,
    'term_concept',
  )
  const row = rows[0]
  if (row === undefined) return undefined
  const n = whole(row, 'n')
  const [designations, properties, relatives] = await Promise.all([
    database.read(
      sql`select language, use, value from term_designation where concept = ${n}::int4 order by preferred desc, use, value collate "C"`,
      'term_designations',
    ),
    database.read(
      sql`select property, kind, value from term_property where concept = ${n}::int4 order by part, property, value`,
      'term_properties',
    ),
    database.read(
      sql`(select 'parent' as property, 'code' as kind, c.code as value from term_edge e join term_concept c on c.n = e.parent where e.child = ${n}::int4 order by c.code)
        union all (select 'child', 'code', c.code from term_edge e join term_concept c on c.n = e.child where e.parent = ${n}::int4 order by c.code limit ${mostRelatives})`,
      'term_relatives',
    ),
  ])
  const property = (each: Row): Property => ({
    code: text(each, 'property'),
    value: text(each, 'value'),
    kind: text(each, 'kind'),
  })
  const inactive = row['active'] !== true
  return {
    code: text(row, 'code'),
    display: text(row, 'display'),
    definition: text(row, 'definition') || undefined,
    abstract: row['abstract'] === true,
    inactive,
    designations: designations.map((each) => ({
      ...(text(each, 'language') === '' ? {} : { language: text(each, 'language') }),
      ...(text(each, 'use') === '' ? {} : { use: { code: text(each, 'use') } }),
      value: text(each, 'value'),
    })),
    properties: [
      ...relatives.map(property),
      { code: 'inactive', value: String(inactive), kind: 'boolean' },
      ...properties.map(property),
    ],
  }
}

export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed'

/** How one code stands to another of the same system; undefined when one of them is not there. */
export async function subsumption(
  database: Database,
  source: CodeSource,
  a: string,
  b: string,
): Promise<Subsumption | undefined> {
  if (source.kind === 'listed') return listedSubsumption(source, a, b)
  if (source.kind === 'grammar')
    return !source.accepts(a) || !source.accepts(b) ? undefined : a === b ? 'equivalent' : 'not-subsumed'
  const rows = await askInTime(
    database,
    sql`select a.n = b.n as same, exists (select 1 from term_closure t where t.concept = b.n and t.ancestors @> array[a.n]) as above,
          exists (select 1 from term_closure t where t.concept = a.n and t.ancestors @> array[b.n]) as below
        from term_concept a, term_concept b
        where a.release = ${source.release}::int4 and a.code = ${a} and b.release = ${source.release}::int4 and b.code = ${b}`,
  )
  const row = rows[0]
  if (row === undefined) return undefined
  if (row['same'] === true) return 'equivalent'
  return row['above'] === true ? 'subsumes' : row['below'] === true ? 'subsumed-by' : 'not-subsumed'
}

function listedSubsumption(source: ListedSystem, a: string, b: string): Subsumption | undefined {
  const left = source.find(a)
  const right = source.find(b)
  if (left === undefined || right === undefined) return undefined
  if (left === right) return 'equivalent'
  if (!source.subsumes) return 'not-subsumed'
  if (reachable(left, 'children').has(right)) return 'subsumes'
  return reachable(right, 'children').has(left) ? 'subsumed-by' : 'not-subsumed'
}

/** The codes above a code of any kind of system, itself included. */
export async function codesAbove(database: Database, source: CodeSource, code: string): Promise<readonly string[]> {
  if (source.kind === 'stored') return closureOf(database, source, code, 'parents', 10_000)
  if (source.kind === 'grammar') return source.accepts(code) ? [code] : []
  const concept = source.find(code)
  if (concept === undefined) return []
  return source.subsumes ? [...reachable(concept, 'parents')].map((each) => each.code) : [concept.code]
}
