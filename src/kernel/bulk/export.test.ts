import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { makeLog } from '../../base/log.ts'
import { sql } from '../../base/sql.ts'
import { type JobHandler, JobRunner } from '../jobs/runner.ts'
import { respond } from '../rest/respond.ts'
import { runExport } from './export-job.ts'

const home = mkdtempSync(join(tmpdir(), 'linchpin-export-'))
let held: TestStore | undefined
const at = (): TestStore => held ?? assert.fail('the store is open')

before(async () => {
  held = await testStore(home)
})
after(async () => {
  await held?.close()
  rmSync(home, { recursive: true, force: true })
})

const async = { prefer: 'respond-async' }

async function send(method: string, path: string, body = '', more: object = {}) {
  const [where = '', query = ''] = path.split('?')
  const ctx = at().contextOf({ kind: 'system', id: 'test', name: 'Test system' })
  const answer = await respond(ctx, method, where, { base: 'http://localhost/fhir/R4', query, body, ...more })
  let text = answer.body ?? ''
  for await (const block of answer.bytes ?? []) text += Buffer.from(block).toString('utf8')
  return { status: answer.status, headers: answer.headers, text }
}

/** Does all jobs that wait, and ends. */
async function work(handler: JobHandler = runExport): Promise<void> {
  const handlers = { export: handler, import: handler, request: handler }
  const runner = new JobRunner(at().store, makeLog('fatal'), handlers, { atOnce: 1, keepMs: 60_000 })
  runner.start()
  for (;;) {
    const [row] = await at().store.database.read(
      sql`select count(*)::int4 as n from job where state in ('queued', 'running')`,
    )
    if (row?.['n'] === 0) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await runner.stop()
}

async function kickOff(path: string, body?: string): Promise<string> {
  const kicked = await send(body === undefined ? 'GET' : 'POST', path, body, async)
  assert.equal(kicked.status, 202, kicked.text)
  return (kicked.headers['content-location'] ?? '').replace('http://localhost/fhir/R4/', '')
}

interface Manifest {
  readonly transactionTime: string
  readonly request: string
  readonly requiresAccessToken: boolean
  readonly output: readonly { type: string; url: string; count: number }[]
  readonly deleted?: readonly { type: string; url: string; count: number }[]
  readonly error: readonly { type: string; url: string; count: number }[]
}

async function exported(path: string, body?: string): Promise<Manifest> {
  const job = await kickOff(path, body)
  await work()
  const done = await send('GET', job)
  assert.equal(done.status, 200, done.text)
  return JSON.parse(done.text) as Manifest
}

async function lines(url: string): Promise<string[]> {
  const file = await send('GET', url.replace('http://localhost/fhir/R4/', ''))
  assert.equal(file.headers['content-type'], 'application/fhir+ndjson')
  return file.text.trimEnd().split('\n')
}

async function names(files: Manifest['output'] | undefined): Promise<string[]> {
  const all: string[] = []
  for (const { url, count, type } of files ?? []) {
    const found = await lines(url)
    assert.equal(found.length, count)
    for (const line of found) {
      const { resourceType, id } = JSON.parse(line) as { resourceType: string; id: string }
      assert.equal(resourceType, type)
      all.push(`${resourceType}/${id}`)
    }
  }
  return all.sort()
}

async function put(name: string, more: object): Promise<void> {
  const [resourceType, id] = name.split('/')
  const { status, text } = await at().fhir('PUT', name, JSON.stringify({ resourceType, id, ...more }))
  assert.ok(status < 300, text)
}

const observation = (subject: string, value: number) => ({
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  subject: { reference: subject },
  valueQuantity: { value, unit: 'kg' },
})

test('an export of people holds every current resource of theirs once, audited for each person', async () => {
  await put('Patient/e1', { birthDate: '1950-01-01' })
  await put('Patient/e2', { birthDate: '1960-01-01' })
  await put('Organization/o1', { name: 'A practice' })
  for (const [n, patient] of ['e1', 'e1', 'e2'].entries())
    await put(`Observation/eo${n}`, observation(`Patient/${patient}`, n))
  await put('Observation/eo0', observation('Patient/e1', 77))
  const manifest = await exported('Patient/$export')
  assert.equal(manifest.requiresAccessToken, true)
  assert.equal(manifest.request, 'http://localhost/fhir/R4/Patient/$export')
  const all = await names(manifest.output.filter(({ type }) => type !== 'Person'))
  assert.deepEqual(all, ['Observation/eo0', 'Observation/eo1', 'Observation/eo2', 'Patient/e1', 'Patient/e2'])
  assert.ok(!manifest.output.some(({ type }) => type === 'Organization'))
  const audits = await at().audit('Observation/eo1')
  assert.equal(audits.filter(({ action }) => action === 'export').length, 1)
})

test('what is written is what is served, byte for byte', async () => {
  const { output } = await exported('$export?_type=Observation,Organization&_outputFormat=application/fhir%2Bndjson')
  assert.deepEqual(output.map(({ type }) => type).sort(), ['Observation', 'Organization'])
  for (const { url } of output)
    for (const line of await lines(url)) {
      const { resourceType, id } = JSON.parse(line) as { resourceType: string; id: string }
      assert.equal(line, (await at().fhir('GET', `${resourceType}/${id}`)).text)
    }
})

test('type filters and elements narrow what is exported', async () => {
  const { output } = await exported(
    `$export?_type=Observation,Patient&_typeFilter=${encodeURIComponent('Observation?patient=Patient/e2,Observation?_id=eo0')}&_elements=Patient.birthDate,Observation.subject`,
  )
  assert.deepEqual(await names(output), ['Observation/eo0', 'Observation/eo2', 'Patient/e1', 'Patient/e2'])
  const [line = ''] = await lines(output.find(({ type }) => type === 'Observation')?.url ?? '')
  assert.doesNotMatch(line, /valueQuantity/)
  assert.match(line, /SUBSETTED/)
})

test('a group is exported with its members, and says whom it does not know', async () => {
  const member = ['e2', 'nobody'].map((id) => ({ entity: { reference: `Patient/${id}` } }))
  await put('Group/g1', { type: 'person', actual: true, member })
  const manifest = await exported('Group/g1/$export')
  assert.deepEqual(
    (await names(manifest.output)).filter((name) => !name.startsWith('Person/')),
    ['Observation/eo2', 'Patient/e2'],
  )
  const [remark = ''] = await lines(manifest.error[0]?.url ?? '')
  assert.match(remark, /Patient\/nobody is not known/)
  const some = await exported(
    'Group/g1/$export',
    JSON.stringify({
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueReference: { reference: 'Patient/e2' } },
        { name: '_type', valueString: 'Patient' },
      ],
    }),
  )
  assert.deepEqual(await names(some.output), ['Patient/e2'])
})

