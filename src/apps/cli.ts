import { parseArgs } from 'node:util'
import { makeLog } from '../base/log.ts'
import { Problem } from '../base/problem.ts'
import { type Command, type ExitStatus, exitStatus } from './command.ts'
import { importCommand } from './commands/import.ts'
import { migrate } from './commands/migrate.ts'
import { packageCommand } from './commands/package.ts'
import { serve } from './commands/serve.ts'
import { synth } from './commands/synth.ts'
import { terminologyCommand } from './commands/terminology.ts'
import { validateCommand } from './commands/validate.ts'
import { view } from './commands/view.ts'
import { type Environment, processEnvironment, readConfig, settings } from './config.ts'

/** Where the command line writes: results to `out`, everything else to `err`. */
export interface Streams {
  readonly out: { write(text: string): unknown }
  readonly err: { write(text: string): unknown }
}

const commands: readonly Command[] = [
  serve,
  importCommand,
  validateCommand,
  packageCommand,
  terminologyCommand,
  synth,
  view,
  migrate,
]

/** Runs `linchpin` with its arguments and answers the exit status. */
export async function main(
  words: readonly string[],
  environment: Environment = processEnvironment,
  streams: Streams = { out: process.stdout, err: process.stderr },
  known: readonly Command[] = commands,
): Promise<ExitStatus> {
  const [name, ...rest] = words
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const asked = known.find((command) => command.name === rest[0])
    ;(name === undefined ? streams.err : streams.out).write(asked === undefined ? overview(known) : helpOn(asked))
    return name === undefined ? exitStatus.usage : exitStatus.done
  }
  const command = known.find((candidate) => candidate.name === name)
  if (command === undefined) {
    streams.err.write(`linchpin: there is no command "${name}"\n\n${overview(known)}`)
    return exitStatus.usage
  }
  return runCommand(command, rest, environment, streams)
}

async function runCommand(
  command: Command,
  words: readonly string[],
  environment: Environment,
  streams: Streams,
): Promise<ExitStatus> {
  const decoded = decode(command, words)
  if (typeof decoded === 'string') {
    streams.err.write(`linchpin ${command.name}: ${decoded}\n\n${helpOn(command)}`)
    return exitStatus.usage
  }
  if (decoded.options['help'] === true) {
    streams.out.write(helpOn(command))
    return exitStatus.done
  }
  try {
    const print = (line: string): void => void streams.out.write(`${line}\n`)
    return await command.run({ ...decoded, config: readConfig(environment), log: makeLog('info'), print })
  } catch (cause) {
    // A problem says all there is to say; anything else is a fault of ours, and its trace helps to mend it.
    const reason = cause instanceof Problem && cause.kind !== 'fault' ? cause.message : traceOf(cause)
    streams.err.write(`linchpin ${command.name}: ${reason}\n`)
    return exitStatus.unable
  }
}

interface Decoded {
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly parameters: readonly string[]
}

/** The arguments decoded, or what is wrong with them. */
function decode(command: Command, words: readonly string[]): Decoded | string {
  const options = Object.fromEntries(Object.entries(command.options).map(([name, { type }]) => [name, { type }]))
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    const missing = values['help'] !== true && positionals.length < command.atLeast
    if (missing) return `${command.parameters} is missing`
    if (command.parameters === '' && positionals.length > 0) return `"${positionals[0]}" was not expected`
    return { options: values, parameters: positionals }
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

const traceOf = (cause: unknown): string => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}\n`).join('')
}

const overview = (known: readonly Command[]): string =>
  `Usage: linchpin COMMAND [OPTIONS]

Commands:
${columns(known.map(({ name, summary }) => [name, summary]))}
"linchpin COMMAND --help" tells more about one.

Settings, from the environment:
${columns(settings.map(({ name, standard, meaning }) => [name, `${meaning} (${standard})`]))}
Exit status: 0 all was done; 1 some of it was refused or failed; 2 wrong usage; 3 it could not run.
`

function helpOn({ name, parameters, summary, options, help }: Command): string {
  const rows = Object.entries(options).map(([option, { type, help: meaning }]): readonly [string, string] => [
    type === 'string' ? `--${option} VALUE` : `--${option}`,
    meaning,
  ])
  const usage = ['linchpin', name, rows.length > 0 ? '[OPTIONS]' : '', parameters].filter(Boolean).join(' ')
  const listed = rows.length > 0 ? `\nOptions:\n${columns(rows)}` : ''
  return `Usage: ${usage}\n\n${summary}.\n\n${help}\n${listed}`
}
