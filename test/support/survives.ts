import assert from 'node:assert/strict'
import type { InjectOptions } from 'fastify'
import { isObject } from '../../src/base/json.ts'
import type { FhirServer } from './fhir-server.ts'

/** Sends a request and holds the answer to what every answer is: no failure of the server, and an outcome that tells. */
export async function survives(
  server: FhirServer,
  method: string,
  path: string,
  options: InjectOptions,
): Promise<number> {
  const answer = await server.send(method, path, options)
  const what = `${method} ${path.slice(0, 200)}: ${answer.statusCode} ${answer.payload.slice(0, 300)}`
  assert.ok(answer.statusCode < 500, what)
  if (answer.statusCode >= 400 && method !== 'HEAD') {
    const body: unknown = answer.payload.startsWith('<') ? {} : JSON.parse(answer.payload)
    assert.ok(answer.payload.includes('OperationOutcome') || (isObject(body) && 'error' in body), what)
  }
  return answer.statusCode
}
