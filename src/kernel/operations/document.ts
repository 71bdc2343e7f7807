import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { type FhirAnswer, jsonAnswer } from '../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../rest/operation.ts'
import { givenParameters } from '../rest/parameters.ts'
import { address } from '../rest/target.ts'
import { create } from '../rest/write.ts'
import { foundIn } from '../search/include.ts'
import { relativeTarget } from '../search/reference.ts'
import type { Found } from '../search/search.ts'
import { auditReturned } from './audit-found.ts'
import { derivedUuid } from './derived-uuid.ts'
import { followGraph, graphNamed } from './document-graph.ts'
import { homeOf } from './everything/scope.ts'
import { addReferences, type Bring, readReferenced } from './referenced.ts'
import { TouchedResources } from './touched-resources.ts'

/** `$document`: a Composition with all that it is made of, as a document Bundle. */
export const document: FhirOperation = {
  name: 'document',
  definition: 'http://hl7.org/fhir/OperationDefinition/Composition-document',
  levels: ['type', 'instance'],
  types: ['Composition'],
  affectsState: false,
  run: answer,
}

async function answer(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  const declared = { id: { type: 'uri' }, persist: { type: 'boolean' }, graph: { type: 'uri' } } as const
  const given = givenParameters(invocation, declared)
  const id = invocation.id ?? compositionId(given.id)
  const found = given.graph === undefined ? await documentOf(ctx, id) : await graphOf(ctx, id, given.graph)
  await auditReturned(ctx, 'read', found, `Composition/${id}`)
  const text = documentText(ctx, invocation, found)
  if (given.persist !== true) return jsonAnswer(200, text)
  if (invocation.method !== 'POST') throw problem('invalid', 'A document is stored by POST', { status: 405 })
  return create(ctx, { ...invocation.request, query: '', body: text }, 'Bundle')
}

function compositionId(reference: string | undefined): string {
  const id = /^(?:Composition\/)?([A-Za-z0-9\-.]{1,64})$/.exec(reference ?? '')?.[1]
  if (id === undefined) throw problem('invalid', '"id" says which Composition', { expression: 'id' })
  return id
}

/** The Composition and what a GraphDefinition says belongs to it. */
async function graphOf(ctx: Context, id: string, name: string): Promise<readonly Found[]> {
  const resources = new TouchedResources(ctx)
  const graph = await graphNamed(resources, name)
  await homeOf(ctx, 'Composition', id)
  const start = await resources.read(`Composition/${id}`)
  return start === undefined ? [] : followGraph(resources, start, graph)
}

/** The Composition, what it refers to, and what that refers to in turn, of the same person or of nobody. */
async function documentOf(ctx: Context, id: string): Promise<readonly Found[]> {
  const { person } = await homeOf(ctx, 'Composition', id)
  const at = address('Composition', id)
  const rows = await ctx.store.database.read(
    sql`select r.rtype, r.person, r.id, r.ver, r.body from res r where r.rtype = ${at.rtype}::int2 and r.id = ${id} and ${visible(ctx.actor, person)}`,
  )
  const found = rows.map(foundIn)
  const bring: Bring = {
    personal: sql`(r.person = 0 or (r.person = ${person}::int8 and r.author <> 'Linchpin' and ${visible(ctx.actor, person)}))`,
    wanted: sql`true`,
  }
  for (let hop = 0; hop < mostHops; hop += 1) {
    const known = new Set(found.map((each) => `${each.type}/${each.id}`))
    const names = new Set<string>()
    for (const each of found) addReferences(each.body, names)
    const brought = await readReferenced(ctx.store.database.reading, names, known, bring)
    if (hop === 0) refuseGaps(names, known, brought)
    if (brought.length === 0) break
    found.push(...brought)
  }
  return found
}

const mostHops = 3

/** A document that lacks something it speaks of is not the document that was signed. */
function refuseGaps(names: ReadonlySet<string>, known: ReadonlySet<string>, brought: readonly Found[]): void {
  const here = new Set([...known, ...brought.map((each) => `${each.type}/${each.id}`)])
  const gap = [...names].find((name) => relativeTarget(name) !== undefined && !here.has(name))
  if (gap !== undefined)
    throw problem('rule', `The document cannot be put together: ${gap} is not known`, { expression: 'Composition' })
}

function documentText(ctx: Context, { request }: Invocation, found: readonly Found[]): string {
  const versions = found.map((each) => `${each.type}/${each.id}/${each.version}`).join(' ')
  const head = JSON.stringify({
    resourceType: 'Bundle',
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${derivedUuid(versions)}` },
    type: 'document',
    timestamp: ctx.clock.now().toString({ smallestUnit: 'millisecond' }),
  })
  const entries = found.map((each) => `{"fullUrl":"${request.base}/${each.type}/${each.id}","resource":${each.body}}`)
  return `${head.slice(0, -1)},"entry":[${entries.join(',')}]}`
}
