import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { isPersonScoped } from '../search/home.ts'
import { readVersions } from '../store/history.ts'
import { readShared } from '../store/reader.ts'
import { type FhirAnswer, type FhirRequest, jsonAnswer, resourceAnswer, versionHeaders, versionOf } from './exchange.ts'
import { type Address, address } from './target.ts'

/** FHIR read: the current version as stored, byte for byte. 410 when it was deleted. */
export async function read(ctx: Context, request: FhirRequest, type: string, id: string): Promise<FhirAnswer> {
  const at = address(type, id)
  const found = isPersonScoped(type)
    ? await ctx.store.systemReader.read(at.type, at.rtype, at.id, submissionOf(ctx))
    : await readShared(ctx.store.database, at.rtype, at.id)
  if (found === undefined) throw await absence(ctx, at)
  if (versionOf(request.ifNoneMatch, 'If-None-Match') === found.version)
    return { status: 304, headers: versionHeaders(found.version, found.updatedMs) }
  return resourceAnswer(200, found)
}

/** FHIR vread: one version, current or past. */
export async function vread(ctx: Context, _: FhirRequest, type: string, id: string, vid: string): Promise<FhirAnswer> {
  const at = address(type, id)
  if (!/^\d{1,9}$/.test(vid)) throw problem('not-found', `${type}/${id} has no such version`)
  const [found] = await readVersions(ctx.store.database.reading, at, sql`true`, { version: Number(vid), limit: 1 })
  await auditVersions(ctx, at, 'read', found === undefined ? [] : [found])
  if (found === undefined) throw problem('not-found', `${type}/${id} has no such version`)
  if (found.change === 'delete') throw problem('gone', `${type}/${id} was deleted in this version`)
  return resourceAnswer(200, found)
}

const mostVersions = 1000

/** FHIR history of one resource, newest first; `_count` and the `next` link page through it. */
export async function history(ctx: Context, request: FhirRequest, type: string, id: string): Promise<FhirAnswer> {
  const at = address(type, id)
  const query = new URLSearchParams(request.query)
  const limit = boundedCount(query.get('_count'), 50, mostVersions)
  const before = query.get('_before')
  const versions = await readVersions(ctx.store.database.reading, at, sql`true`, {
    limit: limit + 1,
    ...(before === null ? {} : { before: boundedCount(before, 1, 2_000_000_000) }),
  })
  await auditVersions(ctx, at, 'history', versions.slice(0, limit))
  if (versions.length === 0) throw problem('not-found', `${type}/${id} is not known`)
  const self = `${request.base}/${type}/${id}`
  const entries = versions.slice(0, limit).map((each) => {
    const method = { create: 'POST', update: 'PUT', delete: 'DELETE', rehome: 'PUT' }[each.change]
    const headers = versionHeaders(each.version, each.updatedMs)
    const response = {
      status: each.change === 'create' ? '201' : each.change === 'delete' ? '204' : '200',
      etag: headers['etag'],
    }
    const resource = each.change === 'delete' ? '' : `"resource":${each.body},`
    const made = { method, url: each.change === 'create' ? type : `${type}/${id}` }
    return `{"fullUrl":"${self}",${resource}"request":${JSON.stringify(made)},"response":${JSON.stringify(response)}}`
  })
  const links = [{ relation: 'self', url: `${self}/_history${request.query === '' ? '' : `?${request.query}`}` }]
  const last = versions[limit - 1]
  if (versions.length > limit && last !== undefined)
    links.push({ relation: 'next', url: `${self}/_history?_count=${limit}&_before=${last.version}` })
  return jsonAnswer(
    200,
    `{"resourceType":"Bundle","type":"history","link":${JSON.stringify(links)},"entry":[${entries.join(',')}]}`,
  )
}

/** A count in a URL: a whole number from 1, cut to what the server allows. */
function boundedCount(value: string | null, usual: number, most: number): number {
  if (value === null) return usual
  if (!/^\d{1,10}$/.test(value)) throw problem('invalid', 'A count must be a whole number', { expression: '_count' })
  return Math.min(Math.max(Number(value), 1), most)
}

async function absence(ctx: Context, at: Address): Promise<Error> {
  const [last] = await readVersions(ctx.store.database.reading, at, sql`true`, { limit: 1 })
  if (last?.change === 'delete') return problem('gone', `${at.type}/${at.id} was deleted`)
  return problem('not-found', `${at.type}/${at.id} is not known`)
}

async function auditVersions(
  ctx: Context,
  at: Address,
  action: 'read' | 'history',
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
