import { problem } from '../../../base/problem.ts'
import type { Context } from '../../access/context.ts'
import type { Invocation } from '../../rest/operation.ts'
import { address } from '../../rest/target.ts'
import { readShared } from '../../store/reader.ts'
import type { CodeSource } from '../code-source.ts'

/** The code system that a call names, by its URL or as the resource it is made on. */
export async function askedSystem(
  ctx: Context,
  { level, id = '' }: Invocation,
  system: string | undefined,
  version: string | undefined,
): Promise<CodeSource> {
  await ctx.store.terminology.refresh()
  const url = level === 'instance' ? await urlOf(ctx, id) : system
  if (url === undefined) throw problem('invalid', 'Say which code system is meant', { expression: 'system' })
  const found = await ctx.store.terminology.sources.find(url, version)
  if (found !== undefined) return found
  const message = await ctx.store.terminology.sources.whyMissing(url, version)
  throw problem('not-found', message, { expression: 'system' })
}

async function urlOf(ctx: Context, id: string): Promise<string> {
  const stored = await readShared(ctx.store.database, address('CodeSystem', id).rtype, id)
  if (stored === undefined) throw problem('not-found', `CodeSystem/${id} is not known`)
  const { url } = JSON.parse(stored.body) as { readonly url?: string }
  if (url === undefined) throw problem('rule', `CodeSystem/${id} has no url`, { expression: 'CodeSystem.url' })
  return url
}

/** A code that its system does not have. */
export const noSuchCode = (source: CodeSource, code: string): Error =>
  problem('not-found', `${source.url} has no code "${code.slice(0, 100)}"`, { expression: 'code' })
