import { type Sql, sql } from '../../../base/sql.ts'
import type { Connection } from '../../store/database.ts'
import { int4Array, textArray } from '../../store/wire.ts'
import { indexedWords } from '../words.ts'
import type { ReleaseRow } from './release-row.ts'

type Table = ReleaseRow['table']
type Of<T extends Table> = Extract<ReleaseRow, { readonly table: T }>

/** Writes rows of a release in the caller's transaction. Rows that are there already stay as they are. */
export async function writeRows(connection: Connection, release: number, rows: readonly ReleaseRow[]): Promise<void> {
  const of = <T extends Table>(table: T): readonly Of<T>[] => rows.filter((row): row is Of<T> => row.table === table)
  const statements: Sql[] = []
  const add = <T extends Table>(table: T, statement: (release: number, all: readonly Of<T>[]) => Sql): void => {
    const all = of(table)
    if (all.length > 0) statements.push(statement(release, all))
  }
  // Concepts first: all others refer to them.
  add('concept', concepts)
  add('stage', stages)
  add('designation', designations)
  add('edge', edges)
  add('property', properties)
  add('member', members)
  for (const statement of statements) await connection.query(statement)
}

const texts = <T>(rows: readonly T[], value: (row: T) => string): Buffer => textArray(rows.map(value))
const truths = <T>(rows: readonly T[], value: (row: T) => boolean): Buffer =>
  int4Array(rows.map((row) => (value(row) ? 1 : 0)))

const concepts = (release: number, rows: readonly Of<'concept'>[]): Sql =>
  sql`insert into term_concept (n, release, code, display, definition, active, abstract)
      select (select coalesce(max(n), 0) from term_concept) + row_number() over (), ${release}::int4, d.code, d.display, nullif(d.definition, ''), d.active = 1, d.abstract = 1
      from (select distinct on (code) * from unnest(${texts(rows, (row) => row.code)}::text[], ${texts(rows, (row) => row.display)}::text[],
        ${texts(rows, (row) => row.definition ?? '')}::text[], ${truths(rows, (row) => row.active)}::int4[], ${truths(rows, (row) => row.abstract === true)}::int4[])
        u(code, display, definition, active, abstract) order by code) d
      where not exists (select 1 from term_concept c where c.release = ${release}::int4 and c.code = d.code)`

const stages = (release: number, rows: readonly Of<'stage'>[]): Sql =>
  sql`insert into term_stage (release, key, value) select ${release}::int4, key, 1 from unnest(${texts(rows, (row) => row.key)}::text[]) u(key)`

/** Words as one text array for each row, by way of JSON: arrays of arrays must be of one length. */
const designations = (release: number, rows: readonly Of<'designation'>[]): Sql =>
  sql`insert into term_designation (concept, release, code, language, use, value, length, preferred, words)
      select c.n, ${release}::int4, c.code, u.language, u.use, u.value, length(u.value),
        u.preferred = 1 or (u.key <> '' and exists (select 1 from term_stage s where s.release = ${release}::int4 and s.key = u.key)),
        array_to_tsvector(string_to_array(u.words, ' '))
      from unnest(${texts(rows, (row) => row.code)}::text[], ${texts(rows, (row) => row.language)}::text[], ${texts(rows, (row) => row.use)}::text[],
        ${texts(rows, (row) => row.value)}::text[], ${truths(rows, (row) => row.preferred)}::int4[], ${texts(rows, (row) => row.key ?? '')}::text[],
        ${texts(rows, (row) => indexedWords(row.value).join(' '))}::text[]) u(code, language, use, value, preferred, key, words)
      join term_concept c on c.release = ${release}::int4 and c.code = u.code`

const edges = (release: number, rows: readonly Of<'edge'>[]): Sql =>
  sql`insert into term_edge (child, parent, release) select distinct c.n, p.n, ${release}::int4
      from unnest(${texts(rows, (row) => row.child)}::text[], ${texts(rows, (row) => row.parent)}::text[]) u(child, parent)
      join term_concept c on c.release = ${release}::int4 and c.code = u.child
      join term_concept p on p.release = ${release}::int4 and p.code = u.parent
      where c.n <> p.n on conflict do nothing`

const properties = (release: number, rows: readonly Of<'property'>[]): Sql =>
  sql`insert into term_property (concept, release, property, kind, value, target, part)
      select c.n, ${release}::int4, u.property, u.kind, u.value, t.n, u.part
      from unnest(${texts(rows, (row) => row.code)}::text[], ${texts(rows, (row) => row.property)}::text[], ${texts(rows, (row) => row.kind)}::text[],
        ${texts(rows, (row) => row.value)}::text[], ${int4Array(rows.map((row) => row.part ?? 0))}::int4[]) u(code, property, kind, value, part)
      join term_concept c on c.release = ${release}::int4 and c.code = u.code
      left join term_concept t on u.kind = 'code' and t.release = ${release}::int4 and t.code = u.value`

const members = (release: number, rows: readonly Of<'member'>[]): Sql =>
  sql`insert into term_member (refset, member, release) select distinct r.n, m.n, ${release}::int4
      from unnest(${texts(rows, (row) => row.refset)}::text[], ${texts(rows, (row) => row.member)}::text[]) u(refset, member)
      join term_concept r on r.release = ${release}::int4 and r.code = u.refset
      join term_concept m on m.release = ${release}::int4 and m.code = u.member on conflict do nothing`
