import { randomUUID } from 'node:crypto'
import { systemClock } from '../../src/base/clock.ts'
import { makeLog } from '../../src/base/log.ts'
import { sql } from '../../src/base/sql.ts'
import type { Actor } from '../../src/kernel/access/actor.ts'
import type { Context } from '../../src/kernel/access/context.ts'
import type { FeedEvent } from '../../src/kernel/feed/feed.ts'
import { typeNumber } from '../../src/kernel/fhir/resource-types.ts'
import type { FhirRequest } from '../../src/kernel/rest/exchange.ts'
import { respond } from '../../src/kernel/rest/respond.ts'
import { looseReferences, type ReferencePolicy } from '../../src/kernel/store/integrity.ts'
import { openStore, type Store } from '../../src/kernel/store/store.ts'
import { testDatabase } from './database.ts'

/** An open store on a database of its own, with the FHIR interactions as a system may use them. */
export interface TestStore {
  readonly store: Store
  readonly url: string
  contextOf(actor: Actor): Context
  fhir(method: string, path: string, body?: string, more?: Partial<FhirRequest>): Promise<Answer>
  personOf(type: string, id: string): Promise<bigint | undefined>
  /** Waits for the feed to hold at least so many events of one resource after a position. */
  eventsAfter(position: bigint, id: string, least: number): Promise<FeedEvent[]>
  audit(
    name: string,
  ): Promise<readonly { readonly action: string; readonly person: bigint; readonly outcome: string }[]>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

const systemActor: Actor = { kind: 'system', id: 'test', name: 'Test system' }

/** `home` is where its jobs keep files, for tests of jobs. */
/** References to nothing are kept, as in an import, unless a test is about them. */
export async function testStore(home?: string, references: ReferencePolicy = looseReferences): Promise<TestStore> {
  const database = await testDatabase()
  const log = makeLog('error')
  const store = openStore(database.url, log, systemClock, {
    relay: true,
    references,
    ...(home === undefined ? {} : { home }),
  })
  await store.feed.start()
  const contextOf = (actor: Actor): Context => ({
    actor,
    purpose: 'TREAT',
    requestId: randomUUID(),
    store,
    clock: systemClock,
    log,
  })
  return {
    store,
    url: database.url,
    contextOf,
    async fhir(method, path, body = '', more = {}) {
      const [at = '', query = ''] = path.split('?')
      const request = { base: 'http://localhost/fhir/R4', query, body, ...more }
      const answer = await respond(contextOf(systemActor), method, at, request)
      return { status: answer.status, headers: answer.headers, text: answer.body ?? '' }
    },
    async personOf(type, id) {
      const rows = await store.database.read(
        sql`select person from res where rtype = ${typeNumber(type)}::int2 and id = ${id}`,
      )
      const person = rows[0]?.['person']
      return typeof person === 'bigint' ? person : undefined
    },
    async eventsAfter(position, id, least) {
      for (;;) {
        const events = (await store.feed.since(position)).filter((event) => event.id === id)
        if (events.length >= least) return events
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async audit(name) {
      const rows = await store.database.read(
        sql`select action, person, outcome from audit where ids && array[${name}]::text[] order by seq`,
      )
      return rows.map((row) => ({
        action: String(row['action']),
        person: typeof row['person'] === 'bigint' ? row['person'] : 0n,
        outcome: String(row['outcome']),
      }))
    },
    async close() {
      await store.close()
      await database.close()
    },
  }
}
