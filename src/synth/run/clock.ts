import { problem } from '../../base/problem.ts'
import { typeNumber } from '../../kernel/fhir/resource-types.ts'
import { Account } from '../../kernel/ingest/account.ts'
import { draftOf } from '../../kernel/store/draft.ts'
import type { Operation } from '../../kernel/store/operation.ts'
import type { Store } from '../../kernel/store/store.ts'
import type { Written } from '../lives/life.ts'
import { livesOf } from '../lives/lives.ts'
import type { Moment } from '../london.ts'
import type { SynthSettings } from '../settings.ts'
import { loadShared, storedState } from './load.ts'
import { blocksOf } from './pool.ts'
import { stateResource } from './state.ts'
import { seedSubmission } from './submission.ts'

export interface ClockOptions {
  /** Minutes of the made-up world in a minute of ours. At 1 it first catches up with the present. */
  readonly speed: number
  readonly signal: AbortSignal
  /** Told of the moment reached and how much was written since the start. */
  readonly report: (moment: Moment, written: number) => void
}

/** What is made ahead at a time: a day, so that the next is ready before the last is written. */
const aheadMinutes = 1440
const tickMs = 250
const mostAtOnce = 100

/**
 * Keeps a synthetic system living: writes what happens as its clock goes on, one write each, as any client would, so
 * that pages, lists and figures follow. Its place is kept in the database; the next run goes on from there.
 */
export async function runClock(store: Store, options: ClockOptions): Promise<number> {
  const found = await storedState(store.database)
  if (found === undefined)
    throw problem('not-found', 'This database holds no synthetic system. Run linchpin synth first.')
  if (found.loaded < found.settings.people)
    throw problem('conflict', 'The synthetic system is still being filled. Start its clock when that is done.')
  const state: State = {
    store,
    settings: found.settings,
    options,
    written: 0,
    events: [],
    madeTo: found.settings.until,
  }
  const began = { real: now(store), clock: found.settings.until }
  while (!options.signal.aborted) {
    await write(state, dueAt(began, store, options.speed))
    options.report(state.settings.until, state.written)
    await pause(tickMs, options.signal)
  }
  return state.written
}

interface State {
  readonly store: Store
  settings: SynthSettings
  readonly options: ClockOptions
  written: number
  /** Made and not written yet, in order. */
  events: Written[]
  madeTo: Moment
}

const now = (store: Store): number => store.clock.now().epochMilliseconds

/** Where the clock should stand: at speed 1 with ours, faster it runs ahead of ours. */
const dueAt = (began: { readonly real: number; readonly clock: Moment }, store: Store, speed: number): Moment =>
  speed === 1 ? Math.floor(now(store) / 60_000) : began.clock + Math.floor(((now(store) - began.real) / 60_000) * speed)

async function write(state: State, due: Moment): Promise<void> {
  while (state.settings.until < due && !state.options.signal.aborted) {
    if (state.events.length === 0 && state.madeTo < due) await makeAhead(state)
    const part = state.events.filter(({ known }) => known <= due).slice(0, mostAtOnce)
    state.events = state.events.slice(part.length)
    await writeAll(state.store, part)
    state.written += part.length
    const left = state.events[0]?.known
    // With more to come of this moment, the place kept is the one before: what is written twice changes nothing.
    const reached = left !== undefined && left <= due ? left - 1 : Math.min(due, state.madeTo)
    state.settings = { ...state.settings, until: Math.max(state.settings.until, reached) }
    await loadShared(state.store.database, new Account(), [stateResource(state.settings, state.settings.people)])
  }
}

async function makeAhead(state: State): Promise<void> {
  const until = state.madeTo + aheadMinutes
  const settings = { ...state.settings, until }
  const made: Written[] = []
  for (let block = 0; block < blocksOf(settings.people) && !state.options.signal.aborted; block++) {
    made.push(...livesOf(settings, block, state.madeTo))
    // A signal must be heard in between.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const patients = made.filter(({ resource, known }) => resource.resourceType === 'Patient' && known <= state.madeTo)
  const others = made.filter((each) => !patients.includes(each)).toSorted((a, b) => a.known - b.known)
  const first = others[0]?.known ?? until
  state.events = [...patients.map((each) => ({ ...each, known: first })), ...others]
  state.madeTo = until
}

/** Patients before what is about them; the writer keeps the order of versions of one thing. */
async function writeAll(store: Store, part: readonly Written[]): Promise<void> {
  const isPatient = ({ resource }: Written): boolean => resource.resourceType === 'Patient'
  for (const group of [part.filter(isPatient), part.filter((each) => !isPatient(each))])
    for (const outcome of await Promise.all(group.map((each) => store.writer.write(operationOf(each)))))
      if (outcome.kind === 'refused') throw outcome.problem
}

function operationOf({ resource }: Written): Operation {
  const draft = draftOf(JSON.stringify(resource), resource.resourceType)
  const { id = '', resourceType: type } = resource
  return { action: 'update', type, rtype: typeNumber(type) ?? 0, id, draft, newId: false, submission: seedSubmission() }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
