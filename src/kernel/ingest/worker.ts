import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '../../base/clock.ts'
import { makeLog } from '../../base/log.ts'
import { Database } from '../store/database.ts'
import type { Submission } from '../store/operation.ts'
import { Account, type AccountData } from './account.ts'
import { linesOf } from './lines.ts'
import { Loader } from './loader.ts'
import { resourcesIn } from './resources.ts'
import type { Unit } from './units.ts'

/** What a worker starts with. */
export interface WorkerStart {
  readonly url: string
  readonly submission: Submission
}

/** What a worker tells: how far it is, that a unit is done, or that it cannot go on. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly bytes: number; readonly account: AccountData }
  | { readonly kind: 'done'; readonly account: AccountData }
  | { readonly kind: 'failed'; readonly message: string }

/** A JSON file is parsed whole; a larger one belongs into NDJSON. */
const largestJsonBytes = 400 * 1024 * 1024
const reportEveryLines = 2000

if (parentPort !== null) listen(parentPort)

function listen(port: NonNullable<typeof parentPort>): void {
  const { url, submission } = workerData as WorkerStart
  const database = new Database(url, makeLog('warn'), 'linchpin-import')
  const send = (message: WorkerMessage): void => port.postMessage(message)
  port.on('message', (unit: Unit | undefined) => {
    if (unit === undefined) {
      void database.close().then(() => port.close())
      return
    }
    const account = new Account()
    load(unit, new Loader(database, systemClock, submission, account, true), account, send).then(
      () => send({ kind: 'done', account: account.take() }),
      (error: unknown) => send({ kind: 'failed', message: error instanceof Error ? error.message : 'unknown' }),
    )
  })
}

async function load(
  unit: Unit,
  loader: Loader,
  account: Account,
  send: (message: WorkerMessage) => void,
): Promise<void> {
  if (unit.form === 'json') {
    const text = wholeText(unit)
    if (text === undefined)
      account.refuse(unit.path, 'the file', 'It is too large for one JSON text, or not UTF-8. Use NDJSON.')
    else await loader.take(unit.path, resourcesIn(text, 'the file'))
    return loader.flush()
  }
  let reported = 0
  let lines = 0
  try {
    for await (const line of linesOf(unit)) {
      await loader.take(unit.path, resourcesIn(line.text, line.place))
      lines += 1
      if (lines % reportEveryLines !== 0) continue
      send({ kind: 'progress', bytes: line.bytes - reported, account: account.take() })
      reported = line.bytes
    }
  } catch (error) {
    account.refuse(
      unit.path,
      `after line ${lines}`,
      `The file cannot be read further: ${error instanceof Error ? error.message : 'unknown'}`,
    )
  }
  return loader.flush()
}

function wholeText(unit: Unit): string | undefined {
  const raw = readFileSync(unit.path)
  const bytes = unit.gzip ? gunzipSync(raw, { maxOutputLength: largestJsonBytes }) : raw
  if (bytes.length > largestJsonBytes || !isUtf8(bytes)) return undefined
  return bytes.toString('utf8').replace(/^\u{feff}/u, '')
}
