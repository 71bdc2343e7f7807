import type { Log } from '../base/log.ts'
import { startEmbedded } from '../kernel/store/embedded/server.ts'
import type { Config } from './config.ts'

/** The database a command works on. */
export interface Database {
  readonly url: string
  /** True when nobody but Linchpin on this machine uses it. */
  readonly embedded: boolean
  close(): Promise<void>
}

/** Opens the database of the settings: your own by DATABASE_URL, or the embedded one, started or joined. */
export async function openDatabase(config: Config, log: Log): Promise<Database> {
  if (config.databaseUrl !== undefined) {
    return { url: config.databaseUrl, embedded: false, close: () => Promise.resolve() }
  }
  const server = await startEmbedded(config.home, log)
  return { url: server.url, embedded: true, close: () => server.stop() }
}
