import type { Coding, Meta } from 'fhir/r4.js'
import { isObject, members, parseJson } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import { join, type Sql, sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { visible } from '../access/visible.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { FhirAnswer } from '../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../rest/operation.ts'
import { givenParameters, parametersAnswer } from '../rest/parameters.ts'
import { address } from '../rest/target.ts'
import { isPersonScoped } from '../search/home.ts'
import { draftOf } from '../store/draft.ts'
import { readVersions, type Version } from '../store/history.ts'
import { LockSet } from '../store/locks.ts'
import { nameOf, type Operation } from '../store/operation.ts'
import { auditReturned } from './audit-found.ts'

const definition = (name: string): string => `http://hl7.org/fhir/OperationDefinition/Resource-${name}`

/** `$meta`, `$meta-add` and `$meta-delete`: the profiles, tags and security labels of a resource, or in use. */
export const metaOperations: readonly FhirOperation[] = [
  {
    name: 'meta',
    definition: definition('meta'),
    levels: ['system', 'type', 'instance'],
    affectsState: false,
    run: async (ctx, invocation) => {
      givenParameters(invocation, {})
      const { type, id } = invocation
      const meta = type !== undefined && id !== undefined ? await metaOf(ctx, type, id) : await metaInUse(ctx, type)
      return metaAnswer(meta)
    },
  },
  {
    name: 'meta-add',
    definition: definition('meta-add'),
    levels: ['instance'],
    affectsState: true,
    run: (ctx, invocation) => change(ctx, invocation, added),
  },
  {
    name: 'meta-delete',
    definition: definition('meta-delete'),
    levels: ['instance'],
    affectsState: true,
    run: (ctx, invocation) => change(ctx, invocation, removed),
  },
]

const metaAnswer = (meta: Meta): FhirAnswer => parametersAnswer([{ name: 'return', valueMeta: meta }])

async function metaOf(ctx: Context, type: string, id: string): Promise<Meta> {
  const current = await currentOf(ctx, ctx.store.database.reading, type, id)
  await auditReturned(ctx, 'read', [{ person: current.person, type, id }], `${type}/${id}`)
  return metaIn(current.body)
}

async function currentOf(
  ctx: Context,
  connection: Parameters<typeof readVersions>[0],
  type: string,
  id: string,
): Promise<Version> {
  const [current] = await readVersions(connection, address(type, id), visible(ctx.actor), { limit: 1 })
  if (current === undefined) {
    await auditReturned(ctx, 'read', [], `${type}/${id}`)
    throw problem('not-found', `${type}/${id} is not known`)
  }
  if (current.change === 'delete') throw problem('gone', `${type}/${id} was deleted`)
  return current
}

function metaIn(body: string): Meta {
  const span = members(body, 0, ['meta']).find((member) => member.key === 'meta')
  const meta = span === undefined ? {} : parseJson(body.slice(span.start, span.end), 'A stored resource')
  return isObject(meta) ? meta : {}
}

/** What is in use, of a type or of all: without versions and times, which belong to single resources. */
async function metaInUse(ctx: Context, type: string | undefined): Promise<Meta> {
  const tables: readonly ('res' | 'shared')[] =
    type === undefined ? ['res', 'shared'] : [isPersonScoped(type) ? 'res' : 'shared']
  const ofType = type === undefined ? sql`true` : sql`r.rtype = ${typeNumber(type) ?? 0}::int2`
  // The store writes version and time first; most resources have nothing else in their meta, and are not parsed.
  const select = (table: Sql): Sql =>
    sql`select (r.body::jsonb -> 'meta') - 'versionId' - 'lastUpdated' - 'source' as meta from ${table} r
        where ${ofType} and ${visible(ctx.actor)} and r.body !~ '"meta":\\{"versionId":"[0-9]+","lastUpdated":"[^"]+"\\}'`
  const selects = tables.map((table) => select(table === 'res' ? sql`res` : sql`shared`))
  const rows = await ctx.store.database.search(sql`select distinct meta from (${join(selects, ' union all ')}) m`)
  await auditReturned(ctx, 'search', [], type ?? 'Resource')
  const metas = rows.map((row) => row['meta']).filter(isObject)
  return metas.reduce<Meta>((all, each) => added(all, each as Meta), {})
}

const sameCoding =
  (a: Coding) =>
  (b: Coding): boolean =>
    a.system === b.system && a.code === b.code

const union = (all: readonly Coding[] = [], more: readonly Coding[] = []): Coding[] => [
  ...all,
  ...more.filter((each) => !all.some(sameCoding(each))),
]

const without = (all: readonly Coding[] = [], fewer: readonly Coding[] = []): Coding[] =>
  all.filter((each) => !fewer.some(sameCoding(each)))

/** R4 meta-add: what is there already is not added again. */
const added = (meta: Meta, more: Meta): Meta =>
  withLists(meta, {
    profile: [...new Set([...(meta.profile ?? []), ...(more.profile ?? [])])],
    security: union(meta.security, more.security),
    tag: union(meta.tag, more.tag),
  })

/** R4 meta-delete: "labels are identified by the system and code"; what is not there is no error. */
const removed = (meta: Meta, fewer: Meta): Meta =>
  withLists(meta, {
    profile: (meta.profile ?? []).filter((each) => fewer.profile?.includes(each) !== true),
    security: without(meta.security, fewer.security),
    tag: without(meta.tag, fewer.tag),
  })

function withLists(meta: Meta, lists: Required<Pick<Meta, 'profile' | 'security' | 'tag'>>): Meta {
  const { profile: _profile, security: _security, tag: _tag, ...rest } = meta
  return { ...rest, ...Object.fromEntries(Object.entries(lists).filter(([, list]) => (list ?? []).length > 0)) }
}

/**
 * Changes the meta of a resource and not a byte of the rest. R4 lets labels change without a new version; here it is one,
 * so that its entity tag, its history and the feed tell of it.
 */
async function change(
  ctx: Context,
  invocation: Invocation,
  made: (meta: Meta, given: Meta) => Meta,
): Promise<FhirAnswer> {
  const { meta: given } = givenParameters(invocation, { meta: { type: 'Meta', required: true } })
  const { type = '', id = '' } = invocation
  const at = address(type, id)
  return ctx.store.writer.transaction(async (connection) => {
    const locks = new LockSet()
    locks.change(nameOf(type, id))
    await locks.take(connection)
    const current = await currentOf(ctx, connection, type, id)
    const meta = made(metaIn(current.body), given)
    const draft = draftOf(withMeta(current.body, meta))
    const operation: Operation = {
      action: 'update',
      type,
      rtype: at.rtype,
      id,
      draft,
      newId: false,
      submission: submissionOf(ctx),
    }
    return {
      operations: [operation],
      finish: async (_, [outcome]) => {
        const body = outcome?.kind === 'updated' || outcome?.kind === 'unchanged' ? outcome.body : current.body
        return () => metaAnswer(metaIn(body))
      },
    }
  })
}

function withMeta(body: string, meta: Meta): string {
  const span = members(body, 0, ['meta']).find((member) => member.key === 'meta')
  if (span === undefined) throw problem('fault', 'A stored resource has no meta')
  return `${body.slice(0, span.start)}${JSON.stringify(meta)}${body.slice(span.end)}`
}
