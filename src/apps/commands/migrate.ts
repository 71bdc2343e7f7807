import { migrate as runMigrations } from '../../kernel/store/migrate.ts'
import { type Command, exitStatus } from '../command.ts'
import { openDatabase } from '../database.ts'
import { startProgress } from '../progress.ts'

/** `linchpin migrate`: the schema made right without starting the server. */
export const migrate: Command = {
  name: 'migrate',
  summary: "Bring the database to this version's schema",
  parameters: '',
  atLeast: 0,
  options: {
    contract: { type: 'boolean', help: 'also remove what only older versions need; stop those servers first' },
  },
  help: `The server does this by itself when it starts. Do it beforehand to upgrade without a pause: run it while the
servers of the version before still work, replace them one by one, then run it with --contract. It can be interrupted
and run again. A database that a newer version made, or whose tables were altered by hand, is refused.`,
  async run({ config, log, options, print }) {
    const database = await openDatabase(config, log)
    const progress = startProgress('Migrating', 'statements')
    try {
      const { version, statements, waiting } = await runMigrations(database.url, log, undefined, {
        contract: options['contract'] === true,
        onStatement: (done, total) => progress.report(done, total),
      })
      const left = waiting === 0 ? '' : `; ${waiting} wait for --contract`
      print(`The schema is at version ${version}: ${statements} statements run${left}`)
      return exitStatus.done
    } finally {
      progress.end()
      await database.close()
    }
  },
}
