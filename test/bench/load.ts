import { Agent, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Call {
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A keep-alive client of one server. */
export class Client {
  readonly #agent: Agent
  readonly #origin: URL
  readonly #headers: Readonly<Record<string, string>>

  constructor(origin: string, connections: number, headers: Readonly<Record<string, string>> = {}) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
    this.#origin = new URL(origin)
    this.#headers = headers
  }

  send({ method, path, body, headers = {} }: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = {
        agent: this.#agent,
        host: this.#origin.hostname,
        port: this.#origin.port,
        method,
        path,
        headers: {
          ...this.#headers,
          ...headers,
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        },
      }
      const asked = request(options, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            body: Buffer.concat(chunks).toString('utf8'),
            headers: answer.headers,
          }),
        )
        answer.on('error', reject)
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

export interface LoadResult {
  readonly count: number
  readonly seconds: number
  readonly medianMs: number
  readonly p99Ms: number
  readonly failed: number
}

/** Sends calls `0 … count-1` with so many under way at once. */
export async function load(count: number, atOnce: number, one: (n: number) => Promise<Answer>): Promise<LoadResult> {
  const times: number[] = []
  let next = 0
  let failed = 0
  const began = performance.now()
  const work = async (): Promise<void> => {
    while (next < count) {
      const n = next
      next += 1
      const from = performance.now()
      const { status } = await one(n)
      times.push(performance.now() - from)
      if (status >= 400) failed += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { count, seconds: (performance.now() - began) / 1000, medianMs: at(0.5), p99Ms: at(0.99), failed }
}
