import { Worker } from 'node:worker_threads'
import { problem } from '../../base/problem.ts'
import { blockSize } from '../people/most-people.ts'
import type { BlockDone, WorkerStart } from './worker.ts'

/** Blocks that may be made ahead of the one that is due: what bounds memory. */
const aheadOfTurn = 4

export const blocksOf = (people: number): number => Math.ceil(people / blockSize)

export interface BlocksOptions {
  readonly workers: number
  /** The first block to make: those before are there already. */
  readonly from?: number
  /** Ends the run after the blocks under way. */
  readonly signal?: AbortSignal
}

/** Makes all blocks with several workers and hands them over in their order, one at a time, whoever was first. */
export async function makeBlocks(
  start: WorkerStart,
  { workers, from = 0, signal }: BlocksOptions,
  take: (done: BlockDone) => Promise<void> | void,
): Promise<void> {
  const count = blocksOf(start.settings.people)
  const state: State = {
    next: from,
    due: from,
    count,
    waiting: new Map(),
    taking: Promise.resolve(),
    take,
    idle: [],
    most: workers * aheadOfTurn,
  }
  await Promise.all(
    Array.from({ length: Math.max(1, Math.min(workers, count - from)) }, () => runWorker(start, state, signal)),
  )
  await state.taking
}

interface State {
  next: number
  due: number
  readonly count: number
  readonly waiting: Map<number, BlockDone>
  taking: Promise<void>
  readonly take: (done: BlockDone) => Promise<void> | void
  idle: (() => void)[]
  readonly most: number
}

function runWorker(start: WorkerStart, state: State, signal: AbortSignal | undefined): Promise<void> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: start })
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error instanceof Error ? error : problem('fault', 'A worker failed'))
      void worker.terminate()
    }
    const next = (): void => {
      if (state.next >= state.count || signal?.aborted === true) worker.postMessage(undefined)
      else if (state.next >= state.due + state.most) state.idle.push(next)
      else worker.postMessage(state.next++)
    }
    worker.on('message', (done: BlockDone) => {
      if (done.failure !== undefined)
        return fail(problem('unavailable', `Block ${done.block} could not be made: ${done.failure}`))
      state.waiting.set(done.block, done)
      state.taking = state.taking.then(() => handOver(state))
      void nextAfter(state.taking, next, fail)
    })
    worker.on('error', fail)
    worker.on('exit', () => resolve())
    next()
  })
}

/** The next block once this one is taken; what goes wrong ends the run. */
async function nextAfter(taken: Promise<void>, next: () => void, fail: (error: unknown) => void): Promise<void> {
  try {
    await taken
    next()
  } catch (error) {
    fail(error)
  }
}

async function handOver(state: State): Promise<void> {
  for (;;) {
    const done = state.waiting.get(state.due)
    if (done === undefined) return
    state.waiting.delete(state.due)
    await state.take(done)
    state.due += 1
    const idle = state.idle
    state.idle = []
    for (const wake of idle) wake()
  }
}
