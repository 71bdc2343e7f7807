import type { ValueSet } from 'fhir/r4.js'
import { problem } from '../../../base/problem.ts'
import type { Context } from '../../access/context.ts'
import type { Invocation } from '../../rest/operation.ts'
import type { Declarations, GivenResource } from '../../rest/parameters.ts'
import { address } from '../../rest/target.ts'
import { readShared } from '../../store/reader.ts'
import { splitCanonical } from '../catalogue.ts'
import type { Versions } from '../compose.ts'
import { coreIndex } from '../core.ts'
import type { Composed } from '../engine.ts'

/** The parameters by which `$expand` and `$validate-code` are told which value set is meant. */
export const valueSetParameters = {
  url: { type: 'uri' },
  valueSet: { type: 'AnyResource' },
  valueSetVersion: { type: 'string' },
  context: { type: 'uri' },
  contextDirection: { type: 'code' },
  'system-version': { type: 'canonical', many: true },
  'check-system-version': { type: 'canonical', many: true },
  'force-system-version': { type: 'canonical', many: true },
} as const satisfies Declarations

/** Those parameters, decoded. */
export interface AskedValueSet {
  readonly url: string | undefined
  readonly valueSet: GivenResource | undefined
  readonly valueSetVersion: string | undefined
  readonly context: string | undefined
  readonly contextDirection: string | undefined
  readonly 'system-version': readonly string[]
  readonly 'check-system-version': readonly string[]
  readonly 'force-system-version': readonly string[]
}

/** The value set that a call means, and what it holds. */
export async function askedValueSet(ctx: Context, invocation: Invocation, asked: AskedValueSet): Promise<Composed> {
  const { terminology } = ctx.store
  const versions = versionsOf(asked)
  const canonical = canonicalOf(asked)
  const plain = versions.standard.size === 0 && versions.forced.size === 0
  const composed =
    canonical !== undefined && plain
      ? await terminology.composed(canonical)
      : await composedWith(ctx, await resourceOf(ctx, invocation, asked, canonical), versions)
  checkVersions(composed, asked['check-system-version'])
  return composed
}

async function composedWith(ctx: Context, valueSet: ValueSet, versions: Versions): Promise<Composed> {
  await ctx.store.terminology.refresh()
  return { valueSet, ...(await ctx.store.terminology.composer.compose(valueSet, versions)) }
}

async function resourceOf(
  ctx: Context,
  invocation: Invocation,
  asked: AskedValueSet,
  canonical: string | undefined,
): Promise<ValueSet> {
  if (invocation.level === 'instance') return storedValueSet(ctx, invocation.id ?? '')
  if (asked.valueSet !== undefined) return valueSetOf(asked.valueSet.resource, 'valueSet')
  if (canonical === undefined)
    throw problem('invalid', 'Say which value set is meant: by url, valueSet or context', { expression: 'url' })
  await ctx.store.terminology.refresh()
  const found = await ctx.store.terminology.composer.valueSet(canonical)
  if (found === undefined) throw problem('not-found', `The value set ${canonical.slice(0, 300)} is not here`)
  return found
}

async function storedValueSet(ctx: Context, id: string): Promise<ValueSet> {
  const stored = await readShared(ctx.store.database, address('ValueSet', id).rtype, id)
  if (stored === undefined) throw problem('not-found', `ValueSet/${id} is not known`)
  return valueSetOf(JSON.parse(stored.body), 'ValueSet')
}

function valueSetOf(resource: unknown, expression: string): ValueSet {
  const found = resource as ValueSet
  if (found.resourceType !== 'ValueSet') throw problem('invalid', 'This must be a ValueSet', { expression })
  if (found.compose !== undefined && !Array.isArray(found.compose.include))
    throw problem('invalid', 'ValueSet.compose needs an include', { expression: `${expression}.compose.include` })
  return found
}

/** The canonical that a call names; undefined where it sends or addresses the value set itself. */
function canonicalOf({ url, valueSet, valueSetVersion, context, contextDirection }: AskedValueSet): string | undefined {
  if (valueSet !== undefined) return undefined
  if (url !== undefined) return valueSetVersion === undefined ? url : `${splitCanonical(url).url}|${valueSetVersion}`
  if (context === undefined) return undefined
  if (contextDirection !== undefined && contextDirection !== 'incoming' && contextDirection !== 'outgoing')
    throw problem('invalid', 'A direction is incoming or outgoing', { expression: 'contextDirection' })
  // `Patient.gender`, or with the definition before it: `http://hl7.org/fhir/StructureDefinition/Patient#Patient.gender`.
  const path = context.slice(context.lastIndexOf('#') + 1)
  const { bindings } = coreIndex()
  const bound = Object.hasOwn(bindings, path) ? bindings[path] : undefined
  if (bound !== undefined) return bound
  throw problem('rule', `${context.slice(0, 200)} is no coded element of FHIR R4 that has a value set`, {
    expression: 'context',
  })
}

function versionsOf(asked: AskedValueSet): Versions {
  return { standard: byUrl(asked['system-version']), forced: byUrl(asked['force-system-version']) }
}

const byUrl = (canonicals: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    canonicals.map((canonical) => {
      const { url, version } = splitCanonical(canonical)
      if (version === undefined)
        throw problem(
          'invalid',
          `A version of a code system is sent as system|version, not "${canonical.slice(0, 200)}"`,
        )
      return [url, version]
    }),
  )

function checkVersions({ systems }: Composed, checks: readonly string[]): void {
  for (const [url, version] of byUrl(checks)) {
    const used = [...systems].find((each) => each.startsWith(`${url}|`))
    if (used !== undefined && used !== `${url}|${version}` && !used.startsWith(`${url}|${version}/version/`))
      throw problem('rule', `The value set uses ${used}, not version ${version}`, {
        expression: 'check-system-version',
      })
  }
}
