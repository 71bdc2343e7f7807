import type { FhirResource } from 'fhir/r4.js'
import { systemClock } from '../../base/clock.ts'
import { Account } from '../../kernel/ingest/account.ts'
import { settle } from '../../kernel/ingest/ingest.ts'
import { Loader } from '../../kernel/ingest/loader.ts'
import { resourcesIn } from '../../kernel/ingest/resources.ts'
import { sharedBody } from '../../kernel/record/lookup.ts'
import type { Database } from '../../kernel/store/database.ts'
import { register } from '../ics/register.ts'
import { blockSize } from '../people/most-people.ts'
import { checkPeople } from '../people/population.ts'
import type { SynthSettings } from '../settings.ts'
import { makeBlocks } from './pool.ts'
import { readState, type SystemState, stateId, stateResource } from './state.ts'
import { seedSubmission } from './submission.ts'

export interface LoadOptions {
  readonly url: string
  readonly workers: number
  /** Told of people done. */
  readonly report: (people: number) => void
  /** Ends the loading after what is under way; it goes on from there another time. */
  readonly signal?: AbortSignal
}

/** Loads the synthetic system into a database, beside a running server if there is one. Goes on where it was cut off. */
export async function loadSystem(database: Database, settings: SynthSettings, options: LoadOptions): Promise<Account> {
  checkPeople(settings.people)
  const account = new Account()
  const before = await storedState(database)
  const begun = before !== undefined && isSame(before.settings, settings) ? before.loaded : 0
  const from = begun >= settings.people ? 0 : Math.floor(begun / blockSize)
  if (from === 0) await loadShared(database, account, register(settings))
  await loadShared(database, account, [stateResource(settings, from * blockSize)])
  const { url, workers, signal } = options
  await makeBlocks({ settings, url }, { workers, from, ...(signal && { signal }) }, async (done) => {
    if (done.account !== undefined) account.add(done.account)
    const people = Math.min(settings.people, (done.block + 1) * blockSize)
    await loadShared(database, account, [stateResource(settings, people)])
    options.report(people)
  })
  if (account.stored >= settleFrom) await settle(database)
  return account
}

/** Which synthetic system a database holds, and how much of it. */
export async function storedState(database: Database): Promise<SystemState | undefined> {
  const body = await sharedBody(database, 'Library', stateId)
  return body === undefined ? undefined : readState(body)
}

/** Writes what belongs to no person, and the state. */
export async function loadShared(
  database: Database,
  account: Account,
  resources: readonly FhirResource[],
): Promise<void> {
  const loader = new Loader(database, systemClock, seedSubmission(), account)
  for (const resource of resources) await loader.take('register', resourcesIn(JSON.stringify(resource), 'register'))
  await loader.flush()
}

const settleFrom = 5000

const isSame = (a: SynthSettings, b: SynthSettings): boolean =>
  a.people === b.people && a.months === b.months && a.seed === b.seed && a.today === b.today
