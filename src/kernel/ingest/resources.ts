import { createHash } from 'node:crypto'
import { compactJson, elements, members, parseJson } from '../../base/json.ts'
import { Problem } from '../../base/problem.ts'
import { rewriteReferences } from '../rest/references.ts'
import { type Draft, draftOf } from '../store/draft.ts'

/** A resource found in a file, ready to be stored, or why it cannot be. */
export type FoundResource =
  | { readonly ok: true; readonly place: string; readonly id: string; readonly draft: Draft }
  | { readonly ok: false; readonly place: string; readonly why: string }

/** Bundles that are a heap of resources. Documents and messages mean something as a whole and are stored as Bundles. */
const heaps = new Set(['transaction', 'batch', 'collection', 'searchset'])

/** All resources in a JSON text: a Bundle's entries, with their references to one another resolved, or the one it is (under `id`, if given). */
export function resourcesIn(text: string, place: string, id?: string): FoundResource[] {
  try {
    const compact = compactJson(text).text
    const parts = new Map(members(compact).map((part) => [part.key, compact.slice(part.start, part.end)]))
    if (parts.get('resourceType') !== '"Bundle"' || !heaps.has(unquoted(parts.get('type'))))
      return [single(compact, place, id)]
    parseEnvelope(compact, parts.get('entry'))
    return entriesOf(parts.get('entry') ?? '[]', place)
  } catch (error) {
    return [{ ok: false, place, why: reasonOf(error) }]
  }
}

function parseEnvelope(text: string, entries: string | undefined): void {
  parseJson(entries === undefined ? text : text.replace(entries, () => '[]'), 'The Bundle')
}

const unquoted = (text: string | undefined): string => (text ?? '""').slice(1, -1)

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Problem)) throw error
  const [issue] = error.issues
  return issue?.expression === undefined ? error.message : `${issue.expression}: ${issue.message}`
}

function single(text: string, place: string, known?: string): FoundResource {
  try {
    const draft = draftOf(text, 'The resource')
    return { ok: true, place, id: known ?? draft.id ?? contentId(text), draft }
  } catch (error) {
    return { ok: false, place, why: reasonOf(error) }
  }
}

interface Entry {
  readonly place: string
  readonly fullUrl: string
  readonly type: string
  readonly id: string
  readonly text: string
}

function entriesOf(list: string, place: string): FoundResource[] {
  const entries = elements(list, 0).map((span, index) =>
    entryOf(list.slice(span.start, span.end), `${place}, entry ${index}`),
  )
  const targets = new Map<string, string>()
  for (const { fullUrl, type, id } of entries) if (fullUrl !== '' && type !== '') targets.set(fullUrl, `${type}/${id}`)
  return entries.map((entry) => {
    if (entry.text === '') return { ok: false, place: entry.place, why: 'The entry has no resource' }
    const found = single(rewriteReferences(entry.text, targets), entry.place)
    return found.ok ? { ...found, id: entry.id } : found
  })
}

/** The id of a resource without one is made of what it says, so that the same file makes the same resource again. */
function entryOf(text: string, place: string): Entry {
  const parts = new Map(members(text).map((part) => [part.key, text.slice(part.start, part.end)]))
  const resource = parts.get('resource') ?? ''
  const inner = new Map(
    members(resource, 0, ['resourceType', 'id']).map((part) => [part.key, resource.slice(part.start, part.end)]),
  )
  const fullUrl = unquoted(parts.get('fullUrl'))
  const urn = /^urn:uuid:([0-9A-Za-z-]{1,64})$/.exec(fullUrl)?.[1]
  const rest = /\/([A-Za-z0-9\-.]{1,64})$/.exec(fullUrl)?.[1]
  const id = unquoted(inner.get('id')) || urn || rest || contentId(resource)
  return { place, fullUrl, type: unquoted(inner.get('resourceType')), id, text: resource }
}

function contentId(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}
