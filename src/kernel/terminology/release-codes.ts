import { join, type Sql, sql } from '../../base/sql.ts'
import { text, whole } from '../store/current.ts'
import type { Database, Row } from '../store/database.ts'
import { textArray } from '../store/wire.ts'
import type { Group } from './code-source.ts'
import type { Contains, ExpansionWish } from './expansion.ts'
import { mostMs, tooCostly } from './limits.ts'
import { displayIn, extensionsOf, isLanguage } from './listed-entry.ts'
import { type Rank, tiers, type Wanted } from './words.ts'

type StoredGroup = Group & { readonly kind: 'stored' }

/** Lists, counts and finds codes of loaded releases, in the database and within a time. */
export class ReleaseCodes {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async count(group: StoredGroup, wish: ExpansionWish): Promise<number> {
    const rows = await this.#ask(sql`select count(*)::int4 as n from term_concept c where ${chosen(group, wish)}`)
    return whole(rows[0] ?? {}, 'n')
  }

  /** In the order of codes. */
  async page(group: StoredGroup, wish: ExpansionWish, offset: number, count: number): Promise<readonly Contains[]> {
    const rows = await this.#ask(
      sql`select c.n, c.code, c.display, c.definition, c.active, c.abstract from term_concept c where ${chosen(group, wish)}
          order by c.code offset ${offset} limit ${count}`,
    )
    return this.#entries(group, rows, wish)
  }

  /** The best matches, and how many match in all. */
  async search(
    group: StoredGroup,
    wanted: Wanted,
    wish: ExpansionWish,
    most: number,
  ): Promise<{ readonly total: number; readonly found: readonly { readonly rank: Rank; readonly entry: Contains }[] }> {
    const rows = await this.#ask(
      sql`with m as (select d.concept, d.value, d.length, case when d.code = ${wanted.code} then ${tiers.code}::int4
              when ${exactly(wanted)} then ${tiers.exact}::int4 when ${begins(wanted)} then ${tiers.beginning}::int4
              when d.preferred then ${tiers.preferred}::int4 else ${tiers.other}::int4 end as tier
            from term_designation d where d.release = ${group.source.release}::int4 and (d.words @@ ${query(wanted)}::tsquery
              or d.concept = (select n from term_concept where release = ${group.source.release}::int4 and code = ${wanted.code}))),
          b as (select distinct on (m.concept) m.concept, m.tier, m.length, m.value from m order by m.concept, m.tier, m.length, m.value),
          f as (select b.*, c.n, c.code, c.display, c.definition, c.active, c.abstract
            from b join term_concept c on c.n = b.concept where ${chosen(group, wish)})
          select f.*, count(*) over ()::int4 as total from f order by tier, length, value collate "C", code limit ${most}`,
    )
    const entries = await this.#entries(group, rows, wish)
    const total = whole(rows[0] ?? {}, 'total')
    const rank = (row: Row): Rank => ({
      tier: whole(row, 'tier'),
      length: whole(row, 'length'),
      text: text(row, 'value'),
    })
    return { total, found: entries.map((entry, at) => ({ rank: rank(rows[at] ?? {}), entry })) }
  }

  async #ask(statement: Sql): Promise<Row[]> {
    return askInTime(this.#database, statement)
  }

  async #entries(group: StoredGroup, rows: readonly Row[], wish: ExpansionWish): Promise<readonly Contains[]> {
    const designations = await this.#designations(rows, wish)
    const properties = await this.#properties(rows, wish)
    return rows.map((row): Contains => {
      const code = text(row, 'code')
      const all = designations.get(whole(row, 'n')) ?? []
      const display = displayIn(wish.languages, all) ?? group.displays.get(code) ?? text(row, 'display')
      const shown = wish.designations ? all.filter((each) => isShown(each, wish.designationKinds)) : []
      const definition = text(row, 'definition')
      return {
        system: group.system,
        ...(group.version === '' ? {} : { version: group.version }),
        ...(row['abstract'] === true ? { abstract: true } : {}),
        ...(row['active'] === true ? {} : { inactive: true }),
        code,
        display,
        ...(shown.length === 0
          ? {}
          : { designation: shown.map(({ language, use, value }) => ({ language, use: { code: use }, value })) }),
        ...extensionsOf([
          ...(wish.definition && definition !== '' ? [['definition', definition] as const] : []),
          ...(properties.get(whole(row, 'n')) ?? []),
        ]),
      }
    })
  }

  async #designations(rows: readonly Row[], wish: ExpansionWish): Promise<ReadonlyMap<number, readonly Designation[]>> {
    if (rows.length === 0 || (!wish.designations && wish.languages.length === 0)) return new Map()
    const found = await this.#ask(
      sql`select concept, language, use, value from term_designation where concept = any(${numbersOf(rows)}::int4[])
          order by concept, preferred desc, value collate "C"`,
    )
    return grouped(found, (row) => ({
      language: text(row, 'language'),
      use: text(row, 'use'),
      value: text(row, 'value'),
    }))
  }

  async #properties(
    rows: readonly Row[],
    wish: ExpansionWish,
  ): Promise<ReadonlyMap<number, readonly (readonly [string, string])[]>> {
    if (rows.length === 0 || wish.properties.length === 0) return new Map()
    const found = await this.#ask(
      sql`select concept, property, value from term_property where concept = any(${numbersOf(rows)}::int4[])
          and property = any(${textArray(wish.properties)}::text[]) order by concept, property, value`,
    )
    return grouped(found, (row) => [text(row, 'property'), text(row, 'value')] as const)
  }
}

/** Asks a question that may be too much, and says so when it is. */
export async function askInTime(database: Database, statement: Sql): Promise<Row[]> {
  try {
    return await database.search(statement, mostMs)
  } catch (error) {
    // The database's own word for an ended statement is the cause of the problem it became.
    const cause = error instanceof Error ? error.cause : undefined
    if (cause instanceof Error && 'code' in cause && cause.code === '57014')
      throw tooCostly(
        `This takes longer than ${mostMs / 1000} seconds: ask for less, for example with more of the word`,
      )
    throw error
  }
}

interface Designation {
  readonly language: string
  readonly use: string
  readonly value: string
}

const numbersOf = (rows: readonly Row[]): string => `{${rows.map((row) => whole(row, 'n')).join(',')}}`

function grouped<Value>(rows: readonly Row[], value: (row: Row) => Value): ReadonlyMap<number, readonly Value[]> {
  const groups = new Map<number, Value[]>()
  for (const row of rows) {
    const group = groups.get(whole(row, 'concept'))
    if (group === undefined) groups.set(whole(row, 'concept'), [value(row)])
    else group.push(value(row))
  }
  return groups
}

const isShown = ({ language, use }: Designation, kinds: readonly string[]): boolean =>
  kinds.length === 0 ||
  kinds.some((kind) => isLanguage(language, kind.replace('urn:ietf:bcp:47|', '')) || kind.endsWith(`|${use}`))

function chosen(group: StoredGroup, wish: ExpansionWish): Sql {
  const conditions = [
    group.condition,
    ...(wish.activeOnly ? [sql`c.active`] : []),
    ...(wish.selectableOnly ? [sql`not c.abstract`] : []),
  ]
  return join(conditions, ' and ')
}

/** Every word as a beginning. Words hold letters and digits only, so none needs quoting. */
const query = (wanted: Wanted): string => wanted.words.map((word) => `${word}:*`).join(' & ')

const exactly = (wanted: Wanted): Sql => sql`lower(d.value) = ${wanted.text}`
const begins = (wanted: Wanted): Sql => sql`starts_with(lower(d.value), ${wanted.text})`
