import { newId } from '../../base/id.ts'
import { Problem, problem } from '../../base/problem.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { Operation } from '../store/operation.ts'
import type { BundleEntry } from './bundle-entries.ts'
import { type Criteria, criteriaName } from './criteria.ts'
import { conditionalReferences } from './references.ts'
import { typeInUrl } from './target.ts'

/** What one entry turns into once its id is known. */
export interface PlannedEntry {
  readonly entry: BundleEntry
  readonly type: string
  /** Empty for an entry that names no single resource: a search, or a conditional delete. */
  readonly id: string
  /** Absent when nothing is written: a read, or a conditional create that found its resource. */
  readonly action?: Operation['action'] | 'patch'
  readonly newId: boolean
  /** What a conditional delete found. */
  readonly ids?: readonly string[]
  /** Carried out by itself once all is stored: searches, histories, operations that only look. */
  readonly after?: boolean
}

/** Which resource each condition means; undefined for none. */
export type Found = ReadonlyMap<string, string | undefined>

/** Puts the entry's place before whatever is wrong with it. */
export function inPlace<T>(entry: BundleEntry, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw placedIn(entry, error)
  }
}

/** A problem with the place of its entry. */
export function placedIn(entry: BundleEntry, error: unknown): unknown {
  if (!(error instanceof Problem)) return error
  const place = `Bundle.entry[${entry.index}]`
  const issues = error.issues.map((issue) => ({ ...issue, expression: placed(place, issue.expression) }))
  return problem(error.kind, error.message, { cause: error, issues, ...statusOf(error) })
}

const kept = [405, 412, 413, 415] as const
function statusOf(error: Problem): { status: (typeof kept)[number] } | object {
  const status = kept.find((each) => each === error.status)
  return status === undefined ? {} : { status }
}

const placed = (place: string, expression: string | undefined): string => {
  if (expression?.startsWith('Bundle.entry')) return expression
  // An expression begins with the type of the resource, which its place in the Bundle does not repeat.
  return expression === undefined ? place : `${place}.resource.${expression.replace(/^[A-Z]\w*[./]/, '')}`
}

/** `Type`, `Type/id` or `Type?criteria` of an entry's request. */
function partsOf(entry: BundleEntry): { readonly type: string; readonly id: string; readonly query: string } {
  const [path = '', query = ''] = entry.url.split(/\?(.*)/s)
  const [type = '', id = '', ...more] = path.split('/')
  if (more.length > 0 || typeNumber(type) === undefined)
    throw problem('invalid', `The url "${entry.url.slice(0, 80)}" is not of the form Type, Type/id or Type?criteria`)
  return { type, id, query }
}

const looks = (entry: BundleEntry): boolean => entry.method === 'GET' || entry.method === 'HEAD'

/** What the deletes of a transaction are to find before anything else is looked for. */
export function deleteCriteria(entry: BundleEntry): Criteria[] {
  return inPlace(entry, () => {
    if (entry.method !== 'DELETE') return []
    const { type, id, query } = partsOf(entry)
    return id === '' ? [{ type, query }] : []
  })
}

/** Conditions of an entry that decide which resource it writes. */
export function writeCriteria(entry: BundleEntry): Criteria[] {
  return inPlace(entry, () => {
    if (looks(entry) || entry.method === 'DELETE') return []
    const { type, id, query } = partsOf(entry)
    if (entry.method !== 'POST') return id === '' ? [{ type, query }] : []
    return entry.ifNoneExist === undefined ? [] : [{ type, query: entry.ifNoneExist.replace(/^[^?]*\?/, '') }]
  })
}

/** Conditions that the references of an entry name their targets by. */
export function referenceCriteria(entry: BundleEntry): Criteria[] {
  return inPlace(entry, () =>
    conditionalReferences(entry.resource).map((reference) => {
      const [type = '', ...rest] = reference.split('?')
      typeInUrl(type)
      return { type, query: rest.join('?') }
    }),
  )
}

