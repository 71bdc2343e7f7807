import { parseExact } from '../../base/exact-json.ts'
import { isObject } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { isPersonScoped } from '../search/home.ts'
import { readCurrent } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { LockSet } from '../store/locks.ts'
import { nameOf, type Outcome } from '../store/operation.ts'
import { refuseBrokenClaims } from './claims.ts'
import { criteriaName, resolveCriteria } from './criteria.ts'
import type { FhirAnswer, FhirRequest } from './exchange.ts'
import { applyFhirPathPatch } from './patch/fhirpath-patch.ts'
import { applyJsonPatch } from './patch/json-patch.ts'
import { type Address, address, typeInUrl } from './target.ts'
import { draftOfType, updateOperation, writeAnswer } from './write.ts'

/** A change to a resource: the operations, and the language they are written in. */
export interface Patch {
  readonly kind: 'json' | 'fhirpath'
  readonly content: unknown
}

/** Media types of patches, by the language each is in (FHIR R4 http, patch). */
export const jsonPatchType = 'application/json-patch+json'

/** The patch in a body. */
function patchOf(body: string, contentType: string): Patch {
  const content = parseExact(body, 'The patch')
  if (contentType === jsonPatchType) return { kind: 'json', content }
  if (!isObject(content) || content['resourceType'] !== 'Parameters')
    throw problem('invalid', `A patch is ${jsonPatchType}, or a Parameters resource`, { status: 415 })
  return { kind: 'fhirpath', content }
}

/** The patch in an entry of a Bundle: Parameters, or a Binary that holds a JSON Patch (FHIR R4 http, patch). */
export function patchInEntry(resource: string): Patch {
  const content = parseExact(resource, 'The patch')
  if (!isObject(content) || content['resourceType'] !== 'Binary') return patchOf(resource, '')
  if (content['contentType'] !== jsonPatchType || typeof content['data'] !== 'string')
    throw problem('invalid', `A patch in a Binary has the contentType ${jsonPatchType}`, {
      expression: 'Binary.contentType',
    })
  return patchOf(Buffer.from(content['data'], 'base64').toString('utf8'), jsonPatchType)
}

/** FHIR patch: changes parts of the current version, which nobody else changes meanwhile. */
export async function patch(ctx: Context, request: FhirRequest, type: string, id: string): Promise<FhirAnswer> {
  const at = address(type, id)
  const change = patchOf(request.body, request.contentType ?? '')
  return patching(ctx, request, change, () => Promise.resolve(at))
}

/** FHIR conditional patch: of the one resource that matches. */
export async function conditionalPatch(ctx: Context, request: FhirRequest, type: string): Promise<FhirAnswer> {
  const change = patchOf(request.body, request.contentType ?? '')
  const criteria = { type, query: request.query }
  return patching(ctx, request, change, async (connection) => {
    const id = (await resolveCriteria(connection, [criteria])).get(criteriaName(criteria))
    if (id === undefined) throw problem('not-found', `No ${type} matches the criteria`)
    return { type, rtype: typeInUrl(type), id }
  })
}

async function patching(
  ctx: Context,
  request: FhirRequest,
  change: Patch,
  find: (connection: Connection) => Promise<Address>,
): Promise<FhirAnswer> {
  return ctx.store.writer.transaction(async (connection) => {
    const at = await find(connection)
    const text = await patchedText(connection, at, change)
    const draft = draftOfType(text, at.type, at.rtype)
    await refuseBrokenClaims(ctx, draft)
    return {
      operations: [updateOperation(ctx, { ...request, ifNoneMatch: '' }, draft, at.id)],
      finish: (_, [outcome]: readonly Outcome[]) =>
        Promise.resolve(() => {
          if (outcome === undefined) throw problem('fault', 'A patch had no outcome')
          return writeAnswer(outcome, request)
        }),
    }
  })
}

/** The text of a resource once a patch is applied to how it stands; its lock is held until the transaction ends. */
export async function patchedText(
  connection: Connection,
  { type, rtype, id }: Address,
  change: Patch,
): Promise<string> {
  const name = nameOf(type, id)
  const locks = new LockSet()
  locks.change(name)
  const table = isPersonScoped(type) ? 'res' : 'shared'
  const [, found] = await Promise.all([locks.take(connection), readCurrent(connection, table, [{ rtype, id }])])
  const current = found.get(name)
  if (current === undefined) throw problem('not-found', `${name} is not known`)
  const resource = parseExact(current.body, 'A stored resource')
  if (!isObject(resource)) throw problem('fault', 'A stored resource is no object')
  let patched: unknown = resource
  if (change.kind === 'json') patched = applyJsonPatch(resource, change.content)
  else applyFhirPathPatch(resource, change.content)
  if (!isObject(patched) || patched['id'] !== id || patched['resourceType'] !== type)
    throw problem('rule', 'A patch cannot change what a resource is: its type and id stay', {
      expression: `${type}.id`,
    })
  return textOf(patched)
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw problem('invalid', 'The patch nests its values too deep', { cause })
  }
}
