import { isObject } from '../../base/json.ts'
import { sql } from '../../base/sql.ts'
import { isConformance, Library } from '../fhir/packages/library.ts'
import { resourceTypeNames, typeNumber } from '../fhir/resource-types.ts'
import { Validator } from '../fhir/validate/validator.ts'
import { text } from './current.ts'
import type { Database } from './database.ts'

const types = resourceTypeNames.filter(isConformance).map((name) => typeNumber(name) ?? 0)

/**
 * The conformance resources that count in this process: those of R4, of loaded packages, and those stored through
 * the API. Each question first compares what is stored with what is held, so that what any process stored counts at once.
 */
export class Conformance {
  readonly #database: Database
  readonly #packages: Library
  #validator: Validator
  #stamp = ''
  #loading: Promise<void> | undefined

  constructor(database: Database, packages: Library) {
    this.#database = database
    this.#packages = packages
    this.#validator = new Validator(new Library(packages))
  }

  /** A validator that knows everything stored up to now. */
  async validator(): Promise<Validator> {
    this.#loading ??= this.#refresh().finally(() => (this.#loading = undefined))
    await this.#loading
    return this.#validator
  }

  async #refresh(): Promise<void> {
    const [row] = await this.#database.read(
      sql`select count(*)::text || ' ' || coalesce(sum(hashtextextended(id, rtype) # ver::bigint), 0)::text || ' ' || coalesce(max(updated)::text, '') as stamp
          from shared where rtype = any(${types}::int2[])`,
      'conformance-stamp',
    )
    const stamp = row === undefined ? '' : text(row, 'stamp')
    if (stamp === this.#stamp) return
    const rows = await this.#database.read(
      sql`select body from shared where rtype = any(${types}::int2[]) order by updated`,
    )
    const library = new Library(this.#packages)
    for (const each of rows) {
      const resource: unknown = JSON.parse(text(each, 'body'))
      if (isObject(resource)) library.addParsed(resource)
    }
    this.#validator = new Validator(library)
    this.#stamp = stamp
  }
}
