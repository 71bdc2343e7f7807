import { compactJson } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { batch } from './batch.ts'
import { writeBinary } from './binary.ts'
import { bundleParts } from './bundle-entries.ts'
import { capabilityStatement } from './capability-statement.ts'
import { conditionalCreate, conditionalUpdate } from './conditional.ts'
import { conditionalDelete } from './conditional-delete.ts'
import { type FhirAnswer, type FhirRequest, jsonAnswer } from './exchange.ts'
import { history } from './history.ts'
import { openApi, openApiPath } from './openapi.ts'
import { findOperation } from './operation.ts'
import { operations } from './operations.ts'
import { conditionalPatch, patch } from './patch.ts'
import { read, vread } from './read.ts'
import { searchAt } from './search.ts'
import { address, typeInUrl } from './target.ts'
import { transaction } from './transaction.ts'
import { create, remove, update } from './write.ts'

/** Carries out one FHIR interaction: `path` is what follows the base, such as `Patient/1/_history`. */
export async function interact(ctx: Context, method: string, path: string, request: FhirRequest): Promise<FhirAnswer> {
  const [type = '', id = '', operation = '', vid = '', ...more] = path.split('/')
  if (more.length > 0) throw unknown(method, path)
  const last = path.slice(path.lastIndexOf('/') + 1)
  if (last.startsWith('$')) return operate(ctx, method, path, request)
  if (last === '_search' && method === 'POST') return searchAt(ctx, path.slice(0, -'/_search'.length), posted(request))
  if (type === '') return method === 'POST' ? system(ctx, request) : searchAt(ctx, path, request)
  if (type === 'metadata')
    return method === 'GET'
      ? jsonAnswer(200, capabilityStatement(request.base, ctx.store.references))
      : refuse(method, path)
  if (path === openApiPath && method === 'GET') return openApi(request.base, ctx.store.references)
  if (isHistory([type, id, operation])) return pastOf(ctx, method, path, request)
  if (operation !== '' && vid === '' && method === 'GET') return searchAt(ctx, path, request)
  if (operation !== '') throw unknown(method, path)
  return id === '' ? onType(ctx, method, path, request, type) : onInstance(ctx, method, path, request, type, id)
}

/** The parameters of a search may come in the body as well (R4 search, POST). */
const posted = (request: FhirRequest): FhirRequest => ({
  ...request,
  query: [request.query, request.body].filter((each) => each !== '').join('&'),
})

const isHistory = (parts: readonly string[]): boolean => parts.includes('_history')

/** `_history`, `Type/_history`, `Type/id/_history` or `Type/id/_history/vid`. */
async function pastOf(ctx: Context, method: string, path: string, request: FhirRequest): Promise<FhirAnswer> {
  if (method !== 'GET') return refuse(method, path)
  const [before = '', after] = path.split(/\/?_history\/?/)
  const [type, id] = before === '' ? [] : before.split('/')
  if (after === undefined || after === '')
    return history(ctx, request, { ...(type === undefined ? {} : { type }), ...(id === undefined ? {} : { id }) })
  if (type === undefined || id === undefined) throw unknown(method, path)
  return vread(ctx, request, type, id, after)
}

/** `$name`, `Type/$name` or `Type/id/$name`. */
async function operate(ctx: Context, method: string, path: string, request: FhirRequest): Promise<FhirAnswer> {
  const parts = path.split('/')
  const name = (parts.pop() ?? '').slice(1)
  const [type, id, ...more] = parts
  if (more.length > 0) throw unknown(method, path)
  const at = type === undefined ? {} : id === undefined ? { type } : { type, id: address(type, id).id }
  if (type !== undefined) typeInUrl(type)
  const level = type === undefined ? 'system' : id === undefined ? 'type' : 'instance'
  const operation = findOperation(operations, { name, method, level, ...at })
  return operation.run(ctx, { method: method === 'GET' ? 'GET' : 'POST', level, request, ...at })
}

async function onType(
  ctx: Context,
  method: string,
  path: string,
  request: FhirRequest,
  type: string,
): Promise<FhirAnswer> {
  if (method === 'GET') return searchAt(ctx, type, request)
  if (method === 'POST') {
    const made = (asked: FhirRequest) =>
      asked.ifNoneExist === undefined ? create(ctx, asked, type) : conditionalCreate(ctx, asked, type)
    return type === 'Binary' ? writeBinary(ctx, request, made) : made(request)
  }
  if (method === 'PUT') return conditionalUpdate(ctx, request, type)
  if (method === 'PATCH') return conditionalPatch(ctx, request, type)
  if (method === 'DELETE') return conditionalDelete(ctx, request, type)
  return refuse(method, path)
}

async function onInstance(
  ctx: Context,
  method: string,
  path: string,
  request: FhirRequest,
  type: string,
  id: string,
): Promise<FhirAnswer> {
  if (method === 'GET') return read(ctx, request, type, id)
  if (method === 'PATCH') return patch(ctx, request, type, id)
  if (method === 'PUT' && type === 'Binary') return writeBinary(ctx, request, (asked) => update(ctx, asked, type, id))
  if (method === 'PUT') return update(ctx, request, type, id)
  if (method === 'DELETE') return remove(ctx, request, type, id)
  return refuse(method, path)
}

async function system(ctx: Context, request: FhirRequest): Promise<FhirAnswer> {
  const { type, entries } = bundleParts(compactJson(request.body).text)
  if (type === 'transaction') return transaction(ctx, request, entries, interact)
  if (type === 'batch') return batch(ctx, request, entries, interact)
  throw problem('invalid', 'Only a Bundle of type transaction or batch can be sent here', { expression: 'Bundle.type' })
}

const unknown = (method: string, path: string): Error =>
  problem('not-found', `${method} ${path.slice(0, 100)} is no interaction of this server`)

function refuse(method: string, path: string): never {
  throw problem('invalid', `${method} is not possible on ${path === '' ? 'the base' : path.slice(0, 100)}`, {
    status: 405,
  })
}
