import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { makeLog } from '../../base/log.ts'
import { Account, type AccountData } from '../../kernel/ingest/account.ts'
import { Loader } from '../../kernel/ingest/loader.ts'
import { resourcesIn } from '../../kernel/ingest/resources.ts'
import { Database } from '../../kernel/store/database.ts'
import { livesOf } from '../lives/lives.ts'
import type { SynthSettings } from '../settings.ts'
import { seedSubmission } from './submission.ts'

/** What a worker starts with: without an address it hands back text, with one it loads. */
export interface WorkerStart {
  readonly settings: SynthSettings
  readonly url?: string
}

/** What became of one block. */
export interface BlockDone {
  readonly block: number
  readonly resources: number
  /** NDJSON by ODS code of the source; empty when it was loaded. */
  readonly texts: readonly (readonly [source: string, text: string])[]
  readonly account?: AccountData
  readonly failure?: string
}

if (parentPort !== null) listen(parentPort)

function listen(port: NonNullable<typeof parentPort>): void {
  const start = workerData as WorkerStart
  const database = start.url === undefined ? undefined : new Database(start.url, makeLog('warn'), 'linchpin-synth')
  port.on('message', (block: number | undefined) => {
    if (block === undefined) {
      void (database?.close() ?? Promise.resolve()).then(() => port.close())
      return
    }
    const done =
      database === undefined ? Promise.resolve(textsOf(start.settings, block)) : load(start.settings, block, database)
    done.then(
      (message) => port.postMessage(message),
      (error: unknown) => {
        const failure = error instanceof Error ? error.message : 'unknown'
        const message: BlockDone = { block, resources: 0, texts: [], failure }
        port.postMessage(message)
      },
    )
  })
}

function textsOf(settings: SynthSettings, block: number): BlockDone {
  const lines = new Map<string, string[]>()
  const written = livesOf(settings, block)
  for (const { source, resource } of written) {
    const own = lines.get(source) ?? []
    lines.set(source, own)
    own.push(JSON.stringify(resource))
  }
  const texts = [...lines].map(([source, own]) => [source, `${own.join('\n')}\n`] as const)
  return { block, resources: written.length, texts }
}

async function load(settings: SynthSettings, block: number, database: Database): Promise<BlockDone> {
  const account = new Account()
  const loader = new Loader(database, systemClock, seedSubmission(), account)
  const written = livesOf(settings, block)
  for (const { resource } of written)
    await loader.take(
      `block ${block}`,
      resourcesIn(JSON.stringify(resource), `${resource.resourceType}/${resource.id ?? ''}`),
    )
  await loader.flush()
  return { block, resources: written.length, texts: [], account: account.take() }
}
