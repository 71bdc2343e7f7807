import { isObject, parseJson } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { accepted } from '../jobs/status.ts'
import type { FhirAnswer, FhirRequest } from '../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../rest/operation.ts'

/** What an import was asked for: files to fetch, or lines that came with the request. */
export interface ImportRequest {
  readonly url: string
  readonly inputSource: string
  readonly inputs: readonly { readonly url: string; readonly type: string }[]
  readonly uploaded: boolean
}

const mostInputs = 1000
const lineTypes = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson'])

/** `$import`: NDJSON by URL (the HL7 bulk import proposal, as JSON or as Parameters), or as the body. */
export const importOperation: FhirOperation = {
  name: 'import',
  definition: 'https://linchpin.example/fhir/OperationDefinition/import',
  levels: ['system'],
  affectsState: true,
  run: kickOff,
}

async function kickOff(ctx: Context, { request }: Invocation): Promise<FhirAnswer> {
  if (!/respond-async/.test(request.prefer ?? ''))
    throw problem('invalid', 'An import takes its time: send the header Prefer: respond-async')
  if (ctx.actor.kind !== 'system') throw problem('forbidden', 'Only systems may import')
  const asked = importRequestOf(request)
  const body = asked.uploaded ? { body: request.body } : {}
  return accepted(request.base, await ctx.store.jobs.enqueue(ctx, { kind: 'import', request: asked, ...body }))
}

/** Decodes the manifest of an import. */
function importRequestOf(request: FhirRequest): ImportRequest {
  const url = `${request.base}/$import`
  if (lineTypes.has(request.contentType ?? '')) {
    if (request.body.trim() === '') throw problem('invalid', 'There are no lines in the body')
    return { url, inputSource: '', inputs: [], uploaded: true }
  }
  const body = parseJson(request.body, 'The body')
  if (!isObject(body)) throw problem('invalid', 'Send a manifest, or NDJSON as application/fhir+ndjson')
  const manifest = body['resourceType'] === 'Parameters' ? ofParameters(body) : body
  const format = manifest['inputFormat'] ?? 'application/fhir+ndjson'
  if (typeof format !== 'string' || !lineTypes.has(format))
    throw problem('invalid', 'inputFormat is application/fhir+ndjson', { expression: 'inputFormat' })
  const all: unknown = manifest['input']
  if (!Array.isArray(all) || all.length === 0 || all.length > mostInputs)
    throw problem('invalid', `input is a list of 1 to ${mostInputs} files`, { expression: 'input' })
  const source = manifest['inputSource']
  return { url, inputSource: typeof source === 'string' ? source : '', inputs: all.map(inputOf), uploaded: false }
}

function inputOf(given: unknown, index: number): { url: string; type: string } {
  const place = { expression: `input[${index}]` }
  const url: unknown = isObject(given) ? given['url'] : undefined
  const type: unknown = isObject(given) ? (given['type'] ?? '') : ''
  if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:/.test(url))
    throw problem('invalid', 'Each input has a url that begins with https://', place)
  if (typeof type !== 'string' || (type !== '' && typeNumber(type) === undefined))
    throw problem('invalid', 'The type of an input is a FHIR R4 resource type', place)
  return { url, type }
}

/** The same manifest as a Parameters resource: `input` is a parameter with the parts `url` and `type`. */
function ofParameters(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const manifest: Record<string, unknown> = {}
  const inputs: unknown[] = []
  for (const each of Array.isArray(body['parameter']) ? body['parameter'] : []) {
    if (!isObject(each)) continue
    if (each['name'] === 'input') inputs.push(partsOf(each['part']))
    else if (typeof each['name'] === 'string') manifest[each['name']] = valueOf(each)
  }
  return { ...manifest, input: inputs }
}

const valueOf = (each: Readonly<Record<string, unknown>>): unknown =>
  each[Object.keys(each).find((key) => key.startsWith('value')) ?? '']

const partsOf = (parts: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    (Array.isArray(parts) ? parts : [])
      .filter((part): part is Record<string, unknown> => isObject(part))
      .map((part) => [String(part['name']), valueOf(part)]),
  )
