import { randomUUID } from 'node:crypto'
import { type Ingested, ingest } from '../../kernel/ingest/ingest.ts'
import { Database } from '../../kernel/store/database.ts'
import { migrate } from '../../kernel/store/migrate.ts'
import { type Command, exitStatus } from '../command.ts'
import { openDatabase } from '../database.ts'
import { startProgress } from '../progress.ts'

const mostMissing = 20

/** `linchpin import PATH…`: records of other systems, from files. */
export const importCommand: Command = {
  name: 'import',
  summary: 'Take in records from files',
  parameters: 'PATH…',
  atLeast: 1,
  options: {
    organisation: {
      type: 'string',
      help: 'ODS code of the organisation whose records these are, where they do not say',
    },
  },
  help: `Takes FHIR R4 Bundles, NDJSON and single resources, each also as .gz, and folders of them. Resources keep their ids, so the
import can be run twice: what is stored already and equal is left alone. After a kill, run it again. A broken line or
resource is reported with its place and stops nothing else. Works beside a running server. Ends with an account of
every resource: stored, unchanged, quarantined, for review, refused. Exit status 1 when any was refused.`,
  async run({ config, log, parameters, options, print }) {
    const opened = await openDatabase(config, log)
    const database = new Database(opened.url, log)
    const progress = startProgress('Importing', 'resources')
    try {
      await migrate(opened.url, log)
      const organisation = typeof options['organisation'] === 'string' ? options['organisation'] : ''
      const actor = {
        actorKind: 'system',
        actor: 'import',
        actorName: 'Import from files',
        role: 'system',
        purpose: 'HOPERAT',
      }
      const ingested = await ingest(database, {
        url: opened.url,
        paths: parameters,
        submission: { ...actor, requestId: randomUUID(), organisation, source: organisation, author: '' },
        workers: config.workers,
        report: (done, total) => progress.report(done, total),
      })
      progress.report(ingested.account.found, ingested.account.found)
      progress.end()
      printAccount(ingested, print)
      return ingested.account.refused > 0 ? exitStatus.partly : exitStatus.done
    } catch (error) {
      progress.end()
      throw error
    } finally {
      await database.close()
      await opened.close()
    }
  },
}

/** Everything that was found, in one of five places. */
function printAccount({ account, missing }: Ingested, print: (line: string) => void): void {
  for (const { kind, file, place, why } of account.exceptions) print(`${kind}: ${file}, ${place}: ${why}`)
  if (missing.length > 0) {
    print(`Kept, though not stored (yet), are ${missing.length} resources that others refer to:`)
    for (const name of missing.slice(0, mostMissing)) print(`  ${name}`)
    if (missing.length > mostMissing) print(`  and ${missing.length - mostMissing} more`)
  }
  print(`Found ${account.found} resources:`)
  print(
    `  ${account.stored} stored, of which ${account.quarantined} quarantined, ${account.reviews} for review, ${account.waiting} waiting for their person`,
  )
  print(`  ${account.unchanged} unchanged`)
  print(`  ${account.refused} refused`)
}
