import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeLog } from '../../src/base/log.ts'
import { packageRoot } from '../../src/base/root.ts'
import { startEmbedded } from '../../src/kernel/store/embedded/server.ts'
import { places } from '../../src/synth/journeys/places.ts'
import { childEnvironment, type ServerProcess, startServer } from '../support/server-process.ts'
import { cpuMs, residentMb } from './cpu.ts'
import { sharedBundles } from './inputs.ts'
import { Client, load } from './load.ts'
import { measureMixed } from './mixed.ts'
import { knownIn, measureSearches } from './searches.ts'
import { measureSingle } from './single.ts'
import { type Row, writeReport } from './table.ts'
import { measureViews } from './views.ts'
import { measureYardsticks, type Yardsticks } from './yardsticks.ts'

// `npm run bench`: Linchpin over HTTP against yardsticks of the same run. Writes BENCHMARKS.md. Not a test.

const bundles = sharedBundles()
const bodies = bundles.flatMap((bundle) => bundle.resources)
const home = mkdtempSync(join(tmpdir(), 'linchpin-bench-'))
const rows: Row[] = []

const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<void> {
  const first = await startServer(home)
  say(`First start: ${Math.round(first.startedMs)} ms`)
  await first.stop()
  const server = await startServer(home)
  const restMb = residentMb(server.pid)
  const database = await startEmbedded(home, makeLog('warn'))
  const small = await seed(server)
  const yard = await measureYardsticks(database.url, server.postgresPid, bodies, small.body)
  say(`Yardsticks: ${JSON.stringify(yard)}`)
  await measureImport(server, yard)
  await measureBundles(server, yard)
  await measureSingles(server, yard, small)
  await measurePage(server)
  rows.push(...(await measureViews(database.url, server.postgresPid, bodies)))
  rows.push([
    'First start until it listens',
    `${Math.round(first.startedMs)} ms`,
    '',
    '≤ 5,000 ms',
    first.startedMs <= 5000,
  ])
  rows.push(['Warm start', `${Math.round(server.startedMs)} ms`, '', '≤ 1,500 ms', server.startedMs <= 1500])
  rows.push(['Node memory at rest', `${restMb} MB`, '', '≤ 150 MB', restMb <= 150])
  await database.stop()
  await server.stop()
  writeReport(rows, yard)
  rmSync(home, { recursive: true, force: true })
}

/** Linchpin's CPU: its own process and PostgreSQL. */
const linchpinCpu = (server: ServerProcess): number => cpuMs(server.pid) + cpuMs(server.postgresPid)

async function authorised(server: ServerProcess, connections: number): Promise<Client> {
  const client = new Client(server.origin, 1)
  const body = 'grant_type=client_credentials&client_id=demo&client_secret=demo'
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await client.send({ method: 'POST', path: '/auth/token', body, headers })
  client.close()
  const token = /"access_token":"([^"]+)"/.exec(answer.body)?.[1] ?? ''
  return new Client(server.origin, connections, {
    authorization: `Bearer ${token}`,
    'content-type': 'application/fhir+json',
  })
}

interface Small {
  readonly body: string
  readonly patient: string
}

async function seed(server: ServerProcess): Promise<Small> {
  const client = await authorised(server, 1)
  const patient =
    '{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],"name":[{"family":"Bench","given":["Ann"]}],"birthDate":"1951-03-14","managingOrganization":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"Y90001"}}}'
  const made = await client.send({ method: 'POST', path: '/fhir/R4/Patient', body: patient })
  client.close()
  const id = /"id":"([^"]+)"/.exec(made.body)?.[1] ?? ''
  const body = `{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}]},"subject":{"reference":"Patient/${id}"},"effectiveDateTime":"2026-03-01T09:15:00Z","valueQuantity":{"value":72,"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"}}`
  return { body, patient: id }
}

async function measureImport(server: ServerProcess, yard: Yardsticks): Promise<void> {
  const folder = join(home, 'input')
  mkdirSync(folder)
  // Several copies with ids of their own, so that there is enough to measure.
  const copies = 4
  for (let copy = 0; copy < copies; copy += 1)
    for (const { name, text } of bundles)
      writeFileSync(join(folder, `${copy}-${name}`), copy === 0 ? text : renamed(text, copy))
  const before = cpuMs(server.postgresPid)
  const began = performance.now()
  const { cpu, output } = await runCli(['import', folder])
  const seconds = (performance.now() - began) / 1000
  const postgres = cpuMs(server.postgresPid) - before
  const found = Number(/Found (\d+)/.exec(output)?.[1] ?? 0)
  const rate = found / seconds
  const ratio = rate / yard.copyPerSecond
  rows.push([
    `Import of ${found} resources in files`,
    `${Math.round(rate)} resources/s`,
    `${ratio.toFixed(3)} of raw COPY`,
    '≥ 0.08; goal 0.2',
    ratio >= 0.08,
  ])
  rows.push([
    'Import, CPU a resource',
    `${((cpu + postgres) / found).toFixed(3)} ms`,
    `Node ${(cpu / found).toFixed(3)}, PostgreSQL ${(postgres / found).toFixed(3)}`,
    '',
    true,
  ])
}

