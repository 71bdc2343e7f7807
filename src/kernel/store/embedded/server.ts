import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Log } from '../../../base/log.ts'
import { problem } from '../../../base/problem.ts'
import { type Binaries, copyBinaries, findBinaries, linkLibraries } from './binaries.ts'
import { prepareData } from './data-folder.ts'
import { logLength, logSince, serverProblem } from './failure.ts'
import { waitForLock } from './file-lock.ts'
import { blockedAt } from './owner.ts'
import { findPlace, makeSocketFolder, type Place, removeSocketFolder } from './place.ts'
import { answers, clearRemains, readPostmaster, shutDown } from './postmaster.ts'
import { startServer } from './program.ts'
import { address, type Door, ensureDatabase, newApplicationName, openSession, othersArePresent } from './session.ts'
import { applicationRole, superuserRole } from './settings.ts'

/** A running PostgreSQL under LINCHPIN_HOME that this process uses. */
export interface EmbeddedServer {
  /** For `pg` and libpq alike. Its application name tells the sessions of this process from those of others. */
  readonly url: string
  /** The same database as the superuser: for what the ordinary role may not do. */
  readonly superuserUrl: string
  /** False when another process had it running and this one joined. */
  readonly startedHere: boolean
  /** Lets go of it. PostgreSQL is shut down when no other Linchpin process uses it. */
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL of a home, or joins it when it already runs, even if the process that started it is dead.
 * While this process holds it, a server that dies is started again at the same address.
 */
export async function startEmbedded(home: string, log: Log): Promise<EmbeddedServer> {
  const place = findPlace(home, log)
  try {
    return await EmbeddedPostgres.start(place, log)
  } catch (cause) {
    throw serverProblem(place.folder, '', cause)
  }
}

const lockPatienceMs = 120_000
const stopPatienceMs = 60_000
const recoveryPausesMs = [0, 100, 500, 1000, 2000] as const
const longestPauseMs = 5_000

class EmbeddedPostgres implements EmbeddedServer {
  readonly #place: Place
  readonly #log: Log
  readonly #binaries: Binaries
  #door: Door = { socketFolder: '', applicationName: newApplicationName() }
  /** A session held open: others see that we are here, and we see at once when the server dies. */
  #presence: Client | undefined
  #startedHere = false
  #stopping = false
  #recovery: Promise<void> = Promise.resolve()

  private constructor(place: Place, log: Log) {
    this.#place = place
    this.#log = log
    this.#binaries = reachableBinaries(place)
    linkLibraries(this.#binaries, place.libraries)
  }

  static async start(place: Place, log: Log): Promise<EmbeddedPostgres> {
    const server = new EmbeddedPostgres(place, log)
    await server.#locked(() => server.#bringUp())
    return server
  }

  get url(): string {
    return address(this.#door, applicationRole, applicationRole)
  }

  get superuserUrl(): string {
    return address(this.#door, superuserRole, applicationRole)
  }

  get startedHere(): boolean {
    return this.#startedHere
  }

  async stop(): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    await this.#recovery
    await this.#locked(async () => {
      const inUse =
        this.#presence !== undefined && (await othersArePresent(this.#presence, this.#door).catch(() => false))
      await this.#presence?.end().catch(() => undefined)
      if (inUse) return
      const stopped = await shutDown(this.#place.data, stopPatienceMs)
      if (!stopped) this.#log.warn('PostgreSQL is still shutting down')
      else removeSocketFolder(this.#place, this.#door.socketFolder)
    })
  }

  async #locked(work: () => Promise<void>): Promise<void> {
    const lock = await waitForLock(this.#place.lock, lockPatienceMs)
    if (lock === undefined) {
      const what = `has been starting or stopping PostgreSQL in ${this.#place.folder} for two minutes`
      throw problem('unavailable', `Another Linchpin process ${what}`)
    }
    try {
      await work()
    } finally {
      lock.release()
    }
  }

  /** Joins a running server or starts one. Called with the start lock held. */
  async #bringUp(): Promise<void> {
    const joined = await this.#join()
    const session = joined ?? (await this.#launch())
    await ensureDatabase(session)
    this.#startedHere ||= joined === undefined
    this.#presence = session
    session.once('end', () => {
      if (!this.#stopping) this.#recovery = this.#recover()
    })
  }

  async #join(): Promise<Client | undefined> {
    const running = readPostmaster(this.#place.data)
    if (running === undefined || !(await answers(running.socketFolder))) return undefined
    const ended = problem('unavailable', `The PostgreSQL in ${this.#place.folder} ended while it was being joined`)
    try {
      this.#door = { ...this.#door, socketFolder: running.socketFolder }
      return await openSession(this.#door, async () => ((await answers(running.socketFolder)) ? undefined : ended))
    } catch (cause) {
      if (cause === ended) return undefined
      throw cause
    }
  }

  async #launch(): Promise<Client> {
    const place = this.#place
    await prepareData(place, this.#binaries)
    await clearRemains(place.data)
    this.#door = { ...this.#door, socketFolder: makeSocketFolder(place) }
    const before = logLength(place.log)
    const child = startServer(this.#binaries, place, this.#door.socketFolder)
    let failure: Error | undefined
    const onError = (cause: Error): void => {
      failure = serverProblem(place.folder, '', cause)
    }
    const onExit = (): void => {
      failure ??= serverProblem(place.folder, logSince(place.log, before))
    }
    child.once('error', onError).once('exit', onExit)
    const session = await openSession(this.#door, () => Promise.resolve(failure))
    child.off('exit', onExit)
    return session
  }

  /** Goes on until it succeeds: a full disk may be emptied, and until then callers are told that it is unavailable. */
  async #recover(): Promise<void> {
    for (let attempt = 0; !this.#stopping; attempt += 1) {
      await sleep(recoveryPausesMs[attempt] ?? longestPauseMs)
      try {
        await this.#locked(() => this.#bringUp())
        this.#log.warn('PostgreSQL ended unexpectedly and is running again')
        return
      } catch (cause) {
        this.#log.error(serverProblem(this.#place.folder, '', cause).message)
      }
    }
  }
}

/** The programs as installed, or a copy of them where PostgreSQL's user may go. */
function reachableBinaries(place: Place): Binaries {
  const installed = findBinaries()
  if (!place.owner.dropped || blockedAt(installed.folder, place.owner) === undefined) return installed
  return copyBinaries(installed, place.folder)
}
