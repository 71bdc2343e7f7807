import { Client } from 'pg'
import { systemClock } from '../../src/base/clock.ts'
import { makeLog } from '../../src/base/log.ts'
import { sql } from '../../src/base/sql.ts'
import { commit } from '../../src/kernel/store/commit.ts'
import { Database } from '../../src/kernel/store/database.ts'
import { draftOf } from '../../src/kernel/store/draft.ts'
import { migrate } from '../../src/kernel/store/migrate.ts'
import type { Operation } from '../../src/kernel/store/operation.ts'
import { buildView } from '../../src/kernel/views/build.ts'
import { bringUp } from '../../src/kernel/views/keeper.ts'
import { readLiveViews } from '../../src/kernel/views/live-views.ts'
import { type DeclaredView, rebuildView } from '../../src/kernel/views/registry.ts'
import { cpuMs } from './cpu.ts'
import type { Row } from './table.ts'

/** Views as pages and figures ask for them: one resource type each, some columns, most of them of some resources only. */
const thirty: readonly (readonly [resource: string, where: string, ...paths: string[]])[] = [
  ['Patient', '', 'gender', 'birthDate', 'address.postalCode.first()'],
  ['Patient', 'deceased.exists()', 'deceased.ofType(dateTime)'],
  ['Patient', 'communication.exists(preferred = true)', 'communication.language.coding.code.first()'],
  ['Encounter', "status = 'in-progress'", 'subject.getReferenceKey()', 'period.start', 'class.code'],
  ['Encounter', "class.code = 'EMER'", 'subject.getReferenceKey()', 'period.start', 'period.end'],
  [
    'Encounter',
    "class.code = 'IMP'",
    'subject.getReferenceKey()',
    'period.start',
    'period.end',
    'serviceProvider.getReferenceKey()',
  ],
  [
    'Condition',
    "clinicalStatus.coding.exists(code = 'active')",
    'subject.getReferenceKey()',
    'code.coding.code.first()',
    'onset.ofType(dateTime)',
  ],
  ['Condition', "code.coding.exists(code = '44054006')", 'subject.getReferenceKey()', 'onset.ofType(dateTime)'],
  ['Condition', "code.coding.exists(code = '59621000')", 'subject.getReferenceKey()', 'onset.ofType(dateTime)'],
  [
    'Observation',
    "code.coding.exists(code = '4548-4')",
    'subject.getReferenceKey()',
    'effective.ofType(dateTime)',
    'value.ofType(Quantity).value',
  ],
  [
    'Observation',
    "code.coding.exists(code = '85354-9')",
    'subject.getReferenceKey()',
    'effective.ofType(dateTime)',
    "component.where(code.coding.exists(code = '8480-6')).value.ofType(Quantity).value.first()",
  ],
  ['Observation', "code.coding.exists(code = '39156-5')", 'subject.getReferenceKey()', 'value.ofType(Quantity).value'],
  [
    'Observation',
    "code.coding.exists(code = '72166-2')",
    'subject.getReferenceKey()',
    'value.ofType(CodeableConcept).coding.code.first()',
  ],
  ['Observation', "status = 'preliminary'", 'subject.getReferenceKey()', 'code.text'],
  [
    'MedicationRequest',
    "status = 'active'",
    'subject.getReferenceKey()',
    'authoredOn',
    'medication.ofType(CodeableConcept).coding.code.first()',
  ],
  ['MedicationRequest', "status = 'stopped'", 'subject.getReferenceKey()', 'authoredOn'],
  ['Procedure', "status = 'in-progress'", 'subject.getReferenceKey()', 'code.text'],
  ['Procedure', "code.coding.exists(code = '73761001')", 'subject.getReferenceKey()', 'performed.ofType(Period).start'],
  ['Immunization', '', 'patient.getReferenceKey()', 'occurrence.ofType(dateTime)', 'vaccineCode.coding.code.first()'],
  ['CarePlan', "status = 'active'", 'subject.getReferenceKey()', 'period.start'],
  ['DiagnosticReport', "status = 'registered'", 'subject.getReferenceKey()', 'issued'],
  ['AllergyIntolerance', '', 'patient.getReferenceKey()', 'code.coding.code.first()', 'criticality'],
  ['ServiceRequest', "status = 'active'", 'subject.getReferenceKey()', 'authoredOn', 'priority'],
  ['ServiceRequest', "priority = 'urgent'", 'subject.getReferenceKey()', 'authoredOn'],
  ['Appointment', "status = 'booked'", 'start', 'end'],
  ['Appointment', "status = 'noshow'", 'start'],
  ['Task', "status = 'requested'", 'for.getReferenceKey()', 'authoredOn'],
  ['Device', '', 'patient.getReferenceKey()', 'type.text'],
  ['DocumentReference', '', 'subject.getReferenceKey()', 'date', 'type.coding.code.first()'],
  ['Organization', '', 'name', 'address.postalCode.first()'],
]

const declared: readonly DeclaredView[] = thirty.map(([resource, where, ...paths], index) => ({
  definition: {
    name: `view${index}`,
    resource,
    select: [{ column: [{ name: 'id', path: 'id' }, ...paths.map((path, column) => ({ name: `c${column}`, path }))] }],
    where: where === '' ? [] : [{ path: where }],
  },
}))

