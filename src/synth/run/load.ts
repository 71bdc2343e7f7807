import { systemClock } from '../../base/clock.ts'
import { Account } from '../../kernel/ingest/account.ts'
import { settle } from '../../kernel/ingest/ingest.ts'
import { Loader } from '../../kernel/ingest/loader.ts'
import { resourcesIn } from '../../kernel/ingest/resources.ts'
import type { Database } from '../../kernel/store/database.ts'
import { register } from '../ics/register.ts'
import { checkPeople } from '../people/population.ts'
import type { SynthSettings } from '../settings.ts'
import { makeBlocks } from './pool.ts'
import { stateResource } from './state.ts'
import { seedSubmission } from './submission.ts'

export interface LoadOptions {
  readonly url: string
  readonly workers: number
  /** Told of people and resources done. */
  readonly report: (people: number, resources: number) => void
}

/** Loads the synthetic system into a database, beside a running server if there is one. Safe to run again after a kill. */
export async function loadSystem(database: Database, settings: SynthSettings, options: LoadOptions): Promise<Account> {
  checkPeople(settings.people)
  const account = new Account()
  await loadShared(database, account, [...register(settings.today), stateResource(settings, 'filling')])
  let people = 0
  await makeBlocks({ settings, url: options.url }, options.workers, (done) => {
    if (done.account !== undefined) account.add(done.account)
    people = Math.min(settings.people, people + 100)
    options.report(people, account.found)
  })
  await loadShared(database, account, [stateResource(settings, 'filled')])
  if (account.stored >= 5000) await settle(database)
  return account
}

async function loadShared(database: Database, account: Account, resources: readonly object[]): Promise<void> {
  const loader = new Loader(database, systemClock, seedSubmission(), account)
  for (const resource of resources) await loader.take('register', resourcesIn(JSON.stringify(resource), 'register'))
  await loader.flush()
}
