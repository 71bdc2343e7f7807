import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { openCursor, type Position, sealCursor } from '../search/cursor.ts'
import { tableOf } from '../search/filter-condition.ts'
import { foundIn } from '../search/include.ts'
import { parseSearch } from '../search/query.ts'
import { type Found, type FoundPage, search } from '../search/search.ts'
import { textArray } from '../store/wire.ts'
import { auditReturned } from './audit-found.ts'

const mostSearches = 100
const mostFetched = 5000

interface Waiting {
  readonly name: string
  readonly resolve: (found: Found | undefined) => void
  readonly reject: (error: unknown) => void
}

/** A page of a search, with links for going on. */
export interface SearchPage extends FoundPage {
  readonly previousCursor?: string
  readonly nextCursor?: string
}

/** The resources that are gathered for one answer: each is read once, those asked for together in one statement, and all are audited. */
export class TouchedResources {
  readonly #ctx: Context
  readonly #known = new Map<string, Promise<Found | undefined>>()
  readonly #touched = new Map<string, Found>()
  #waiting: Waiting[] = []
  #searches = 0

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  /** `Type/id` as it is now; undefined when there is none that the caller may see. */
  read(name: string): Promise<Found | undefined> {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const asked = new Promise<Found | undefined>((resolve, reject) => {
      this.#waiting.push({ name, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => void this.#readWaiting())
    })
    this.#known.set(name, asked)
    return asked
  }

  /** A search of one type, as its query string asks. */
  async search(type: string, query: string): Promise<SearchPage> {
    this.#searches += 1
    if (this.#searches > mostSearches)
      throw problem('invalid', `At most ${mostSearches} searches are made for one answer`, { expression: 'query' })
    const parsed = parseSearch(type, query)
    if (parsed.includes.length > 0)
      throw problem('invalid', 'References are followed by fields and links here, not by _include', {
        expression: 'query',
      })
    const secret = await this.#ctx.store.cursorSecret()
    const name = `graphql ${type}?${new URLSearchParams(parsed.used.filter(([each]) => each !== '_count').map(([each, value]) => [each, value])).toString()}`
    const from = parsed.cursor === undefined ? undefined : openCursor(parsed.cursor, name, secret)
    const page = await this.#ctx.store.database.transaction((connection) =>
      search(connection, parsed, visible(this.#ctx.actor), { from }),
    )
    for (const each of page.found) this.#touch(each)
    const sealed = (position: Position | undefined) =>
      position === undefined ? undefined : sealCursor(position, name, secret)
    const [previousCursor, nextCursor] = [sealed(page.previous), sealed(page.next)]
    return {
      ...page,
      ...(previousCursor === undefined ? {} : { previousCursor }),
      ...(nextCursor === undefined ? {} : { nextCursor }),
    }
  }

  /** Writes who was shown what; `asked` stands for a query that found nothing. */
  async audit(asked: string): Promise<void> {
    await auditReturned(this.#ctx, 'search', [...this.#touched.values()], asked)
  }

  #touch(found: Found): void {
    this.#touched.set(`${found.type}/${found.id}`, found)
    if (this.#touched.size > mostFetched)
      throw problem('invalid', `An answer touches at most ${mostFetched} resources`, { expression: 'query' })
  }

  async #readWaiting(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    const byType = new Map<string, Waiting[]>()
    for (const each of waiting) {
      const type = each.name.slice(0, each.name.indexOf('/'))
      byType.set(type, [...(byType.get(type) ?? []), each])
    }
    await Promise.all([...byType].map(([type, of]) => this.#readType(type, of)))
  }

  async #readType(type: string, waiting: readonly Waiting[]): Promise<void> {
    try {
      const ids = waiting.map(({ name }) => name.slice(name.indexOf('/') + 1))
      const rows = await this.#ctx.store.database.read(
        sql`select r.rtype, r.person, r.id, r.ver, r.body from ${tableOf(type)} r
            where r.rtype = ${typeNumber(type) ?? 0}::int2 and r.id = any(${textArray(ids)}::text[]) and ${visible(this.#ctx.actor)}`,
      )
      const found = new Map(rows.map(foundIn).map((each) => [`${each.type}/${each.id}`, each]))
      for (const each of found.values()) this.#touch(each)
      for (const { name, resolve } of waiting) resolve(found.get(name))
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}
