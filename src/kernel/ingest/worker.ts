import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
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
  await (unit.form === 'json' ? loadText(unit, loader, account) : loadLines(unit, loader, account, send))
  return loader.flush()
}

async function loadText(unit: Unit, loader: Loader, account: Account): Promise<void> {
  const read = wholeText(unit)
  if (read.text === undefined) account.missOut(unit.path, 'the file', read.fault)
  else await loader.take(unit.path, resourcesIn(read.text, 'the file'))
}

async function loadLines(
  unit: Unit,
  loader: Loader,
  account: Account,
  send: (message: WorkerMessage) => void,
): Promise<void> {
  let reported = 0
  let lines = 0
  const reading = linesOf(unit)
  for (;;) {
    const next = await reading.next().catch((error: unknown) => {
      account.missOut(unit.path, `after line ${lines}`, `The file cannot be read further: ${reasonOf(error)}`)
      return undefined
    })
    if (next === undefined || next.done === true) return
    const { text, fault, place, bytes } = next.value
    if (text === undefined) account.missOut(unit.path, place, fault)
    else await loader.take(unit.path, resourcesIn(text, place))
    lines += 1
    if (lines % reportEveryLines !== 0) continue
    send({ kind: 'progress', bytes: bytes - reported, account: account.take() })
    reported = bytes
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')

/** The text of a JSON file, or why there is none. */
function wholeText(unit: Unit): { readonly text: string | undefined; readonly fault: string } {
  const without = (fault: string) => ({ text: undefined, fault })
  try {
    if (statSync(unit.path).size > largestJsonBytes) return without('It is too large for one JSON text. Use NDJSON.')
    const raw = readFileSync(unit.path)
    const bytes = unit.gzip ? gunzipSync(raw, { maxOutputLength: largestJsonBytes }) : raw
    if (!isUtf8(bytes)) return without('It is not UTF-8')
    return { text: bytes.toString('utf8').replace(/^\u{feff}/u, ''), fault: '' }
  } catch (error) {
    return without(`The file cannot be read: ${reasonOf(error)}`)
  }
}
