import type { Client } from './load.ts'
import { type Bench, measureSingle, type Single } from './single.ts'
import type { Row } from './table.ts'

/** What the searches ask about: people and codes that are in the data. */
export interface Known {
  /** Ids of Patients with a record. */
  readonly patients: readonly string[]
  /** `system|value` of those Patients. */
  readonly identifiers: readonly string[]
  /** A code that many Observations have, as `system|code`. */
  readonly code: string
}

/** Reads some people back from a server that was filled before. */
export async function knownIn(client: Client): Promise<Known> {
  const found = await client.send({ method: 'GET', path: '/fhir/R4/Patient?_count=80' })
  const { entry = [] } = JSON.parse(found.body) as { entry?: { resource: fhir4.Patient }[] }
  const people = entry.map(({ resource }) => resource).filter(({ identifier }) => identifier?.[0]?.value !== undefined)
  return {
    patients: people.map(({ id }) => id ?? ''),
    identifiers: people.map(({ identifier }) => `${identifier?.[0]?.system}|${identifier?.[0]?.value}`),
    code: 'http://loinc.org|8302-2',
  }
}

/** Searches and operations as users ask them, each with its bar and goal. */
export async function measureSearches(bench: Bench, client: Client, known: Known): Promise<Row[]> {
  const get = (path: string) => client.send({ method: 'GET', path: `/fhir/R4/${path}` })
  const patient = (n: number): string => known.patients[n % known.patients.length] ?? ''
  const identifier = (n: number): string => encodeURIComponent(known.identifiers[n % known.identifiers.length] ?? '')
  const code = encodeURIComponent(known.code)
  const revincludes = ['Condition:subject', 'Encounter:subject', 'MedicationRequest:subject']
    .map((each) => `&_revinclude=${each}`)
    .join('')
  const batch = (n: number): string => {
    const entry = Array.from({ length: 20 }, (_, k) => ({
      request: { method: 'GET', url: `Patient/${patient(n * 20 + k)}` },
    }))
    return JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry })
  }
  const creates = (n: number): string => {
    const resource = {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      subject: { reference: `Patient/${patient(n)}` },
      effectiveDateTime: '2026-03-01T09:15:00Z',
      valueQuantity: { value: 72, unit: 'beats/minute', system: 'http://unitsofmeasure.org', code: '/min' },
    }
    const entry = Array.from({ length: 20 }, () => ({ resource, request: { method: 'POST', url: 'Observation' } }))
    return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
  }
  const singles: readonly Single[] = [
    {
      name: 'Observation by patient and code, newest first',
      count: 4000,
      bar: 0.7,
      goal: 0.4,
      one: (n) => get(`Observation?patient=${patient(n)}&code=${code}&_sort=-date&_count=20`),
    },
    {
      name: 'Patient by identifier',
      count: 4000,
      bar: 0.5,
      goal: 0.3,
      one: (n) => get(`Patient?identifier=${identifier(n)}`),
    },
    {
      name: 'Patient with three _revinclude',
      count: 2000,
      bar: 1.2,
      goal: 0.8,
      one: (n) => get(`Patient?_id=${patient(n)}${revincludes}`),
    },
    {
      name: 'Patient by _has Observation code',
      count: 1000,
      bar: 2,
      goal: 1,
      one: (n) => get(`Patient?_has:Observation:patient:code=${code}&_count=${10 + (n % 10)}`),
    },
    {
      name: 'Batch of 20 reads',
      count: 1000,
      bar: 3,
      goal: 1.5,
      atOnce: 8,
      one: (n) => client.send({ method: 'POST', path: '/fhir/R4', body: batch(n) }),
    },
    {
      name: 'Transaction of 20 creates',
      count: 400,
      bar: 20,
      goal: 10,
      atOnce: 8,
      one: (n) => client.send({ method: 'POST', path: '/fhir/R4', body: creates(n) }),
    },
  ]
  const rows: Row[] = []
  for (const single of singles) {
    for (let n = 0; n < 50; n += 1) await single.one(n)
    rows.push(...(await measureSingle(bench, single)))
  }
  return [...rows, ...(await measureEverything(bench, client, known))]
}

/** `$everything` of the record whose answer is nearest to 150 kB. */
async function measureEverything(bench: Bench, client: Client, { patients }: Known): Promise<Row[]> {
  const sizes: { path: string; length: number }[] = []
  for (const id of patients.slice(0, 40)) {
    const path = `/fhir/R4/Patient/${id}/$everything?_count=1000`
    sizes.push({ path, length: (await client.send({ method: 'GET', path })).body.length })
  }
  sizes.sort((a, b) => Math.abs(a.length - 150_000) - Math.abs(b.length - 150_000))
  const { path, length } = sizes[0] ?? { path: '', length: 0 }
  const name = `$everything of ${Math.round(length / 1000)} kB`
  return measureSingle(bench, {
    name,
    count: 500,
    bar: 8,
    goal: 4,
    atOnce: 8,
    one: () => client.send({ method: 'GET', path }),
  })
}