test('an export since another one holds what changed and what went in between, and no more', async () => {
  const first = await exported('$export')
  await put('Observation/eo1', observation('Patient/e1', 5))
  await put('Observation/gone', observation('Patient/e1', 5))
  await at().fhir('DELETE', 'Observation/eo2')
  await at().fhir('DELETE', 'Observation/gone')
  const second = await exported(`$export?_since=${encodeURIComponent(first.transactionTime)}`)
  assert.deepEqual(
    (await names(second.output)).filter((name) => name.startsWith('Observation')),
    ['Observation/eo1'],
  )
  const [bundle = ''] = await lines(second.deleted?.[0]?.url ?? '')
  assert.match(bundle, /"url":"Observation\/eo2"/)
  assert.match(bundle, /"url":"Observation\/gone"/)
  const third = await exported(`$export?_since=${encodeURIComponent(second.transactionTime)}`)
  assert.deepEqual(third.output, [])
})

test('an export that is cut off goes on where it was, holds the state of its beginning, and repeats no line', async () => {
  await put('Patient/k1', { birthDate: '1970-01-01' })
  for (let n = 0; n < 40; n += 1) await put(`Observation/k${n}`, observation('Patient/k1', n))
  const job = await kickOff('$export?_type=Observation,Patient')
  const before = await Promise.all(
    (await at().store.database.read(sql`select id from res where id like 'k%'`)).map(async ({ id }) => String(id)),
  )
  let pieces = 0
  // Dies after the list is made, without a word: what it holds is taken over when its lease is past.
  await work((running) => {
    const save: typeof running.save = async (connection, checkpoint, progress) => {
      await running.save(connection, checkpoint, progress)
      pieces += 1
      if (pieces === 2) {
        await connection.query(sql`select 1 / 0`)
      }
    }
    return runExport({ ...running, save }).catch(async (error: unknown) => {
      if (pieces !== 2) throw error
      pieces += 1
      for (let n = 0; n < 10; n += 1) await put(`Observation/k${n}`, observation('Patient/k1', 1000 + n))
      await at().fhir('DELETE', 'Observation/k11')
      const [left] = await at().store.database.read(sql`select checkpoint from job where id = ${running.job.id}`)
      writeFileSync(join(running.folder, 'Observation.1.ndjson'), 'half a li')
      return runExport({ ...running, job: { ...running.job, checkpoint: left?.['checkpoint'] } })
    })
  })
  const done = JSON.parse((await send('GET', job)).text) as Manifest
  const all = await names(done.output)
  assert.equal(new Set(all).size, all.length)
  for (const id of before)
    assert.ok(
      all.some((name) => name.endsWith(`/${id}`)),
      id,
    )
  const file = readFileSync(join(home, 'jobs', job.split('/')[1] ?? '', 'Observation.1.ndjson'), 'utf8')
  assert.doesNotMatch(file, /"value":1000/)
})

