import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { parseJson } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import type { Context } from '../../kernel/access/context.ts'
import { migrate } from '../../kernel/store/migrate.ts'
import { openStore, type Store } from '../../kernel/store/store.ts'
import { compileView } from '../../kernel/views/compile-view.ts'
import { exportView, queryExports } from '../../kernel/views/export-view.ts'
import { type FoundView, liveViewNamed, referencedView } from '../../kernel/views/find-view.ts'
import { ViewKeeper } from '../../kernel/views/keeper.ts'
import { rowFormat } from '../../kernel/views/output.ts'
import { rebuildView } from '../../kernel/views/registry.ts'
import { runView } from '../../kernel/views/run-operation.ts'
import { buildFailure, liveViewStates } from '../../kernel/views/states.ts'
import { type Call, type Command, type ExitStatus, exitStatus } from '../command.ts'
import { openDatabase } from '../database.ts'
import { declaredViews } from '../server.ts'

/** `linchpin view`: SQL on FHIR views from the command line. */
export const view: Command = {
  name: 'view',
  summary: 'List, run, export and rebuild SQL on FHIR views',
  parameters: 'list | run VIEW | export VIEW… | rebuild VIEW | sql QUERY',
  atLeast: 1,
  options: {
    format: { type: 'string', help: 'of run: json, ndjson (standard), csv or parquet' },
    limit: { type: 'string', help: 'of run: at most so many rows' },
    out: { type: 'string', help: 'file of run; folder of export and sql (LINCHPIN_HOME/views)' },
  },
  help: `VIEW is the name, id or canonical URL of a view, or a file with a ViewDefinition. export writes Parquet in partitions, with
_lineage.json beside them; run again, it writes only the partitions in which something changed since. sql asks DuckDB, with each
exported view a table of its name:

  linchpin view sql "select gender, count(*) from patients group by 1"

rebuild makes a view's table anew while the one before is served. Every run and export is audited.`,
  async run(call) {
    const [action = ''] = call.parameters
    const work = actions[action]
    if (work === undefined) throw problem('invalid', `There is no "view ${action}": see linchpin view --help`)
    if (action === 'sql') return work(call, undefined)
    const opened = await openDatabase(call.config, call.log)
    await migrate(opened.url, call.log)
    const store = openStore(opened.url, call.log, systemClock, { relay: true, home: call.config.home })
    try {
      await store.feed.start()
      return await work(call, { store, url: opened.url })
    } finally {
      await store.close()
      await opened.close()
    }
  },
}

interface Opened {
  readonly store: Store
  readonly url: string
}

type Action = (call: Call, opened: Opened | undefined) => Promise<ExitStatus>

const actions: Readonly<Record<string, Action>> = { list, run, export: exportAll, rebuild, sql: query }

const mustBeOpen = (opened: Opened | undefined): Opened => {
  if (opened === undefined) throw problem('fault', 'No database is open')
  return opened
}

async function list({ print }: Call, opened: Opened | undefined): Promise<ExitStatus> {
  const rows = await liveViewStates(mustBeOpen(opened).store.database)
  for (const row of rows)
    print(
      [row['name'], row['resource'], row['state'], `${Number(row['rows'])} rows`, row['source'], row['note']]
        .filter(Boolean)
        .join('\t'),
    )
  return exitStatus.done
}

const contextOf = (call: Call, store: Store): Context => ({
  actor: { kind: 'system', id: 'view', name: 'Views from the command line' },
  purpose: 'HOPERAT',
  requestId: randomUUID(),
  store,
  clock: systemClock,
  log: call.log,
})

/** A file with a definition, or a view that is known. */
function findView(store: Store, name: string): Promise<FoundView> | FoundView {
  if (!existsSync(name)) return referencedView(store.database, name)
  const found = compileView(parseJson(readFileSync(name, 'utf8'), name))
  return { view: found }
}

async function run(call: Call, opened: Opened | undefined): Promise<ExitStatus> {
  const { store } = mustBeOpen(opened)
  const [, name = ''] = call.parameters
  const { format: asked = 'ndjson', limit, out } = call.options
  const format = rowFormat(String(asked), undefined)
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(String(limit)))
    throw problem('invalid', '--limit is a whole number')
  if (format === 'parquet' && out === undefined)
    throw problem('invalid', 'Parquet is written to a file: name it with --out')
  const found = await findView(store, name)
  for (const warning of found.view.warnings) call.log.warn({ place: warning.expression }, warning.message)
  const answer = await runView(contextOf(call, store), found, format, limit === undefined ? undefined : Number(limit))
  const chunks: Uint8Array[] = [Buffer.from(answer.body ?? '')]
  for await (const chunk of answer.bytes ?? []) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (typeof out === 'string') writeFileSync(out, bytes, { mode: 0o600 })
  else call.print(bytes.toString('utf8').replace(/\r?\n$/, ''))
  return exitStatus.done
}

const exportFolder = ({ config, options }: Call): string =>
  typeof options['out'] === 'string' ? resolve(options['out']) : join(config.home, 'views')

async function exportAll(call: Call, opened: Opened | undefined): Promise<ExitStatus> {
  const { store } = mustBeOpen(opened)
  const [, ...names] = call.parameters
  if (names.length === 0) throw problem('invalid', 'Name the views to export')
  for (const name of names) {
    const {
      view: of,
      files,
      position,
    } = await exportView(contextOf(call, store), await findView(store, name), exportFolder(call))
    const rows = files.reduce((sum, file) => sum + file.rows, 0)
    const written = files.filter((file) => file.position === position).length
    call.print(
      `${of}: ${rows} rows in ${files.length} partitions, of which ${written} written now, up to feed position ${position}`,
    )
  }
  return exitStatus.done
}

async function rebuild(call: Call, opened: Opened | undefined): Promise<ExitStatus> {
  const { store, url } = mustBeOpen(opened)
  const { database } = store
  const [, name = ''] = call.parameters
  const live = await liveViewNamed(database, name)
  if (live === undefined) throw problem('not-found', `No view ${name} is kept live`)
  await rebuildView(database, live)
  // A server that runs beside does the work; without one it is done here.
  const keeper = new ViewKeeper({ database, url, log: call.log, workers: call.config.workers }, declaredViews)
  keeper.start()
  try {
    for (;;) {
      const found = await liveViewNamed(database, name)
      if (found !== undefined && found.id > live.id) break
      const failure = await buildFailure(database, live)
      if (failure !== undefined) throw problem('rule', failure)
      await new Promise((done) => setTimeout(done, 250))
    }
  } finally {
    await keeper.stop()
  }
  call.print(`The table of view ${name} was made anew`)
  return exitStatus.done
}

async function query(call: Call): Promise<ExitStatus> {
  const [, statement = ''] = call.parameters
  for (const row of await queryExports(exportFolder(call), statement)) call.print(JSON.stringify(row))
  return exitStatus.done
}
