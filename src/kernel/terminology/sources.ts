import type { ValueSet } from 'fhir/r4.js'
import { sql } from '../../base/sql.ts'
import { text, whole } from '../store/current.ts'
import type { Database } from '../store/database.ts'
import { type Catalogue, splitCanonical } from './catalogue.ts'
import type { CodeSource, StoredSystem } from './code-source.ts'
import { listedSystem } from './concept.ts'
import { grammars } from './grammars.ts'
import { Recent } from './recent.ts'

/** Concepts of code systems that are kept in memory, all together. */
const mostConcepts = 400_000

/** Finds code systems: loaded releases, resources, and those that are a grammar. */
export class CodeSources {
  readonly #catalogue: Catalogue
  readonly database: Database
  readonly #kept = new Recent<CodeSource>(mostConcepts)
  #releases: ReadonlyMap<string, StoredSystem> = new Map()
  #seen = -1

  constructor(catalogue: Catalogue, database: Database) {
    this.#catalogue = catalogue
    this.database = database
  }

  /** The code system of a URL, in the version asked for; undefined when its codes are not here. */
  async find(url: string, version?: string): Promise<CodeSource | undefined> {
    await this.#follow()
    const release = this.#releases.get(url)
    if (release !== undefined && (version === undefined || isVersion(release, version))) return release
    const listed = this.#catalogue.find('CodeSystem', version === undefined ? url : `${url}|${version}`)
    const kept = listed === undefined ? undefined : this.#kept.get(listed.key)
    if (kept !== undefined) return kept
    const resource = listed === undefined ? undefined : await this.#catalogue.read(listed)
    const hasCodes =
      resource?.resourceType === 'CodeSystem' && (resource.content === 'complete' || resource.concept !== undefined)
    if (listed === undefined || !hasCodes || resource.content === 'supplement') return grammars[url]
    const made = listedSystem(resource)
    this.#kept.set(listed.key, made, made.concepts.size + 1)
    return made
  }

  /** Every loaded release. */
  async releases(): Promise<readonly StoredSystem[]> {
    await this.#follow()
    return [...this.#releases.values()]
  }

  /** Why codes of a system cannot be told, in words. */
  async whyMissing(url: string, version: string | undefined): Promise<string> {
    const here = this.#catalogue.versions('CodeSystem', url)
    const any = version === undefined ? undefined : await this.find(url)
    if (any === undefined) return `The code system ${url} is not loaded`
    const versions = [...new Set([any.version, ...here])].filter((each) => each !== '').join(', ')
    return `The code system ${url} is not here in version ${version}${versions === '' ? '' : ` but in ${versions}`}`
  }

  /** The value set of all codes, that a code system names as its own. */
  async wholeSystem(canonical: string): Promise<ValueSet | undefined> {
    const { url } = splitCanonical(canonical)
    for (const listed of this.#catalogue.all('CodeSystem')) {
      if (listed.origin === 'core') continue
      const resource = await this.#catalogue.read(listed)
      if (resource?.resourceType === 'CodeSystem' && splitCanonical(resource.valueSet ?? '').url === url)
        return { resourceType: 'ValueSet', url, status: 'active', compose: { include: [{ system: listed.url }] } }
    }
    return undefined
  }

  async #follow(): Promise<void> {
    const { changes } = this.#catalogue
    if (changes === this.#seen) return
    const rows = await this.database.read(
      sql`select release, system, version, name from term_release where state = 'current' order by release`,
      'term_releases',
    )
    this.#releases = new Map(
      rows.map((row) => {
        const url = text(row, 'system')
        return [
          url,
          {
            kind: 'stored',
            url,
            version: text(row, 'version'),
            name: text(row, 'name'),
            release: whole(row, 'release'),
          },
        ]
      }),
    )
    this.#seen = changes
  }
}

/** SNOMED CT names an edition (`http://snomed.info/sct/MODULE`) or a version of it; the edition alone means any version. */
const isVersion = (release: StoredSystem, version: string): boolean =>
  release.version === version || release.version.startsWith(`${version}/version/`)