const submission = {
  requestId: 'bench',
  actorKind: 'system',
  actor: 'bench',
  actorName: 'Bench',
  role: 'system',
  organisation: '',
  purpose: 'HOPERAT',
  source: '',
  author: '',
}

function operationOf(text: string): Operation {
  const draft = draftOf(text)
  return { action: 'update', type: draft.type, rtype: draft.rtype, id: draft.id ?? '', draft, newId: false, submission }
}

const nameIn = (body: string): string =>
  `${/"resourceType":"(\w+)"/.exec(body)?.[1]} ${/"id":"([^"]+)"/.exec(body)?.[1] ?? body}`

interface Side {
  readonly url: string
  readonly database: Database
  cpuMs: number
}

/** What thirty views cost those who write, and how fast a table is made anew. */
export async function measureViews(administrator: string, postgresPid: number, all: readonly string[]): Promise<Row[]> {
  // Organisations and the like come with every bundle.
  const bodies = [...new Map(all.map((body) => [nameIn(body), body])).values()]
  const log = makeLog('warn')
  const sides = await Promise.all(['without', 'with'].map((name) => side(administrator, `views_${name}`)))
  const [without, having] = sides
  if (without === undefined || having === undefined) return []
  const builder = { database: having.database, url: having.url, log, workers: 2 }
  await bringUp(builder, declared)
  const rows = [
    await writeCost('import (COPY, 1,000 a commit)', sides, bodies.slice(0, bodies.length * 0.7), 1000, postgresPid),
    await writeCost('commits of 100', sides, bodies.slice(bodies.length * 0.7), 100, postgresPid),
    await measureRebuild(builder, postgresPid),
  ]
  for (const each of sides) await each.database.close()
  return rows
}

async function side(administrator: string, name: string): Promise<Side> {
  const client = new Client({ connectionString: administrator })
  await client.connect()
  await client.query(`drop database if exists ${name} with (force)`)
  await client.query(`create database ${name}`)
  await client.end()
  const url = administrator.replace(/^(\w+:\/\/[^/]*\/)[^?]*/, (_, server: string) => `${server}${name}`)
  const log = makeLog('warn')
  await migrate(url, log)
  return { url, database: new Database(url, log), cpuMs: 0 }
}

/** The same writes to both, taking turns: whatever else the machine does falls on both alike. */
async function writeCost(
  what: string,
  sides: readonly Side[],
  bodies: readonly string[],
  batch: number,
  postgresPid: number,
): Promise<Row> {
  for (const each of sides) each.cpuMs = 0
  for (let from = 0; from < bodies.length; from += batch) {
    const operations = bodies.slice(from, from + batch)
    for (const each of from % (2 * batch) === 0 ? sides : sides.toReversed()) {
      const before = cpuMs(postgresPid)
      const own = process.cpuUsage()
      await write(each, operations, batch >= 1000)
      const used = process.cpuUsage(own)
      each.cpuMs += cpuMs(postgresPid) - before + (used.user + used.system) / 1000
    }
  }
  const [without = 1, having = 1] = sides.map((each) => each.cpuMs)
  const ratio = having / without - 1
  const figure = `+${(ratio * 100).toFixed(1)} % CPU (${(without / bodies.length).toFixed(3)} → ${(having / bodies.length).toFixed(3)} ms a resource)`
  return [`Thirty live views, ${what}`, figure, '', '≤ 15 %', ratio <= 0.15]
}

async function write({ database }: Side, bodies: readonly string[], copy: boolean): Promise<void> {
  const operations = bodies.map(operationOf)
  const options = { atomic: false, copy, nowMs: systemClock.now().epochMilliseconds }
  const run = copy ? database.copyTransaction.bind(database) : database.transaction.bind(database)
  await run((connection) => commit(connection, operations, options))
}

/** Enough of one type for a rate: the same resources under more ids. */
async function multiply(url: string, rtype: number): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(
    `insert into res select person, rtype, id || '-' || n, ver, updated, code, date, '{}', source, author, body
     from res, generate_series(1, 19) n where rtype = $1`,
    [rtype],
  )
  await client.query('vacuum analyze res')
  await client.end()
}

async function measureRebuild(builder: Parameters<typeof buildView>[0], postgresPid: number): Promise<Row> {
  const { database } = builder
  const all = await readLiveViews(database.reading)
  const view = all.find(({ view: each }) => each.definition.resource === 'Observation')
  if (view === undefined) return ['Rebuild', 'no view', '', '', false]
  await multiply(builder.url, view.rtype)
  const [count] = await database.read(sql`select count(*)::int4 as n from res where rtype = ${view.rtype}::int2`)
  const n = Number(count?.['n'])
  await rebuildView(database, view)
  const building = (await readLiveViews(database.reading)).find(({ state }) => state === 'building')
  if (building === undefined) return ['Rebuild', 'not begun', '', '', false]
  const cpu = cpuMs(postgresPid) + cpuMs(process.pid)
  const start = performance.now()
  await buildView(builder, building)
  const ms = performance.now() - start
  const used = cpuMs(postgresPid) + cpuMs(process.pid) - cpu
  const perSecond = Math.round((n / ms) * 1000)
  const figure = `${perSecond} resources/s built and proven (${n} in ${Math.round(ms)} ms), ${(used / n).toFixed(3)} ms CPU each`
  return ['A view built anew, two workers', figure, '', '≥ 30,000 /s', perSecond >= 30_000]
}
