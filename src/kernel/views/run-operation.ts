import { problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { groupMembers, mustBeGroup } from '../bulk/listing.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { auditReturned } from '../operations/audit-found.ts'
import { scopeOf } from '../operations/everything/scope.ts'
import type { FhirAnswer } from '../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../rest/operation.ts'
import { type Given, givenParameters } from '../rest/parameters.ts'
import { readHomes } from '../store/current.ts'
import { type CompiledView, compileView } from './compile-view.ts'
import { type FoundView, referencedView, storedView } from './find-view.ts'
import { contentTypes, type RowFormat, rowFormat, rowText } from './output.ts'
import { evaluated, type RowBatch, type RunFilter, runLive, runOnDemand } from './run-view.ts'

const parameters = {
  viewReference: { type: 'Reference' },
  viewResource: { type: 'AnyResource' },
  patient: { type: 'Reference' },
  group: { type: 'Reference' },
  resource: { type: 'AnyResource', many: true },
  _since: { type: 'instant' },
  _limit: { type: 'positiveInt' },
  _format: { type: 'code' },
  header: { type: 'boolean' },
} as const

/** `$viewdefinition-run` of SQL on FHIR: the rows of a view, stored or sent along, at once. */
export const runViewDefinition: FhirOperation = {
  name: 'viewdefinition-run',
  definition: 'http://sql-on-fhir.org/OperationDefinition/$viewdefinition-run',
  levels: ['system', 'type', 'instance'],
  types: ['ViewDefinition'],
  affectsState: false,
  run,
}

async function run(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  const given = givenParameters(referencesInQuery(invocation), parameters)
  const format = rowFormat(
    given._format ?? new URLSearchParams(invocation.request.query).get('_format') ?? undefined,
    invocation.request.accept,
  )
  const found = await viewOf(ctx, invocation, given)
  return answerOf(
    found.view,
    audited(ctx, found.view, await batchesOf(ctx, found, given)),
    format,
    given.header !== false,
  )
}

/** A run for whoever is no caller of the API: over all that the actor may see, audited in the same way. */
export const runView = (
  ctx: Context,
  { view, live }: FoundView,
  format: RowFormat,
  limit?: number,
): Promise<FhirAnswer> => {
  const filter = { visible: visible(ctx.actor), ...(limit === undefined ? {} : { limit }) }
  const { database } = ctx.store
  const batches = live === undefined ? runOnDemand(database, view, filter) : runLive(database, live, filter)
  return answerOf(view, audited(ctx, view, batches), format, true)
}

/** In a query string a reference is its text. */
function referencesInQuery(invocation: Invocation): Invocation {
  const query = new URLSearchParams(invocation.request.query)
  const named = ['viewReference', 'patient', 'group'].flatMap((name) =>
    query.getAll(name).map((reference) => ({ name, valueReference: { reference } })),
  )
  if (named.length === 0) return invocation
  for (const { name } of named) query.delete(name)
  const { request } = invocation
  if (request.body !== '') throw problem('invalid', `Send ${named[0]?.name} with the other parameters, in the body`)
  const body = JSON.stringify({ resourceType: 'Parameters', parameter: named })
  return { ...invocation, request: { ...request, query: query.toString(), body } }
}

async function viewOf(ctx: Context, { id }: Invocation, given: Given<typeof parameters>): Promise<FoundView> {
  const { viewReference, viewResource } = given
  const ways = [id, viewReference, viewResource].filter((each) => each !== undefined)
  if (ways.length !== 1)
    throw problem('invalid', 'Name the view by viewReference, or send it as viewResource: one of them', {
      expression: 'viewReference',
    })
  if (id !== undefined) return storedView(ctx.store.database, id)
  if (viewResource !== undefined) return { view: compileView(viewResource.resource) }
  if (viewReference?.reference === undefined)
    throw problem('invalid', 'A reference to a ViewDefinition is needed', { expression: 'viewReference' })
  return referencedView(ctx.store.database, viewReference.reference)
}

async function batchesOf(
  ctx: Context,
  { view, live }: FoundView,
  given: Given<typeof parameters>,
): Promise<AsyncIterable<RowBatch>> {
  if (given.resource.length > 0) {
    const other = (['patient', 'group', '_since'] as const).find((name) => given[name] !== undefined)
    if (other !== undefined)
      throw problem('invalid', `${other} chooses from what is stored, and says nothing of resources that are sent`, {
        expression: other,
      })
    return overSent(view, given)
  }
  const filter = await filterOf(ctx, given)
  return live === undefined ? runOnDemand(ctx.store.database, view, filter) : runLive(ctx.store.database, live, filter)
}

/** Rows of resources that were sent along: nothing is looked up, and whose they are is not known. */
async function* overSent(view: CompiledView, { resource, _limit }: Given<typeof parameters>): AsyncGenerator<RowBatch> {
  const ofType = resource.filter((each) => each.resource.resourceType === view.definition.resource)
  const rows = ofType.flatMap((each) => evaluated(view, each.resource))
  yield { rows: rows.slice(0, _limit), sources: [] }
}

/** What a run is over, and what of it the caller may see. */
async function filterOf(
  ctx: Context,
  { patient, group, _since, _limit }: Given<typeof parameters>,
): Promise<RunFilter> {
  if (patient !== undefined && group !== undefined)
    throw problem('invalid', 'Name a patient or a group, not both', { expression: 'group' })
  const limits = {
    ...(_since === undefined ? {} : { sinceMs: Temporal.Instant.from(_since).epochMilliseconds }),
    ...(_limit === undefined ? {} : { limit: _limit }),
  }
  if (patient !== undefined) {
    const { person, rows } = await scopeOf(ctx, 'Patient', idOf('Patient', patient.reference, 'patient'))
    return { visible: visible(ctx.actor, person), persons: [person], about: rows, ...limits }
  }
  if (group !== undefined)
    return {
      visible: visible(ctx.actor),
      persons: await personsOf(ctx, idOf('Group', group.reference, 'group')),
      ...limits,
    }
  return { visible: visible(ctx.actor), ...limits }
}

function idOf(type: string, reference: string | undefined, expression: string): string {
  const [, named, id] = /^(?:([A-Z][A-Za-z]+)\/)?([A-Za-z0-9\-.]{1,64})$/.exec(reference ?? '') ?? []
  if (id === undefined || (named !== undefined && named !== type))
    throw problem('invalid', `This must be a reference to a ${type}`, { expression })
  return id
}

async function personsOf(ctx: Context, group: string): Promise<bigint[]> {
  const { reading } = ctx.store.database
  await mustBeGroup(reading, group)
  const members = await groupMembers(reading, group)
  const rtype = typeNumber('Patient') ?? 0
  const homes = await ctx.store.database.transaction((connection) =>
    readHomes(
      connection,
      [...members].map((id) => ({ rtype, id })),
    ),
  )
  return [...new Set([...homes.values()].map(({ person }) => person))].filter((person) => person !== 0n)
}

/** Audits each batch before anybody sees it; a run without rows is audited as well. */
export async function* audited(
  ctx: Context,
  view: CompiledView,
  batches: AsyncIterable<RowBatch>,
): AsyncGenerator<RowBatch> {
  const { resource: type, name, id } = view.definition
  const asked = `ViewDefinition/${id ?? (name || '$viewdefinition-run')}`
  let any = false
  for await (const batch of batches) {
    await auditReturned(
      ctx,
      'search',
      batch.sources.map((each) => ({ ...each, type })),
      asked,
    )
    any = true
    yield batch
  }
  if (!any) await auditReturned(ctx, 'search', [], asked)
}

/** Rows up to which an answer is made whole before it is sent: what goes wrong in them is told properly. */
const wholeRows = 20_000

async function answerOf(
  view: CompiledView,
  batches: AsyncGenerator<RowBatch>,
  format: RowFormat,
  header: boolean,
): Promise<FhirAnswer> {
  const headers = { 'content-type': contentTypes[format], 'cache-control': 'no-store' }
  if (format === 'parquet') {
    // Loaded when it is first asked for: 70 MB that most processes never need.
    const { parquetBytes } = await import('./parquet.ts')
    return { status: 200, headers, bytes: await parquetBytes(view.columns, batches, { view: view.definition.name }) }
  }
  const text = rowText(format, view.columns, header)
  let written = text.start
  let rows = 0
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    written += text.piece(next.value.rows, rows === 0)
    rows += next.value.rows.length
    if (rows < wholeRows) continue
    return { status: 200, headers, bytes: streamed(written, text, batches) }
  }
  return { status: 200, headers, body: written + text.end }
}

async function* streamed(
  written: string,
  text: ReturnType<typeof rowText>,
  batches: AsyncIterable<RowBatch>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(written)
  for await (const { rows } of batches) yield Buffer.from(text.piece(rows, false))
  yield Buffer.from(text.end)
}
