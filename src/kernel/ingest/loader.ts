import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import { commit } from '../store/commit.ts'
import { text } from '../store/current.ts'
import type { Database } from '../store/database.ts'
import { targetOf } from '../store/homing.ts'
import { nameOf, type Operation, type Outcome, type Submission } from '../store/operation.ts'
import { isGolden } from '../store/person/golden.ts'
import { int2Array, textArray } from '../store/wire.ts'
import type { Account } from './account.ts'
import type { FoundResource } from './resources.ts'

type Good = Extract<FoundResource, { ok: true }>

const batchRows = 1000
const mostRemembered = 100_000
const batchChars = 8 * 1024 * 1024

/** Gathers resources and commits them a thousand at a time. Each commit is whole: a kill loses only what is not counted. */
export class Loader {
  readonly #database: Database
  readonly #clock: Clock
  readonly #submission: Submission
  readonly #account: Account
  #batch = new Map<string, Good & { readonly file: string }>()
  #chars = 0
  /** Names known to be stored, so that they are not asked for again and again. */
  readonly #present = new Set<string>()
  readonly #deferOld: boolean

  /** `deferOld`: what was current once is set aside in the account, to be looked at when all has been read. */
  constructor(database: Database, clock: Clock, submission: Submission, account: Account, deferOld = false) {
    this.#deferOld = deferOld
    this.#database = database
    this.#clock = clock
    this.#submission = submission
    this.#account = account
  }

  /** Takes what was found at one place of a file; commits when enough has gathered. */
  async take(file: string, found: readonly FoundResource[]): Promise<void> {
    for (const each of found) {
      this.#account.found += 1
      if (!each.ok) this.#account.refuse(file, each.place, each.why)
      else if (isGolden(each.draft.resource) && each.draft.type === 'Person')
        this.#account.refuse(file, each.place, 'A golden Person is made by the person index and cannot be imported')
      else await this.#add(file, each)
    }
  }

  async #add(file: string, found: Good): Promise<void> {
    const name = nameOf(found.draft.type, found.id)
    if (this.#batch.has(name) || this.#batch.size >= batchRows || this.#chars > batchChars) await this.flush()
    this.#batch.set(name, { ...found, file })
    this.#chars += found.draft.text.length
  }

  /** Commits what has gathered. */
  async flush(): Promise<void> {
    const batch = [...this.#batch.values()]
    this.#batch = new Map()
    this.#chars = 0
    if (batch.length > 0) await this.#commit(batch)
  }

  async #commit(batch: readonly (Good & { readonly file: string })[]): Promise<void> {
    const operations = batch.map((each) => this.#operation(each))
    try {
      const options = {
        atomic: false,
        copy: true,
        nowMs: this.#clock.now().epochMilliseconds,
        deferOld: this.#deferOld,
      }
      const outcomes = await this.#database.copyTransaction((connection) => commit(connection, operations, options))
      outcomes.forEach((outcome, index) => this.#count(outcome, batch[index]))
      await this.#noteMissing(batch)
    } catch (error) {
      // The database being away concerns everything; anything else is the fault of one row, found by trying each.
      if (error instanceof Problem && error.kind === 'unavailable') throw error
      const [only] = batch
      if (batch.length > 1) for (const each of batch) await this.#commit([each])
      else if (only !== undefined)
        this.#account.refuse(only.file, only.place, error instanceof Error ? error.message : 'unknown fault')
    }
  }

  #operation({ draft, id }: Good): Operation {
    return {
      action: 'update',
      type: draft.type,
      rtype: draft.rtype,
      id,
      draft,
      newId: false,
      submission: this.#submission,
    }
  }

  #count(outcome: Outcome, from: (Good & { readonly file: string }) | undefined): void {
    const file = from?.file ?? ''
    const place = from?.place ?? ''
    if (outcome.kind === 'refused') this.#account.refuse(file, place, outcome.problem.message)
    else if (outcome.kind === 'deferred')
      this.#account.deferred.push({ name: nameOf(outcome.type, outcome.id), file, place, text: from?.draft.text ?? '' })
    else if (outcome.kind === 'unchanged') {
      this.#account.unchanged += 1
      if (outcome.version > 1) this.#account.confirmed.push(nameOf(outcome.type, outcome.id))
    } else if (outcome.kind === 'created' || outcome.kind === 'updated') {
      this.#account.stored += 1
      if (outcome.waiting) this.#account.waiting += 1
      if (outcome.review !== undefined)
        this.#account.review(file, place, `${outcome.type}/${outcome.id}`, outcome.review)
    }
  }

  /** Remembers references to what is not stored (yet). They are kept as sent; the account names them at the end. */
  async #noteMissing(batch: readonly Good[]): Promise<void> {
    const names = new Set(batch.flatMap((each) => localReferences(each.draft.text)))
    if (this.#present.size > mostRemembered) this.#present.clear()
    for (const each of batch) this.#present.add(nameOf(each.draft.type, each.id))
    const asked = [...names].filter((name) => !this.#present.has(name))
    const absent = new Set(await missing(this.#database, asked))
    for (const name of asked)
      if (absent.has(name)) this.#account.noteMissing(name)
      else this.#present.add(name)
  }
}

const localReferences = (body: string): string[] =>
  Array.from(body.matchAll(/"reference":"([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})/g), ([, name = '']) => name)

/** Those of some `Type/id` names that nothing is stored under. */
export async function missing(database: Database, names: readonly string[]): Promise<string[]> {
  const targets = names.flatMap((name) => {
    const target = targetOf(name)
    return target === undefined ? [] : [{ name, ...target }]
  })
  if (targets.length === 0) return []
  const rows = await database.read(
    sql`select k.name from unnest(${textArray(targets.map((each) => each.name))}::text[], ${int2Array(targets.map((each) => each.rtype))}::int2[],
          ${textArray(targets.map((each) => each.id))}::text[]) k(name, rtype, id)
        where not exists (select 1 from res r where r.rtype = k.rtype and r.id = k.id)
          and not exists (select 1 from shared s where s.rtype = k.rtype and s.id = k.id)`,
    'missing',
  )
  return rows.map((row) => text(row, 'name'))
}