test("a job is its owner's alone, and goes with its files when it is deleted", async () => {
  const job = await kickOff('$export?_type=Patient')
  const waiting = await send('GET', job)
  assert.equal(waiting.status, 202)
  assert.ok(waiting.headers['x-progress'])
  await work()
  const stranger = at().contextOf({ kind: 'system', id: 'other', name: 'Other' })
  const seen = await respond(stranger, 'GET', job, { base: '', query: '', body: '' })
  assert.equal(seen.status, 404)
  assert.equal((await send('DELETE', job)).status, 202)
  assert.equal((await send('GET', job)).status, 404)
  assert.equal((await send('GET', `${job}/Patient.1.ndjson`)).status, 404)
})

for (const [path, prefer, expression] of [
  ['$export', '', undefined],
  ['$export?_type=Nonsense', 'respond-async', '_type'],
  ['$export?_outputFormat=text/csv', 'respond-async', '_outputFormat'],
  ['$export?_since=yesterday', 'respond-async', '_since'],
  ['$export?_typeFilter=Patient%3Fnope%3D1', 'respond-async', 'nope'],
  ['$export?_elements=nope', 'respond-async', '_elements'],
  ['Patient/$export?patient=Patient/1', 'respond-async', 'patient'],
  ['Patient/$export?_type=Organization', 'respond-async', '_type'],
  ['$export?unheard=of', 'respond-async', 'unheard'],
] as const)
  test(`${path} with "${prefer}" is refused with its place`, async () => {
    const { status, text } = await send('GET', path, '', { prefer })
    assert.equal(status, 400, text)
    if (expression !== undefined) assert.match(text, new RegExp(`"expression":\\["${expression}`))
  })

test('a lenient caller has what is not known passed over', async () => {
  const { status } = await send('GET', '$export?unheard=of&_type=Patient', '', {
    prefer: 'respond-async, handling=lenient',
  })
  assert.equal(status, 202)
  await work()
})
