import { createServer, type IncomingHttpHeaders } from 'node:http'

/** What an endpoint was sent. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An endpoint that takes notifications, and remembers them. */
export interface Receiver {
  readonly url: string
  /** As a setting would name it. */
  readonly host: string
  readonly received: Received[]
  /** What it answers; 200 until told otherwise. */
  status: number
  /** Waits until so many have come, those it refused included. */
  count(least: number): Promise<void>
  /** Numbers of the events it has taken, in the order they came. */
  numbers(): number[]
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const taken: string[] = []
  const waiting = new Set<() => void>()
  const state = { status: 200 }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      received.push({ method, path, headers, body })
      if (state.status === 200) taken.push(body)
      response.writeHead(state.status).end()
      for (const wake of waiting) wake()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return {
    url: `http://${host}/hook`,
    host,
    received,
    get status() {
      return state.status
    },
    set status(value) {
      state.status = value
    },
    async count(least) {
      while (received.length < least)
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake)
            resolve()
          }
          waiting.add(wake)
        })
    },
    numbers: () => taken.flatMap(eventNumbers),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Part {
  readonly name: string
  readonly valueString?: string
  readonly valueCode?: string
  readonly part?: readonly Part[]
}

/** The status Parameters of a notification. */
export function statusOf(body: string): ReadonlyMap<string, Part> {
  const bundle = JSON.parse(body) as { entry: { resource: { parameter: Part[] } }[] }
  return new Map(bundle.entry[0]?.resource.parameter.map((each) => [each.name, each]))
}

/** Numbers of the events that a notification tells of. */
export function eventNumbers(body: string): number[] {
  if (!body.startsWith('{"resourceType":"Bundle"')) return []
  const bundle = JSON.parse(body) as { entry: { resource: { parameter: Part[] } }[] }
  const parameters = bundle.entry[0]?.resource.parameter ?? []
  return parameters
    .filter(({ name }) => name === 'notification-event')
    .map(({ part = [] }) => Number(part.find(({ name }) => name === 'event-number')?.valueString))
}
