import type { Log } from '../base/log.ts'
import type { Config } from './config.ts'

/** What the exit status of every command means. */
export const exitStatus = {
  /** All was done. */
  done: 0,
  /** The command ran to its end, and some of what it was given was refused or failed; it has said what. */
  partly: 1,
  /** It was called in a way it does not know. */
  usage: 2,
  /** It could not run: no database, no disk, a server already running. */
  unable: 3,
} as const
export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus]

export interface Option {
  readonly type: 'boolean' | 'string'
  readonly help: string
}

/** A command of `linchpin`. One file each in `commands/`, listed in `cli.ts`. */
export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What follows the name: `PATH…`. Empty when nothing does. */
  readonly parameters: string
  /** How many paths or names must follow. */
  readonly atLeast: number
  readonly options: Readonly<Record<string, Option>>
  /** Further help: a few lines in plain words, with an example. */
  readonly help: string
  run(call: Call): Promise<ExitStatus>
}

/** What a command is given: its arguments, decoded, and the means to work. */
export interface Call {
  readonly config: Config
  readonly log: Log
  /** Arguments that are not options. */
  readonly parameters: readonly string[]
  /** Options that were given: true, or their text. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  /** Writes a line of the result to standard output. */
  readonly print: (line: string) => void
}
