import { sql } from '../../base/sql.ts'
import { typeName, typeNumber } from '../fhir/resource-types.ts'
import { text, whole } from '../store/current.ts'
import type { Database, Row } from '../store/database.ts'
import { int2Array, textArray } from '../store/wire.ts'
import { coreIndex, coreResource, type TerminologyResource, type TerminologyType, terminologyTypes } from './core.ts'

/** A resource that has a canonical URL, and where it is: its text is read when it is needed. */
export interface Listed {
  readonly type: TerminologyType
  readonly url: string
  readonly version: string
  /** Tells this content from every other: what was made from it may be kept under this name. */
  readonly key: string
  /** What is stored here counts before what a package brings, and that before what R4 defines. */
  readonly origin: 'stored' | 'package' | 'core'
  /** Unset for the text in the database. */
  readonly resource?: () => TerminologyResource
  /** Id of the stored resource. */
  readonly id?: string
}

type ByUrl = Map<string, Listed[]>

const numbers = terminologyTypes.map((type) => typeNumber(type) ?? 0)

/**
 * Every code system, value set and concept map there is, by canonical URL. What is stored through the API is followed by
 * comparing counts that are written in the writer's transaction, so no process answers from what was.
 */
export class Catalogue {
  /** Grows with every change, of resources or of loaded releases. */
  changes = 0
  readonly #database: Database
  readonly #byUrl = new Map<TerminologyType, ByUrl>()
  readonly #stored = new Map<string, { readonly version: number; readonly listed: Listed | undefined }>()
  #seen = ''
  #looking: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  /** `packaged` are the resources of installed packages, the ones that count first before others. */
  constructor(database: Database, packaged: readonly TerminologyResource[] = []) {
    this.#database = database
    for (const resource of packaged) this.#add(fromPackage(resource))
    for (const place of coreIndex().resources) {
      const [type, url, version] = place
      const key = `core ${type} ${url}|${version}`
      this.#add({ type, url, version, key, origin: 'core', resource: () => coreResource(place) })
    }
  }

