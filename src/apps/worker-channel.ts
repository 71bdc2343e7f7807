import cluster, { type Worker } from 'node:cluster'
import { isObject } from '../base/json.ts'
import { problem } from '../base/problem.ts'
import { addUp, type Figures, type Metrics } from './metrics.ts'

/** What a worker and its supervisor say to each other. */
type Message =
  | { readonly say: 'listening'; readonly address: string }
  | { readonly say: 'figures-please'; readonly question: number }
  | { readonly say: 'figures'; readonly question: number; readonly figures: Figures }
  | { readonly say: 'all-figures-please'; readonly question: number }
  | { readonly say: 'all-figures'; readonly question: number; readonly text: string }

const patienceMs = 5_000

const isMessage = (value: unknown): value is Message => isObject(value) && typeof value['say'] === 'string'

/** A worker's side: says where it listens, gives its figures, and asks for those of all. */
export class WorkerChannel {
  readonly #waiting = new Map<number, (text: string) => void>()
  #asked = 0

  constructor(metrics: Metrics) {
    process.on('message', (message: unknown) => {
      if (!isMessage(message)) return
      if (message.say === 'all-figures') this.#waiting.get(message.question)?.(message.text)
      if (message.say === 'figures-please')
        void metrics.figures().then((figures) => tell({ say: 'figures', question: message.question, figures }))
    })
    // It is no reason to stay when the work is done.
    process.channel?.unref()
  }

  /** From now on requests can come. */
  listening(address: string): void {
    tell({ say: 'listening', address })
  }

  /** Figures of all processes of this server. */
  allFigures(): Promise<string> {
    this.#asked += 1
    const question = this.#asked
    return new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.delete(question)
        reject(problem('unavailable', 'The other processes did not give their figures in time'))
      }, patienceMs)
      this.#waiting.set(question, (text) => {
        clearTimeout(late)
        this.#waiting.delete(question)
        resolve(text)
      })
      tell({ say: 'all-figures-please', question })
    })
  }
}

const tell = (message: Message): void => void process.send?.(message)

/** Where a worker listens once it does; undefined when it ends before that. */
export function listening(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve) => {
    const hear = (message: unknown): void => {
      if (isMessage(message) && message.say === 'listening') resolve(message.address)
    }
    worker.on('message', hear)
    worker.once('exit', () => resolve(undefined))
  })
}

/** The supervisor's side of the figures: asks every worker that listens and adds up. */
export function answerFigures(workers: () => Iterable<Worker>): void {
  const open = new Map<number, { readonly figures: Figures[]; readonly answer: () => void; missing: number }>()
  let asked = 0
  cluster.on('message', (from, message: unknown) => {
    if (!isMessage(message)) return
    if (message.say === 'figures') {
      const round = open.get(message.question)
      if (round === undefined) return
      round.figures.push(message.figures)
      round.missing -= 1
      if (round.missing === 0) round.answer()
    }
    if (message.say !== 'all-figures-please') return
    asked += 1
    const question = asked
    const those = [...workers()].filter((worker) => worker.isConnected())
    const figures: Figures[] = []
    const answer = (): void => {
      open.delete(question)
      void addUp(figures).then((text) => {
        if (from.isConnected()) from.send({ say: 'all-figures', question: message.question, text } satisfies Message)
      })
    }
    open.set(question, { figures, answer, missing: those.length })
    for (const worker of those) worker.send({ say: 'figures-please', question } satisfies Message)
    setTimeout(() => open.delete(question), patienceMs).unref()
  })
}
