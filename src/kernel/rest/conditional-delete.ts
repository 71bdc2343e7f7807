import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import type { Operation } from '../store/operation.ts'
import { matchingIds } from './criteria.ts'
import { type FhirAnswer, type FhirRequest, versionOf } from './exchange.ts'
import { typeInUrl } from './target.ts'

/** Several may be deleted by one condition: up to so many, all in one transaction, and above that none. */
export const mostDeletedAtOnce = 100

/** FHIR conditional delete: all that match, or none when they are too many. Nothing that matches is no error. */
export async function conditionalDelete(ctx: Context, request: FhirRequest, type: string): Promise<FhirAnswer> {
  const ifMatch = versionOf(request.ifMatch, 'If-Match')
  return ctx.store.writer.transaction(async (connection) => {
    const ids = await matchingIds(connection, { type, query: request.query }, mostDeletedAtOnce)
    return {
      operations: ids.map((id) => ({ ...deletion(ctx, type, id), ...(ifMatch === undefined ? {} : { ifMatch }) })),
      finish: () => Promise.resolve((): FhirAnswer => ({ status: 204, headers: {} })),
    }
  })
}

/** The deletion of one resource. */
export const deletion = (ctx: Context, type: string, id: string): Operation => ({
  action: 'delete',
  type,
  rtype: typeInUrl(type),
  id,
  newId: false,
  submission: submissionOf(ctx),
})
