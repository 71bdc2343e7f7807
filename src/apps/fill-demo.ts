import type { Log } from '../base/log.ts'
import type { Store } from '../kernel/store/store.ts'
import { loadSystem, storedState } from '../synth/run/load.ts'
import type { Config } from './config.ts'
import { startProgress } from './progress.ts'

/** The filling of the demo care system, beside the server. */
export interface Filling {
  stop(): Promise<void>
}

/**
 * Goes on filling the demo care system, if it has been begun and is not whole. The server listens meanwhile: whoever
 * starts it sees the demo people at once, and the others as they come. Half of the cores, so that pages stay quick.
 */
export function fillDemo(store: Store, log: Log, config: Config, url: string, print: (line: string) => void): Filling {
  const stopping = new AbortController()
  const done = fill(store, config, url, print, stopping.signal).catch((error: unknown) => {
    log.error({ error: error instanceof Error ? error.message : 'unknown' }, 'The demo care system could not be filled')
  })
  return {
    async stop() {
      stopping.abort()
      await done
    },
  }
}

async function fill(
  store: Store,
  config: Config,
  url: string,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const state = await storedState(store.database)
  if (state === undefined || state.loaded >= state.settings.people) return
  const { settings } = state
  print(
    `Filling the demo care system: ${settings.people} made-up people, ${settings.months} months. Linchpin can be used meanwhile.`,
  )
  const progress = startProgress('Filling the demo care system', 'people')
  const told = (people: number): void => {
    progress.report(people, settings.people)
    store.feed.nudge()
  }
  try {
    told(state.loaded)
    const workers = Math.max(1, Math.floor(config.workers / 2))
    const account = await loadSystem(store.database, settings, { url, workers, report: told, signal })
    const { stored, quarantined, reviews, refused } = account
    if (!signal.aborted)
      print(
        `Filled the demo care system: ${stored} resources, ${quarantined} quarantined, ${reviews} for review, ${refused} refused`,
      )
  } finally {
    progress.end()
  }
}

/** How far the filling is, in words for pages; undefined when there is nothing to say. */
export class FillingWords {
  readonly #store: Store
  #whole = false

  constructor(store: Store) {
    this.#store = store
  }

  async read(): Promise<string | undefined> {
    if (this.#whole) return undefined
    const state = await storedState(this.#store.database)
    if (state === undefined || state.loaded >= state.settings.people) {
      // Once whole it stays so; nothing is read again.
      this.#whole = state !== undefined
      return undefined
    }
    const count = (people: number): string => people.toLocaleString('en-GB')
    return `The demo care system is being filled: ${count(state.loaded)} of ${count(state.settings.people)} people are there.`
  }
}
