import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../base/log.ts'
import { answerFigures, listening } from './worker-channel.ts'

/** Pauses before a worker that died is replaced: at once, then longer while they keep dying young. */
const pausesMs = [0, 500, 2_000, 10_000, 30_000] as const
/** A worker that lived as long as this died of something new. */
const grownUpMs = 60_000
/** Longer than a worker takes to drain: after that it is ended. */
const patienceMs = 20_000

/**
 * Runs `count` worker processes that share one port, replaces those that die, and restarts them one after another on
 * SIGHUP. Ends with them on SIGTERM or SIGINT, once each has answered what it was asked. `announce` is told the address
 * once the first one listens. Answers false when none ever came to: the worker has said why.
 */
export async function supervise(count: number, log: Log, announce: (address: string) => void): Promise<boolean> {
  const first = cluster.fork()
  const address = await listening(first)
  if (address === undefined) return false
  const group = new Group(log)
  answerFigures(() => group.listening)
  group.keep(first)
  for (let n = 1; n < count; n += 1) group.start()
  announce(address)
  await stopSignal(() => group.restart())
  await group.stop()
  return true
}

/** Resolves on SIGTERM or SIGINT; calls back on each SIGHUP meanwhile. */
function stopSignal(onHangUp: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    process.on('SIGHUP', () => void onHangUp())
  })
}

/** The workers that should be there. */
class Group {
  readonly #log: Log
  readonly #workers = new Set<Worker>()
  /** Those of them that can be asked. */
  readonly listening = new Set<Worker>()
  #stopping = false
  #young = 0
  #restarting: Promise<void> = Promise.resolve()

  constructor(log: Log) {
    this.#log = log
  }

  /** Starts a worker and counts it in. */
  start(): void {
    const worker = cluster.fork()
    void listening(worker).then((address) => address !== undefined && this.listening.add(worker))
    this.#replaceWhenDead(worker)
  }

  /** Counts in a worker that listens. */
  keep(worker: Worker): void {
    this.listening.add(worker)
    this.#replaceWhenDead(worker)
  }

  #replaceWhenDead(worker: Worker): void {
    this.#workers.add(worker)
    const born = performance.now()
    worker.once('exit', (code, signal) => {
      const wanted = this.#workers.delete(worker)
      this.listening.delete(worker)
      if (this.#stopping || !wanted) return
      this.#young = performance.now() - born > grownUpMs ? 0 : this.#young + 1
      this.#log.error({ process: worker.process.pid, code, signal }, 'A server process ended and is replaced')
      void sleep(pausesMs[Math.min(this.#young - 1, pausesMs.length - 1)] ?? 0).then(() => {
        if (!this.#stopping) this.start()
      })
    })
  }

  /** Replaces each worker by a new one, which listens before the old one stops. */
  restart(): Promise<void> {
    this.#restarting = this.#restarting.then(async () => {
      const present = Array.from(this.#workers)
      for (const old of present) {
        if (this.#stopping) return
        const successor = cluster.fork()
        if ((await listening(successor)) === undefined) {
          this.#log.error('A new server process did not start; the old ones go on')
          return
        }
        this.keep(successor)
        this.#workers.delete(old)
        await end(old)
      }
      this.#log.info('All server processes were restarted')
    })
    return this.#restarting
  }

  /** Ends all workers and waits for them. */
  async stop(): Promise<void> {
    this.#stopping = true
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    await Promise.all(workers.map(end))
  }
}

/** Asks a worker to drain and waits for its end. */
async function end(worker: Worker): Promise<void> {
  if (worker.isDead()) return
  const gone = once(worker, 'exit')
  worker.process.kill('SIGTERM')
  const timer = setTimeout(() => worker.process.kill('SIGKILL'), patienceMs)
  await gone
  clearTimeout(timer)
}