  /** Notices what changed before the call. Calls share the next look, never one that has begun already. */
  refresh(): Promise<void> {
    this.#next ??= this.#looking
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        this.#looking = this.#look()
        return this.#looking
      })
    return this.#next
  }

  /** What a canonical (`url` or `url|version`) names: the version asked for, else the newest of what counts first. */
  find(type: TerminologyType, canonical: string): Listed | undefined {
    const byUrl = this.#byUrl.get(type)
    // Some of the v2 tables in R4 have a bar in the URL itself.
    const whole = byUrl?.get(canonical)
    if (whole !== undefined) return whole[0]
    const { url, version } = splitCanonical(canonical)
    const all = byUrl?.get(url) ?? []
    return version === undefined ? all[0] : all.find((each) => each.version === version)
  }

  /** All of a type, each URL once, in the order of URLs. */
  all(type: TerminologyType): readonly Listed[] {
    const found = [...(this.#byUrl.get(type)?.values() ?? [])].flatMap((each) => each[0] ?? [])
    return found.toSorted((a, b) => (a.url < b.url ? -1 : 1))
  }

  /** Versions that are here of one URL. */
  versions(type: TerminologyType, url: string): readonly string[] {
    return (this.#byUrl.get(type)?.get(url) ?? []).map((each) => each.version)
  }

  /** The resource itself; undefined when it was deleted meanwhile. */
  async read(listed: Listed): Promise<TerminologyResource | undefined> {
    if (listed.resource !== undefined) return listed.resource()
    const rows = await this.#database.read(
      sql`select body from shared where rtype = ${typeNumber(listed.type)}::int2 and id = ${listed.id}`,
      'terminology_body',
    )
    return rows[0] === undefined ? undefined : (JSON.parse(text(rows[0], 'body')) as TerminologyResource)
  }

  async #look(): Promise<void> {
    const rows = await this.#database.read(
      sql`select (select coalesce(string_agg(rtype || ':' || count, ' ' order by rtype), '') from definition_change
            where rtype = any(${int2Array(numbers)}::int2[])) as resources,
          (select coalesce(string_agg(release::text, ' ' order by release), '') from term_release where state = 'current') as releases`,
      'terminology_changes',
    )
    const seen = `${text(rows[0] ?? {}, 'resources')} / ${text(rows[0] ?? {}, 'releases')}`
    if (seen === this.#seen) return
    await this.#follow()
    this.#seen = seen
    this.changes += 1
  }

  async #follow(): Promise<void> {
    const rows = await this.#database.read(
      sql`select rtype, id, ver from shared where rtype = any(${int2Array(numbers)}::int2[])`,
      'terminology_stored',
    )
    const names = new Map(rows.map((row) => [`${whole(row, 'rtype')} ${text(row, 'id')}`, whole(row, 'ver')]))
    const changed = [...names].filter(([name, version]) => this.#stored.get(name)?.version !== version)
    for (const [name, { listed }] of this.#stored) {
      if (names.has(name) && names.get(name) === this.#stored.get(name)?.version) continue
      if (listed !== undefined) this.#remove(listed)
      this.#stored.delete(name)
    }
    for (let at = 0; at < changed.length; at += 500) await this.#read(changed.slice(at, at + 500).map(([name]) => name))
  }

  async #read(names: readonly string[]): Promise<void> {
    const keys = names.map((name) => name.split(' '))
    const rows = await this.#database.read(
      sql`select r.rtype, r.id, r.ver, r.body::jsonb->>'url' as url, coalesce(r.body::jsonb->>'version', '') as version
          from unnest(${int2Array(keys.map(([rtype]) => Number(rtype)))}::int2[], ${textArray(keys.map(([, id]) => id ?? ''))}::text[]) k(rtype, id)
          join shared r using (rtype, id)`,
      'terminology_heads',
    )
    for (const row of rows) {
      const listed = fromRow(row)
      if (listed !== undefined) this.#add(listed)
      this.#stored.set(`${whole(row, 'rtype')} ${text(row, 'id')}`, { version: whole(row, 'ver'), listed })
    }
  }

  #add(listed: Listed): void {
    const byUrl = this.#byUrl.get(listed.type) ?? new Map<string, Listed[]>()
    this.#byUrl.set(listed.type, byUrl)
    byUrl.set(listed.url, [...(byUrl.get(listed.url) ?? []), listed].toSorted(countsFirst))
  }

  #remove(listed: Listed): void {
    const byUrl = this.#byUrl.get(listed.type)
    const left = byUrl?.get(listed.url)?.filter((each) => each.key !== listed.key) ?? []
    if (left.length === 0) byUrl?.delete(listed.url)
    else byUrl?.set(listed.url, left)
  }
}

/** `url|version` in its two parts. */
export function splitCanonical(canonical: string): { readonly url: string; readonly version?: string } {
  const bar = canonical.lastIndexOf('|')
  return bar === -1 ? { url: canonical } : { url: canonical.slice(0, bar), version: canonical.slice(bar + 1) }
}

const origins = ['stored', 'package', 'core']

const countsFirst = (a: Listed, b: Listed): number =>
  origins.indexOf(a.origin) - origins.indexOf(b.origin) ||
  newestFirst.compare(b.version, a.version) ||
  (a.key < b.key ? -1 : 1)

/** 10.0.0 is newer than 9.1.0, and 2024-10 than 2024-09. */
const newestFirst = new Intl.Collator('en', { numeric: true })

function fromPackage(resource: TerminologyResource): Listed {
  const { resourceType: type, url = '', version = '' } = resource
  return { type, url, version, key: `package ${type} ${url}|${version}`, origin: 'package', resource: () => resource }
}

function fromRow(row: Row): Listed | undefined {
  const name = typeName(whole(row, 'rtype'))
  const type = terminologyTypes.find((each) => each === name)
  const url = text(row, 'url')
  if (type === undefined || url === '') return undefined
  const id = text(row, 'id')
  return {
    type,
    url,
    version: text(row, 'version'),
    key: `stored ${type}/${id}/${whole(row, 'ver')}`,
    origin: 'stored',
    id,
  }
}
