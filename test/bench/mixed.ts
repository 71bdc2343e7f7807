import { type Answer, type Client, load } from './load.ts'
import type { Row } from './table.ts'

const requests = 20_000
const clients = 64

/**
 * The mixed workload: of a hundred requests 10 create, 60 read, 25 update and 5 delete, 64 at once, each kind with its
 * median and 99th percentile. Nothing may fail: what is updated or deleted exists, and no two touch one resource at once.
 */
export async function measureMixed(client: Client, body: string): Promise<Row[]> {
  const ids: string[] = []
  const create = async (): Promise<Answer> => {
    const answer = await client.send({ method: 'POST', path: '/fhir/R4/Observation', body })
    const id = /"id":"([^"]+)"/.exec(answer.body)?.[1]
    if (id !== undefined) ids.push(id)
    return answer
  }
  await load(4000, clients, create)
  const at = (n: number): string => `/fhir/R4/Observation/${ids[n % ids.length] ?? ''}`
  const update = (n: number): Promise<Answer> => {
    const id = ids[n % ids.length] ?? ''
    const changed = body.replace('{', `{"id":"${id}",`).replace('"value":72', `"value":${40 + (n % 100)}`)
    return client.send({ method: 'PUT', path: `/fhir/R4/Observation/${id}`, body: changed })
  }
  const remove = (): Promise<Answer> =>
    client.send({ method: 'DELETE', path: `/fhir/R4/Observation/${ids.pop() ?? ''}` })
  const kinds = {
    create: { share: 10, one: create },
    read: { share: 60, one: (n: number) => client.send({ method: 'GET', path: at(n * 7) }) },
    update: { share: 25, one: (n: number) => update(n * 13) },
    delete: { share: 5, one: remove },
  } as const
  const order = Object.entries(kinds).flatMap(([name, { share }]) => Array.from({ length: share }, () => name))
  // A fixed shuffle: 37 has no factor in common with 100.
  const kindOf = (n: number): keyof typeof kinds => order[(n * 37) % 100] as keyof typeof kinds
  const times = new Map<string, number[]>()
  let wrong = 0
  const { seconds } = await load(requests, clients, async (n) => {
    const kind = kindOf(n)
    const from = performance.now()
    const answer = await kinds[kind].one(n)
    const known = times.get(kind)
    if (known === undefined) times.set(kind, [performance.now() - from])
    else known.push(performance.now() - from)
    // What was deleted a moment ago is gone, and says so.
    if (answer.status >= 400 && answer.status !== 410) wrong += 1
    return answer
  })
  const rows = [...times].map(([kind, all]): Row => {
    all.sort((a, b) => a - b)
    const share = (part: number): string => (all[Math.floor(all.length * part)] ?? 0).toFixed(1)
    return [`Mixed workload, ${kind}`, `p50 ${share(0.5)} ms`, `p99 ${share(0.99)} ms`, '', true]
  })
  const all: Row = [
    `Mixed workload, ${clients} clients`,
    `${Math.round(requests / seconds)} /s`,
    `${wrong} errors`,
    '0 errors',
    wrong === 0,
  ]
  return [all, ...rows]
}
