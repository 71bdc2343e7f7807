import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { elements, members } from '../../src/base/json.ts'
import { type Ledger, versionIn } from './ledger.ts'

/** Writers at work on a server, until they are told to stop. */
export interface Writers {
  /** Resolves when every request under way has been answered or has failed. */
  stop(): Promise<void>
}

interface Written {
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly marker?: string
}

const counters = 6
const patientOf = (n: number): string => `Patient/kept-${n % 3}`

/** Resources the writers write about. */
export const keptPatients = [0, 1, 2].map(
  (n) =>
    `{"resourceType":"Patient","id":"kept-${n}","name":[{"family":"Kept","given":["N${n}"]}],"birthDate":"19${n}1-03-14"}`,
)

/** One Observation with a value of its own. */
export const observation = (subject: string, n: number, more = ''): string =>
  `{"resourceType":"Observation",${more}"identifier":[{"system":"https://example.org/kill","value":"ob-${n}"}],"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"${subject}"},"effectiveDateTime":"2026-03-01T09:15:00Z","valueQuantity":{"value":${n}.50,"unit":"/min"}}`

/** Starts some connections that write as fast as they are answered, and go on trying while nobody answers. */
export async function startWriters(origin: string, ledger: Ledger, connections: number): Promise<Writers> {
  const headers = { authorization: `Bearer ${await token(origin)}`, 'content-type': 'application/fhir+json' }
  const state = { stopped: false }
  const work = async (): Promise<void> => {
    while (!state.stopped) {
      const written = nextWrite(ledger)
      if (!(await send(origin, headers, written, ledger))) await sleep(20)
    }
  }
  const working = Array.from({ length: connections }, work)
  return {
    async stop() {
      state.stopped = true
      await Promise.all(working)
    },
  }
}

/** Writes one thing; throws when it is not acknowledged. */
export async function writeOnce(origin: string, ledger: Ledger, path: string, body: string): Promise<void> {
  const headers = { authorization: `Bearer ${await token(origin)}`, 'content-type': 'application/fhir+json' }
  if (!(await send(origin, headers, { method: 'PUT', path, body }, ledger))) throw new Error(`${path} was not stored`)
}

async function token(origin: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'demo', client_secret: 'demo' })
  const answer = await fetch(`${origin}/auth/token`, { method: 'POST', body })
  return /"access_token":"([^"]+)"/.exec(await answer.text())?.[1] ?? ''
}

function nextWrite(ledger: Ledger): Written {
  const n = ledger.next()
  const kind = n % 10
  const counter = `Observation/counter-${n % counters}`
  if (kind < 4) return { method: 'POST', path: 'Observation', body: observation(patientOf(n), n) }
  if (kind < 7) {
    const body = observation(patientOf(n % counters), n, `"id":"counter-${n % counters}",`)
    return { method: 'PUT', path: counter, body }
  }
  if (kind === 7 && n % 30 === 7) return { method: 'DELETE', path: counter }
  return { method: 'POST', path: '', body: transaction(`tx-${n}`, n), marker: `tx-${n}` }
}

/** Five resources of a new person that speak of one another. */
function transaction(marker: string, n: number): string {
  const identifier = `"identifier":[{"system":"https://example.org/kill","value":"${marker}"}]`
  const birthDate = Temporal.PlainDate.from('1930-01-02')
    .add({ days: n % 30_000 })
    .toString()
  const patient = `{"resourceType":"Patient",${identifier},"name":[{"family":"Family${n}","given":["Given${n}"]}],"birthDate":"${birthDate}"}`
  const subject = '"subject":{"reference":"urn:uuid:p"}'
  const encounter = `{"resourceType":"Encounter",${identifier},"status":"finished","class":{"code":"AMB"},${subject}}`
  const found = [1, 2, 3].map(
    (each) =>
      `{"resourceType":"Observation",${identifier},"status":"final","code":{"text":"${each}"},${subject},"encounter":{"reference":"urn:uuid:e"}}`,
  )
  const entry = (fullUrl: string, resource: string): string =>
    `{"fullUrl":"urn:uuid:${fullUrl}","resource":${resource},"request":{"method":"POST","url":"${JSON.parse(resource).resourceType}"}}`
  const entries = [entry('p', patient), entry('e', encounter), ...found.map((each, at) => entry(`o${at}`, each))]
  return `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`
}

/** Sends one write and notes what was acknowledged. Answers whether it was. */
async function send(
  origin: string,
  headers: Record<string, string>,
  written: Written,
  ledger: Ledger,
): Promise<boolean> {
  const { method, path, body, marker } = written
  const request = randomUUID()
  try {
    const answer = await fetch(`${origin}/fhir/R4/${path}`, {
      method,
      headers: { ...headers, 'x-request-id': request },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await answer.text()
    if (!answer.ok) {
      if (answer.status !== 503) ledger.surprises.push(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`)
      return false
    }
    const versions = versionsOf(written, text, answer.headers.get('etag'))
    ledger.acknowledged.push({ request, versions, ...(marker === undefined ? {} : { marker }) })
    return true
  } catch {
    // The server died under the request: nobody knows what became of it, and nothing is promised.
    return false
  }
}

function versionsOf({ method, path, marker }: Written, text: string, etag: string | null) {
  if (method === 'DELETE')
    return etag === null ? [] : [{ name: path, version: Number(/\d+/.exec(etag)?.[0]), body: '' }]
  if (marker === undefined) return [versionIn(text)]
  const list = members(text).find((part) => part.key === 'entry')
  if (list === undefined) return []
  return elements(text, list.start).flatMap((entry) => {
    const resource = members(text, entry.start).find((part) => part.key === 'resource')
    return resource === undefined ? [] : [versionIn(text.slice(resource.start, resource.end))]
  })
}