/** Plans every entry: which resource it is about, and what happens to it. */
export function planEntries(
  entries: readonly BundleEntry[],
  found: Found,
  deleted: ReadonlyMap<string, readonly string[]>,
  key: bigint,
): readonly PlannedEntry[] {
  // A condition that found nothing finds what an entry before it is going to create.
  const known = new Map(found)
  return entries.map((entry) => inPlace(entry, () => planEntry(entry, known, deleted, key)))
}

function planEntry(
  entry: BundleEntry,
  found: Map<string, string | undefined>,
  deleted: ReadonlyMap<string, readonly string[]>,
  key: bigint,
): PlannedEntry {
  if (looks(entry)) return planLook(entry)
  const { type, id, query } = partsOf(entry)
  const [criteria] = writeCriteria(entry)
  const name = criteria === undefined ? '' : criteriaName(criteria)
  const existing = found.get(name)
  const created = (): PlannedEntry => {
    const made = newId(key)
    if (name !== '') found.set(name, made)
    return { entry, type, id: made, action: 'create', newId: true }
  }
  switch (entry.method) {
    case 'DELETE': {
      if (id !== '') return { entry, type, id: checkedId(entry, id), action: 'delete', newId: false }
      return {
        entry,
        type,
        id: '',
        ids: deleted.get(criteriaName({ type, query })) ?? [],
        action: 'delete',
        newId: false,
      }
    }
    case 'PUT':
      if (id !== '') return { entry, type, id: checkedId(entry, id), action: 'update', newId: false }
      return existing === undefined ? created() : { entry, type, id: existing, action: 'update', newId: false }
    case 'PATCH':
      if (id === '' && existing === undefined) throw problem('not-found', `No ${type} matches the criteria`)
      return { entry, type, id: existing ?? checkedId(entry, id), action: 'patch', newId: false }
    default:
      if (id !== '') throw problem('invalid', 'POST in a transaction needs a url of the form Type')
      return existing === undefined ? created() : { entry, type, id: existing, newId: false }
  }
}

function planLook(entry: BundleEntry): PlannedEntry {
  const single = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/.exec(entry.url)
  const [, type = '', id = ''] = single ?? []
  const plain = single !== null && entry.ifNoneMatch === undefined && entry.ifModifiedSince === undefined
  if (!plain) return { entry, type: '', id: '', newId: false, after: true }
  typeInUrl(type)
  return { entry, type, id, newId: false }
}

function checkedId(entry: BundleEntry, id: string): string {
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return id
  throw problem('invalid', `${entry.method} in a transaction needs a url of the form Type/id`)
}

/** FHIR R4 http, transaction rules: the resources that are written must not overlap. */
export function refuseTwice(planned: readonly PlannedEntry[]): void {
  const seen = new Set<string>()
  for (const { entry, type, id, ids, action } of planned) {
    if (action === undefined) continue
    for (const each of ids ?? [id]) {
      if (seen.has(`${type}/${each}`))
        throw problem('invalid', `${type}/${each} is written twice in one transaction`, {
          expression: `Bundle.entry[${entry.index}]`,
        })
      seen.add(`${type}/${each}`)
    }
  }
}

/** Where every reference inside the Bundle leads: by full URL and, for REST full URLs, by `Type/id`. */
export function targetsOf(planned: readonly PlannedEntry[], found: Found): Map<string, string> {
  const targets = new Map<string, string>()
  for (const { entry, type, id } of planned) {
    if (entry.fullUrl === '' || id === '' || looks(entry)) continue
    const target = `${type}/${id}`
    if (targets.has(entry.fullUrl) && targets.get(entry.fullUrl) !== target)
      throw problem('invalid', 'Two entries have the same fullUrl', {
        expression: `Bundle.entry[${entry.index}].fullUrl`,
      })
    targets.set(entry.fullUrl, target)
    const relative = /\/([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})$/.exec(entry.fullUrl)?.[1]
    if (relative !== undefined) targets.set(relative, target)
  }
  addFound(targets, found)
  return targets
}

/** Adds what conditional references mean. */
export function addFound(targets: Map<string, string>, found: Found): void {
  for (const [name, id] of found)
    if (id !== undefined && !targets.has(name)) targets.set(name, `${name.split('?')[0]}/${id}`)
}
