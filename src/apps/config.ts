import { availableParallelism } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { problem } from '../base/problem.ts'
import type { ReferencePolicy } from '../kernel/store/integrity.ts'
import { mostPeople } from '../synth/people/most-people.ts'

/** Everything that can be set from outside, read and checked once. Nothing else reads the environment. */
export interface Config {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Connection string of your own PostgreSQL; absent for the embedded one. */
  readonly databaseUrl?: string
  /** Absolute path of the folder for all that Linchpin keeps. */
  readonly home: string
  /** Demo personas, their sign-in and the demo client. Never with real people's data. */
  readonly demo: boolean
  /** How many made-up people an empty database is filled with in demo mode. */
  readonly seedPeople: number
  /** Absolute paths of folders with FHIR packages. */
  readonly packages: readonly string[]
  /** Processes that answer requests; worker threads of an import. */
  readonly workers: number
  /** How long the results and files of finished jobs are kept. */
  readonly jobHours: number
  /** What the API does about references to nothing, and about deleting what is referred to. */
  readonly references: ReferencePolicy
  /** How others reach this server, for links in what it sends by itself; the address it listens on unless given. */
  readonly url?: string
  /** Hosts that may be asked or told although they are private or unencrypted: `host`, `host:port`, `.suffix`, `*`. */
  readonly outbound: readonly string[]
  /** How long an endpoint that does not take its notifications is tried. */
  readonly notifyHours: number
  /** For how long the change feed is kept; 0 keeps all of it. */
  readonly feedDays: number
  /** For how long events of subscriptions can be asked for again, and dead letters wait. */
  readonly eventDays: number
}

export type Environment = Readonly<Record<string, string | undefined>>

/** One setting as people are told of it: in the README, and in `linchpin --help`. */
export interface Setting {
  readonly name: string
  readonly standard: string
  readonly meaning: string
}

/** Every setting there is. */
export const settings: readonly Setting[] = [
  { name: 'HOST', standard: '127.0.0.1', meaning: 'address to listen on' },
  { name: 'PORT', standard: '8080', meaning: 'port to listen on; 0 takes any free one' },
  { name: 'DATABASE_URL', standard: 'embedded', meaning: 'your own PostgreSQL 15 or later, or a Citus coordinator' },
  { name: 'LINCHPIN_HOME', standard: './.linchpin', meaning: 'folder for the embedded database and all else kept' },
  { name: 'LINCHPIN_DEMO', standard: 'on if embedded', meaning: 'demo people, sign-in and client: on or off' },
  { name: 'LINCHPIN_SEED_PEOPLE', standard: '1000', meaning: 'made-up people in an empty demo database; 0 for none' },
  { name: 'LINCHPIN_PACKAGES', standard: 'none', meaning: `folders of FHIR packages, with ${delimiter} between them` },
  { name: 'LINCHPIN_JOB_HOURS', standard: '24', meaning: 'hours for which results and files of jobs are kept' },
  {
    name: 'LINCHPIN_MISSING_REFERENCES',
    standard: 'refuse',
    meaning: 'API writes that refer to what is not stored: refuse or keep',
  },
  {
    name: 'LINCHPIN_REFERENCED_DELETES',
    standard: 'refuse',
    meaning: 'deleting what something stored refers to: refuse or allow',
  },
  { name: 'LINCHPIN_URL', standard: 'where it listens', meaning: 'how others reach this server: https://example.org' },
  {
    name: 'LINCHPIN_OUTBOUND',
    standard: 'none',
    meaning: 'hosts it may send to although they are private: host, host:port, .suffix, with commas',
  },
  { name: 'LINCHPIN_NOTIFY_HOURS', standard: '72', meaning: 'hours for which a notification is tried again' },
  { name: 'LINCHPIN_FEED_DAYS', standard: '0', meaning: 'days for which the change feed is kept; 0 keeps all of it' },
  { name: 'LINCHPIN_EVENT_DAYS', standard: '30', meaning: 'days for which taken and dead notifications are kept' },
  { name: 'LINCHPIN_WORKERS', standard: 'one a core', meaning: 'processes that serve; threads of an import' },
]

/** The environment this process was started in. */
export const processEnvironment: Environment = process.env

/** Reads the settings; every one that cannot be used is named in the problem, not only the first. */
export function readConfig(environment: Environment = processEnvironment): Config {
  const faults: string[] = []
  const given = (name: string): string | undefined => environment[name]?.trim() || undefined
  const whole = (name: string, standard: number, least: number, most: number): number => {
    const text = given(name)
    if (text === undefined) return standard
    if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
    faults.push(`${name} must be a whole number from ${least} to ${most}, not "${text}"`)
    return standard
  }
  const databaseUrl = given('DATABASE_URL')
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    // Not repeated: it may hold a password.
    faults.push('DATABASE_URL must begin with postgresql://')
  }
  const config: Config = {
    host: given('HOST') ?? '127.0.0.1',
    port: whole('PORT', 8080, 0, 65_535),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    home: resolve(given('LINCHPIN_HOME') ?? '.linchpin'),
    demo: onOrOff('LINCHPIN_DEMO', given('LINCHPIN_DEMO'), databaseUrl === undefined, faults),
    seedPeople: whole('LINCHPIN_SEED_PEOPLE', 1000, 0, mostPeople),
    packages: (given('LINCHPIN_PACKAGES') ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((path) => resolve(path)),
    ...(given('LINCHPIN_URL') === undefined ? {} : { url: (given('LINCHPIN_URL') ?? '').replace(/\/$/, '') }),
    outbound: (given('LINCHPIN_OUTBOUND') ?? '')
      .split(',')
      .map((each) => each.trim().toLowerCase())
      .filter(Boolean),
    notifyHours: whole('LINCHPIN_NOTIFY_HOURS', 72, 1, 8760),
    feedDays: whole('LINCHPIN_FEED_DAYS', 0, 0, 36_500),
    eventDays: whole('LINCHPIN_EVENT_DAYS', 30, 1, 36_500),
    jobHours: whole('LINCHPIN_JOB_HOURS', 24, 1, 8760),
    references: {
      missing: oneOf('LINCHPIN_MISSING_REFERENCES', given('LINCHPIN_MISSING_REFERENCES'), ['refuse', 'keep'], faults),
      deleting: oneOf('LINCHPIN_REFERENCED_DELETES', given('LINCHPIN_REFERENCED_DELETES'), ['refuse', 'allow'], faults),
    },
    workers: whole('LINCHPIN_WORKERS', availableParallelism(), 1, 1024),
  }
  if (faults.length > 0) throw problem('invalid', faults.join('. '))
  return config
}

/** One of the words a setting may have; the first is the usual one. */
function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  words: readonly [T, ...T[]],
  faults: string[],
): T {
  const found = words.find((word) => word === text)
  if (text !== undefined && found === undefined) faults.push(`${name} must be ${words.join(' or ')}, not "${text}"`)
  return found ?? words[0]
}

function onOrOff(name: string, text: string | undefined, standard: boolean, faults: string[]): boolean {
  if (text === undefined) return standard
  if (text === 'on' || text === 'off') return text === 'on'
  faults.push(`${name} must be on or off, not "${text}"`)
  return standard
}
