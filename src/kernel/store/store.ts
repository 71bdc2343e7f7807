import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { sql } from '../../base/sql.ts'
import { cursorSecret } from '../access/token-secret.ts'
import { ReadAudit } from '../audit/audit.ts'
import { Feed } from '../feed/feed.ts'
import { Library } from '../fhir/packages/library.ts'
import { JobQueue } from '../jobs/queue.ts'
import { LocalTerminology } from '../terminology/engine.ts'
import { Conformance } from './conformance.ts'
import { Database } from './database.ts'
import { type ReferencePolicy, strictReferences } from './integrity.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** The open store: connections, the writer that shares commits, the feed. Made once a process by `openStore`. */
export interface Store {
  readonly database: Database
  readonly writer: Writer
  /** Reads for those who may see everything (systems with a system scope). */
  readonly systemReader: Reader
  readonly feed: Feed
  /** Audit of reads; writes carry theirs in their own transaction. */
  readonly readAudit: ReadAudit
  /** Code systems, value sets and maps: R4's own, those stored here, and loaded releases. */
  readonly terminology: LocalTerminology
  /** Work that outlives the request that asked for it. */
  readonly jobs: JobQueue
  /** What resources are validated against: R4, packages, and what is stored. */
  readonly conformance: Conformance
  readonly clock: Clock
  /** What becomes of references to nothing. */
  readonly references: ReferencePolicy
  /** What page links are sealed with; read from the database on first use. */
  cursorSecret(): Promise<Uint8Array>
  close(): Promise<void>
}

export interface StoreOptions {
  /** Makes this process a candidate to hand out feed positions. */
  readonly relay: boolean
  /** Folder for files, the same for every process on this database. Without it there are none. */
  readonly home?: string
  /** Conformance resources of loaded FHIR packages. */
  readonly packages?: Library
  /** Nothing may point nowhere, unless this says otherwise. */
  readonly references?: ReferencePolicy
}

/** Opens a migrated database. */
export function openStore(url: string, log: Log, clock: Clock, options: StoreOptions): Store {
  const { relay, home, packages, references } = options
  const database = new Database(url, log)
  const feed = new Feed(database, log, clock, relay)
  let secret: Promise<Uint8Array> | undefined
  return {
    database,
    feed,
    readAudit: new ReadAudit(database),
    jobs: new JobQueue(database, clock, home),
    conformance: new Conformance(database, packages ?? new Library()),
    clock,
    references: references ?? strictReferences,
    terminology: new LocalTerminology(database),
    cursorSecret: () => (secret ??= cursorSecret(database)),
    writer: new Writer(database, clock, () => feed.nudge(), references),
    systemReader: new Reader(database, clock, sql`true`, 'system'),
    async close() {
      await feed.close()
      await database.close()
    },
  }
}