const renamed = (text: string, copy: number): string =>
  text.replaceAll(
    /\b([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-/g,
    (_, a: string, b: string) => `${a}-${b}-${String(copy).padStart(4, '0')}-`,
  )

function runCli(words: readonly string[]): Promise<{ cpu: number; output: string }> {
  const child = spawn(process.execPath, [join(packageRoot, 'bin/linchpin.mjs'), ...words], {
    env: childEnvironment(home),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  let cpu = 0
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8')
  })
  const sample = setInterval(() => {
    cpu = Math.max(cpu, cpuMs(child.pid ?? 0))
  }, 50)
  return new Promise((resolve) => {
    child.once('exit', () => {
      clearInterval(sample)
      resolve({ cpu, output })
    })
  })
}

async function measureBundles(server: ServerProcess, yard: Yardsticks): Promise<void> {
  const client = await authorised(server, 2)
  const send = (n: number) =>
    client.send({
      method: 'POST',
      path: '/fhir/R4',
      body: bundles[n % bundles.length]?.text ?? '',
      headers: { prefer: 'return=minimal' },
    })
  await load(4, 2, send)
  const resources = bundles.reduce((sum, bundle) => sum + bundle.resources.length, 0)
  const before = linchpinCpu(server)
  const { seconds, failed } = await load(bundles.length, 2, send)
  const cpu = (linchpinCpu(server) - before) / resources
  const rate = resources / seconds
  client.close()
  rows.push([
    `Transaction bundles by HTTP (${bundles.length}, 2 connections)`,
    `${Math.round(rate)} resources/s`,
    `${(rate / yard.copyPerSecond).toFixed(3)} of raw COPY`,
    '≥ 1,000; goal 2,000',
    rate >= 1000 && failed === 0,
  ])
  rows.push([
    'Transaction bundles, CPU a resource',
    `${cpu.toFixed(3)} ms`,
    `${failed} failed`,
    '≤ 1.2 ms; goal 0.6',
    cpu <= 1.2,
  ])
}

async function measureSingles(server: ServerProcess, yard: Yardsticks, { body }: Small): Promise<void> {
  const client = await authorised(server, 32)
  const ids: string[] = []
  const create = async () => {
    const answer = await client.send({ method: 'POST', path: '/fhir/R4/Observation', body })
    ids.push(/"id":"([^"]+)"/.exec(answer.body)?.[1] ?? '')
    return answer
  }
  await load(500, 32, create)
  const read = (n: number) => client.send({ method: 'GET', path: `/fhir/R4/Observation/${ids[n % ids.length] ?? ''}` })
  const update = (n: number) => {
    const id = ids[n % ids.length] ?? ''
    const changed = body.replace('{', `{"id":"${id}",`).replace('"value":72', `"value":${n}`)
    return client.send({ method: 'PUT', path: `/fhir/R4/Observation/${id}`, body: changed })
  }
  const bench = { server, yard }
  rows.push(...(await measureSingle(bench, { name: 'Create', count: 5000, bar: 2, goal: 1, one: create })))
  await load(1000, 32, read)
  rows.push(...(await measureSingle(bench, { name: 'Read', count: 20_000, bar: 0.35, goal: 0.2, one: read })))
  rows.push(...(await measureSingle(bench, { name: 'Update', count: 5000, bar: 2, goal: 1, one: update })))
  rows.push(...(await measureSearches(bench, client, await knownIn(client))))
  client.close()
  const many = await authorised(server, 64)
  rows.push(...(await measureMixed(many, body)))
  many.close()
}

const pageEntries = 1000
/** Where the demo GP works: the person must be known there for the page to open. */
const surgery = places.surgery.ods

async function signedIn(server: ServerProcess): Promise<{ cookie: string; path: string }> {
  const visitor = new Client(server.origin, 1)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const entered = await visitor.send({ method: 'POST', path: '/auth/demo', body: 'persona=dr-lee', headers: form })
  const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? ''
  const found = await visitor.send({
    method: 'GET',
    path: '/work/find?family=Page&birthDate=1950',
    headers: { cookie },
  })
  visitor.close()
  return { cookie, path: /href="(\/work\/people\/[^"]+)"/.exec(found.body)?.[1] ?? '/missing' }
}

async function measurePage(server: ServerProcess): Promise<void> {
  const client = await authorised(server, 4)
  const subject = 'Patient/bench-page'
  const patient = `{"resourceType":"Patient","id":"bench-page","name":[{"family":"Page","given":["Ann"]}],"birthDate":"1950-01-02","managingOrganization":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"${surgery}"}}}`
  await client.send({ method: 'PUT', path: '/fhir/R4/Patient/bench-page', body: patient })
  const entries = bodies
    .filter((body) => /"resourceType":"(Observation|Condition|Procedure|Encounter|MedicationRequest)"/.test(body))
    .slice(0, pageEntries)
  await load(entries.length, 4, (n) => {
    const body = (entries[n] ?? '').replace(
      /"(subject|patient)":\{"reference":"[^"]+"/,
      `"$1":{"reference":"${subject}"`,
    )
    return client.send({ method: 'POST', path: `/fhir/R4/${/"resourceType":"(\w+)"/.exec(body)?.[1]}`, body })
  })
  client.close()
  const { cookie, path } = await signedIn(server)
  const browser = new Client(server.origin, 1, { cookie })
  const get = () => browser.send({ method: 'GET', path })
  await load(20, 1, get)
  const before = linchpinCpu(server)
  const { medianMs, p99Ms, failed } = await load(100, 1, get)
  const cpu = (linchpinCpu(server) - before) / 100
  browser.close()
  rows.push([
    `Record page of a person with ${pageEntries} entries`,
    `p50 ${medianMs.toFixed(1)} ms`,
    `p99 ${p99Ms.toFixed(1)} ms, CPU ${cpu.toFixed(1)} ms`,
    '≤ 60 ms; goal 25',
    medianMs <= 60 && failed === 0,
  ])
}

await main()
