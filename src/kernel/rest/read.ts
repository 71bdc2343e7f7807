import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { isPersonScoped } from '../search/home.ts'
import type { Subset } from '../search/subset.ts'
import { readVersions } from '../store/history.ts'
import { readShared, type StoredText } from '../store/reader.ts'
import { binaryAnswer } from './binary.ts'
import { type FhirAnswer, type FhirRequest, resourceAnswer, versionHeaders, versionOf } from './exchange.ts'
import { shownAs } from './shown.ts'
import { type Address, address } from './target.ts'

/** FHIR read: the current version as stored, byte for byte. 410 when it was deleted. */
export async function read(ctx: Context, request: FhirRequest, type: string, id: string): Promise<FhirAnswer> {
  const at = address(type, id)
  const subset = request.query === '' ? undefined : subsetFor(type, request.query)
  const found = isPersonScoped(type)
    ? await ctx.store.systemReader.read(at.type, at.rtype, at.id, submissionOf(ctx))
    : await readShared(ctx.store.database, at.rtype, at.id)
  if (found === undefined) throw await absence(ctx, at)
  if (isUnchanged(request, found)) return { status: 304, headers: versionHeaders(found.version, found.updatedMs) }
  const kept = subset === undefined ? found : { ...found, body: subset(found.body) }
  return type === 'Binary' ? binaryAnswer(ctx, request, kept) : resourceAnswer(200, kept)
}

/** `_summary` and `_elements`; a read has nothing to count. */
function subsetFor(type: string, query: string): Subset {
  const { options, subset } = shownAs(type, query)
  if (options.summary === 'count')
    throw problem('invalid', 'A read answers one resource: there is nothing to count', { expression: '_summary' })
  return subset(type)
}

/** RFC 9110 section 13: `If-Modified-Since` counts only where there is no `If-None-Match`; one that is no date, never. */
function isUnchanged({ ifNoneMatch, ifModifiedSince }: FhirRequest, found: StoredText): boolean {
  if (ifNoneMatch !== undefined)
    return (
      ifNoneMatch.trim() === '*' ||
      ifNoneMatch.split(',').some((tag) => versionOf(tag, 'If-None-Match') === found.version)
    )
  const since = ifModifiedSince === undefined ? Number.NaN : Date.parse(ifModifiedSince)
  return Math.trunc(found.updatedMs / 1000) * 1000 <= since
}

/** FHIR vread: one version, current or past. */
export async function vread(
  ctx: Context,
  request: FhirRequest,
  type: string,
  id: string,
  vid: string,
): Promise<FhirAnswer> {
  const at = address(type, id)
  const subset = subsetFor(type, request.query)
  if (!/^\d{1,9}$/.test(vid)) throw problem('not-found', `${type}/${id} has no such version`)
  const [found] = await readVersions(ctx.store.database.reading, at, sql`true`, { version: Number(vid), limit: 1 })
  await auditVersions(ctx, at, 'read', found === undefined ? [] : [found])
  if (found === undefined) throw problem('not-found', `${type}/${id} has no such version`)
  if (found.change === 'delete') throw problem('gone', `${type}/${id} was deleted in this version`)
  if (isUnchanged(request, found)) return { status: 304, headers: versionHeaders(found.version, found.updatedMs) }
  const kept = { ...found, body: subset(found.body) }
  return type === 'Binary' ? binaryAnswer(ctx, request, kept) : resourceAnswer(200, kept)
}

async function absence(ctx: Context, at: Address): Promise<Error> {
  const [last] = await readVersions(ctx.store.database.reading, at, sql`true`, { limit: 1 })
  if (last?.change === 'delete') return problem('gone', `${at.type}/${at.id} was deleted`)
  return problem('not-found', `${at.type}/${at.id} is not known`)
}

async function auditVersions(
  ctx: Context,
  at: Address,
  action: 'read',
  versions: readonly { readonly person: bigint; readonly version: number }[],
): Promise<void> {
  const name = `${at.type}/${at.id}`
  const persons = [...new Set(versions.map((each) => each.person))]
  const rows = (persons.length === 0 ? [0n] : persons).map((person) => ({
    person,
    action,
    outcome: versions.length === 0 ? ('not-found' as const) : ('success' as const),
    ids:
      versions.length === 0
        ? [name]
        : versions.filter((each) => each.person === person).map((each) => `${name}/_history/${each.version}`),
    submission: submissionOf(ctx),
  }))
  await ctx.store.readAudit.write(rows, ctx.clock.now().epochMilliseconds)
}
