import { londonZone, systemClock } from '../../base/clock.ts'
import { problem } from '../../base/problem.ts'
import { Database } from '../../kernel/store/database.ts'
import { migrate } from '../../kernel/store/migrate.ts'
import { openStore } from '../../kernel/store/store.ts'
import { dayOfDate, isoMoment, type Moment } from '../../synth/london.ts'
import { mostPeople } from '../../synth/people/most-people.ts'
import { tallyOf, writePortrait } from '../../synth/portrait/portrait.ts'
import { runClock } from '../../synth/run/clock.ts'
import { loadSystem } from '../../synth/run/load.ts'
import { writeFiles } from '../../synth/run/write-files.ts'
import { type SynthSettings, settingsFor } from '../../synth/settings.ts'
import { type Call, type Command, type ExitStatus, exitStatus } from '../command.ts'
import { openDatabase } from '../database.ts'
import { startProgress } from '../progress.ts'

/** `linchpin synth`: the synthetic integrated care system, into the database or into files. */
export const synth: Command = {
  name: 'synth',
  summary: 'Make a synthetic care system: organisations, people and their lives',
  parameters: '[SPEED]',
  atLeast: 0,
  options: {
    people: { type: 'string', help: `how many people; 1000 when not said, at most ${mostPeople}` },
    months: { type: 'string', help: 'how many months of events; 24 when not said' },
    seed: { type: 'string', help: 'another number makes other people; 1 when not said' },
    until: { type: 'string', help: 'first day that has not happened, YYYY-MM-DD; today when not said' },
    out: { type: 'string', help: 'write NDJSON files into this folder, one for each organisation, instead of loading' },
    gzip: { type: 'boolean', help: 'pack the files' },
    portrait: { type: 'string', help: 'write a portrait of it, synthetic-ics.md with charts, into this folder' },
    clock: { type: 'boolean', help: 'keep the loaded system living; SPEED minutes in a minute, 1 when not said' },
  },
  help: `Nobody in it exists; NHS numbers are of the test range 999, which carries ${mostPeople} people and their children. The
same numbers and day make the same bytes, with any number of workers. Without --out it is loaded into the database, beside
a running server if there is one; it can be run again after a kill.

With --clock it writes what happens next into the system that is loaded, write by write, until Ctrl+C, and goes on from there
the next time. At speed 1 it keeps up with the present; faster, it runs ahead of it.

  linchpin synth --people 5000 --months 24 --seed 7 --out ./made --gzip
  linchpin synth --clock 60`,
  async run(call) {
    const { out, clock, portrait } = call.options
    if (clock === true) return keepLiving(call)
    const settings = settingsOf(call)
    if (typeof portrait === 'string') return toPortrait(call, settings, portrait)
    return typeof out === 'string' ? toFiles(call, settings, out) : toDatabase(call, settings)
  },
}

function settingsOf({ options }: Call): SynthSettings {
  const whole = (name: string, standard: number, most: number): number => {
    const text = options[name]
    if (typeof text !== 'string') return standard
    if (!/^\d{1,9}$/.test(text) || Number(text) < 1 || Number(text) > most)
      throw problem('invalid', `--${name} must be a whole number from 1 to ${most}, not "${text}"`)
    return Number(text)
  }
  const today = dayOfDate(dateOf(options['until']))
  return settingsFor(whole('people', 1000, mostPeople), whole('months', 24, 120), whole('seed', 1, 2 ** 31 - 1), today)
}

function dateOf(text: string | boolean | undefined): Temporal.PlainDate {
  if (typeof text !== 'string') return systemClock.now().toZonedDateTimeISO(londonZone).toPlainDate()
  try {
    return Temporal.PlainDate.from(text)
  } catch (cause) {
    throw problem('invalid', `--until must be a day like 2026-11-25, not "${text}"`, { cause })
  }
}

async function toFiles(call: Call, settings: SynthSettings, folder: string): Promise<ExitStatus> {
  const progress = startProgress('Making', 'people')
  progress.report(0, settings.people)
  try {
    const options = { folder, gzip: call.options['gzip'] === true, workers: call.config.workers }
    const resources = await writeFiles(settings, { ...options, report: (people) => progress.report(people) })
    call.print(`Made ${settings.people} people with ${resources} resources in ${folder}`)
    return exitStatus.done
  } finally {
    progress.end()
  }
}

async function toDatabase({ config, log, print }: Call, settings: SynthSettings): Promise<ExitStatus> {
  const opened = await openDatabase(config, log)
  const database = new Database(opened.url, log)
  const progress = startProgress('Making and loading', 'people')
  progress.report(0, settings.people)
  try {
    await migrate(opened.url, log)
    const { url } = opened
    const options = { url, workers: config.workers, report: (people: number) => progress.report(people) }
    const account = await loadSystem(database, settings, options)
    for (const { kind, place, why } of account.exceptions) if (kind === 'refused') print(`refused: ${place}: ${why}`)
    print(`Made ${settings.people} people with ${account.found} resources:`)
    print(`  ${account.stored} stored, of which ${account.quarantined} quarantined and ${account.reviews} for review`)
    print(`  ${account.unchanged} unchanged\n  ${account.refused} refused`)
    return account.refused > 0 ? exitStatus.partly : exitStatus.done
  } finally {
    progress.end()
    await database.close()
    await opened.close()
  }
}

function toPortrait({ print }: Call, settings: SynthSettings, folder: string): ExitStatus {
  const progress = startProgress('Counting', 'people')
  writePortrait(
    tallyOf(settings, (people) => progress.report(people, settings.people)),
    folder,
  )
  progress.end()
  print(`Wrote the portrait of ${settings.people} people into ${folder}`)
  return exitStatus.done
}

/** Fastest clock: a month in an hour of real time is more than any page can follow. */
const mostSpeed = 10_000

async function keepLiving({ config, log, parameters, print }: Call): Promise<ExitStatus> {
  const [text = '1'] = parameters
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > mostSpeed)
    throw problem('invalid', `The speed must be a whole number from 1 to ${mostSpeed}, not "${text}"`)
  const opened = await openDatabase(config, log)
  const store = openStore(opened.url, log, systemClock, { relay: true, home: config.home })
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  const progress = startProgress('Living', 'events')
  try {
    await migrate(opened.url, log)
    await store.feed.start()
    let reached = ''
    const report = (moment: Moment, written: number): void => {
      reached = isoMoment(moment)
      progress.report(written)
    }
    const written = await runClock(store, { speed: Number(text), signal: stopping.signal, report })
    print(`Wrote ${written} events; the clock of the synthetic system stands at ${reached}`)
    return exitStatus.done
  } finally {
    progress.end()
    await store.close()
    await opened.close()
  }
}
