import { existsSync } from 'node:fs'
import { systemClock } from '../../base/clock.ts'
import { problem } from '../../base/problem.ts'
import { Database } from '../../kernel/store/database.ts'
import { migrate } from '../../kernel/store/migrate.ts'
import { releaseKinds } from '../../kernel/terminology/load/kinds.ts'
import { loadRelease } from '../../kernel/terminology/load/load.ts'
import { type Command, exitStatus } from '../command.ts'
import { openDatabase } from '../database.ts'
import { startProgress } from '../progress.ts'

const kinds = Object.keys(releaseKinds).join(', ')

/** `linchpin terminology load KIND PATH`: a release of a code system, from its files. */
export const terminologyCommand: Command = {
  name: 'terminology',
  summary: 'Load a code system from its release files',
  parameters: 'load KIND PATH',
  atLeast: 3,
  options: {
    version: { type: 'string', help: 'which release it is, where the names of the files do not say' },
  },
  help: `KIND is one of ${kinds}. PATH is the unpacked folder of the release: SNOMED CT RF2 snapshot, dm+d XML,
LOINC; for ods a file, XML or CSV. Run it again after a kill and it goes on where it stopped; run again when it is done,
it does nothing. Servers keep the release before until the new one is whole. Works beside a running server.
Example: linchpin terminology load snomed ./SnomedCT_UKEditionRF2_PRODUCTION_20240410`,
  async run({ config, log, parameters, options, print }) {
    const [action, kind = '', path = ''] = parameters
    const planOf = Object.hasOwn(releaseKinds, kind) ? releaseKinds[kind] : undefined
    if (action !== 'load' || planOf === undefined || parameters.length > 3) {
      print(`linchpin terminology load KIND PATH, where KIND is one of ${kinds}`)
      return exitStatus.usage
    }
    if (!existsSync(path)) throw problem('invalid', `There is no ${path}`)
    const plan = await planOf(path, typeof options['version'] === 'string' ? options['version'] : undefined)
    const opened = await openDatabase(config, log)
    const database = new Database(opened.url, log)
    const progress = startProgress(`Loading ${plan.name}`, 'rows')
    try {
      await migrate(opened.url, log)
      const loaded = await loadRelease(database, plan, { clock: systemClock, report: (rows) => progress.report(rows) })
      const done = loaded.outcome === 'loaded' ? 'Loaded' : 'Loaded before, and unchanged:'
      print(`${done} ${plan.name}, ${loaded.version}: ${loaded.concepts} concepts`)
      return exitStatus.done
    } finally {
      progress.end()
      await database.close()
      await opened.close()
    }
  },
}
