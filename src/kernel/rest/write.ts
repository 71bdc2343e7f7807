import { newId } from '../../base/id.ts'
import { problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { type Draft, draftOf } from '../store/draft.ts'
import type { Operation, Outcome } from '../store/operation.ts'
import { isGolden } from '../store/person/golden.ts'
import { refuseBrokenClaims } from './claims.ts'
import {
  type FhirAnswer,
  type FhirRequest,
  jsonAnswer,
  outcomeText,
  preferredReturn,
  resourceAnswer,
  versionHeaders,
  versionOf,
} from './exchange.ts'
import { homeHint } from './home-hint.ts'
import { address, typeInUrl } from './target.ts'

/** FHIR create. The server chooses the id. */
export async function create(ctx: Context, request: FhirRequest, type: string): Promise<FhirAnswer> {
  const draft = draftOfType(request.body, type, typeInUrl(type))
  await refuseBrokenClaims(ctx, draft)
  const hint = await homeHint(ctx, draft)
  const operation: Operation = {
    action: 'create',
    type,
    rtype: draft.rtype,
    id: newId(hint.key),
    draft,
    newId: true,
    submission: submissionOf(ctx),
    ...(hint.person === undefined ? {} : { personHint: hint.person }),
  }
  return writeAnswer(await ctx.store.writer.write(operation), request)
}

/** FHIR update: replaces a version, or creates under the id the client chose. */
export async function update(ctx: Context, request: FhirRequest, type: string, id: string): Promise<FhirAnswer> {
  const at = address(type, id)
  const draft = draftOfType(request.body, type, at.rtype)
  await refuseBrokenClaims(ctx, draft)
  if (draft.id !== undefined && draft.id !== id)
    throw problem('invalid', `The id in the body is not the ${id} of the URL`, { expression: `${type}.id` })
  return writeAnswer(await ctx.store.writer.write(updateOperation(ctx, request, draft, id)), request)
}

/** The operation of an update with its preconditions. */
export function updateOperation(ctx: Context, request: FhirRequest, draft: Draft, id: string): Operation {
  const ifMatch = versionOf(request.ifMatch, 'If-Match')
  return {
    action: 'update',
    type: draft.type,
    rtype: draft.rtype,
    id,
    draft,
    newId: false,
    submission: submissionOf(ctx),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(request.ifNoneMatch?.trim() === '*' ? { ifAbsent: true } : {}),
  }
}

/** FHIR delete. Deleting what is not there is no error. */
export async function remove(ctx: Context, request: FhirRequest, type: string, id: string): Promise<FhirAnswer> {
  const { rtype } = address(type, id)
  const ifMatch = versionOf(request.ifMatch, 'If-Match')
  const outcome = await ctx.store.writer.write({
    action: 'delete',
    type,
    rtype,
    id,
    newId: false,
    submission: submissionOf(ctx),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  })
  return writeAnswer(outcome, request)
}

/** A body that must be a resource of the type in the URL. */
export function draftOfType(body: string, type: string, rtype: number): Draft {
  const draft = draftOf(body)
  if (draft.rtype !== rtype)
    throw problem('invalid', `The body is a ${draft.type}, the URL says ${type}`, { expression: 'resourceType' })
  refuseGolden(draft)
  return draft
}

/** Golden Persons are made by the person index alone. */
export function refuseGolden(draft: Draft): void {
  if (draft.type === 'Person' && isGolden(draft.resource))
    throw problem('forbidden', 'A golden Person is made by the person index and cannot be written')
}

/** What became of one write, as HTTP. */
export function writeAnswer(outcome: Outcome, request: FhirRequest): FhirAnswer {
  switch (outcome.kind) {
    case 'refused':
      throw outcome.problem
    case 'deferred':
    case 'absent':
      return { status: 204, headers: {} }
    case 'deleted':
      return { status: 204, headers: { etag: `W/"${outcome.version}"` } }
    case 'created':
    case 'updated':
    case 'unchanged': {
      const status = outcome.kind === 'created' ? 201 : 200
      const location = `${request.base}/${outcome.type}/${outcome.id}/_history/${outcome.version}`
      const wanted = preferredReturn(request.prefer)
      if (wanted === 'representation') return resourceAnswer(status, outcome, { location })
      const headers = { ...versionHeaders(outcome.version, outcome.updatedMs), location }
      if (wanted === 'minimal') return { status, headers }
      const message = `${outcome.type}/${outcome.id} is stored as version ${outcome.version}`
      return jsonAnswer(status, outcomeText([{ severity: 'information', code: 'informational', message }]), headers)
    }
  }
}
