import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { systemClock } from '../../src/base/clock.ts'
import { Feed } from '../../src/kernel/feed/feed.ts'
import { typeNumber } from '../../src/kernel/fhir/resource-types.ts'
import { Database } from '../../src/kernel/store/database.ts'
import { changes } from '../../src/kernel/store/rows.ts'
import { silentLog } from '../support/embedded.ts'

/** Reads the feed through every kill with nothing but the position it has come to. */
export class FeedReader {
  readonly #database: Database
  readonly #feed: Feed
  readonly #seen: string[] = []
  #position = 0n
  #stopped = false
  #following: Promise<void> | undefined

  constructor(url: string) {
    this.#database = new Database(url, silentLog)
    this.#feed = new Feed(this.#database, silentLog, systemClock, false)
  }

  start(): void {
    this.#following = this.#follow()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#following
    await this.#database.close()
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) if (!(await this.#step())) await sleep(30)
  }

  async #step(): Promise<boolean> {
    const events = await this.#feed.since(this.#position).catch(() => [])
    for (const { position, type, id, version, change } of events)
      this.#seen.push(`${position} ${typeNumber(type)} ${id} ${version} ${changes[change]}`)
    this.#position = events.at(-1)?.position ?? this.#position
    return events.length > 0
  }

  /** It has seen exactly what the feed holds now, in its order. */
  async hasSeenAll(database: Client): Promise<void> {
    const { rows } = await database.query<{ event: string }>(
      `select concat_ws(' ', pos, rtype, id, ver, op) as event from feed order by pos`,
    )
    for (let attempt = 0; attempt < 100 && this.#seen.length < rows.length; attempt += 1) await sleep(30)
    assert.equal(this.#seen.length, rows.length, 'the reader has seen as many events as there are')
    const wrong = rows.findIndex(({ event }, at) => event !== this.#seen[at])
    assert.equal(wrong === -1 ? undefined : this.#seen[wrong], rows[wrong]?.event)
  }
}
