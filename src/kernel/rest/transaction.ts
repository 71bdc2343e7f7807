import { randomUUID } from 'node:crypto'
import { newId, personKey } from '../../base/id.ts'
import { Problem, problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { Connection } from '../store/database.ts'
import { draftOf } from '../store/draft.ts'
import type { Operation, Outcome } from '../store/operation.ts'
import { readEntries, transactionAnswer } from './bundle-answer.ts'
import type { BundleEntry } from './bundle-entries.ts'
import { type Criteria, criteriaName, resolveCriteria } from './criteria.ts'
import { type FhirAnswer, type FhirRequest, versionOf } from './exchange.ts'
import { bundleHint } from './home-hint.ts'
import { conditionalReferences, danglingUrns, rewriteReferences } from './references.ts'
import { typeInUrl } from './target.ts'
import { refuseGolden } from './write.ts'

/** What one entry turns into once its id is known. */
export interface PlannedEntry {
  readonly entry: BundleEntry
  readonly type: string
  readonly id: string
  /** Absent when nothing is written: a read, or a conditional create that found its resource. */
  readonly action?: Operation['action']
  readonly newId: boolean
}

type Found = ReadonlyMap<string, string | undefined>

/** FHIR transaction: all entries or none, in one database transaction; the answer is built after the commit. */
export async function transaction(
  ctx: Context,
  request: FhirRequest,
  entries: readonly BundleEntry[],
): Promise<FhirAnswer> {
  return ctx.store.writer.transaction(async (connection) => {
    const found = await resolveCriteria(connection, entries.flatMap(criteriaOf))
    const person = randomUUID()
    const bringsPatient = entries.some((entry) => entry.method === 'POST' && entry.url === 'Patient')
    const resources = entries.map((entry) => entry.resource)
    const key = bringsPatient ? personKey(person) : await bundleHint(connection, resources)
    const planned = entries.map((entry) => inPlace(entry, () => planEntry(entry, found, key)))
    const targets = targetsOf(planned, found)
    const operations = planned.flatMap((each) => inPlace(each.entry, () => operationOf(ctx, each, targets, person)))
    refuseTwice(planned)
    return {
      operations,
      async finish(after: Connection, outcomes: readonly Outcome[]) {
        const read = await readEntries(ctx, after, planned)
        return () => transactionAnswer(request, planned, operations, outcomes, read)
      },
    }
  })
}

/** Puts the entry's place before whatever is wrong with it. */
function inPlace<T>(entry: BundleEntry, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const place = `Bundle.entry[${entry.index}]`
    const issues = error.issues.map((issue) => ({ ...issue, expression: placed(place, issue.expression) }))
    throw problem(error.kind, error.message, { cause: error, issues, ...statusOf(error) })
  }
}

const statusOf = (error: Problem): { status: 412 } | object => (error.status === 412 ? { status: 412 as const } : {})

const placed = (place: string, expression: string | undefined): string => {
  if (expression?.startsWith('Bundle.entry')) return expression
  return expression === undefined ? place : `${place}.resource.${expression}`
}

/** `Type`, `Type/id` or `Type?criteria` of an entry's request. */
function partsOf(entry: BundleEntry): { readonly type: string; readonly id: string; readonly query: string } {
  const [path = '', query = ''] = entry.url.split('?')
  const [type = '', id = '', ...more] = path.split('/')
  if (more.length > 0 || typeNumber(type) === undefined)
    throw problem('invalid', `The url "${entry.url.slice(0, 80)}" is not of the form Type, Type/id or Type?criteria`)
  return { type, id, query }
}

function criteriaOf(entry: BundleEntry): Criteria[] {
  return inPlace(entry, () => {
    const { type, query } = partsOf(entry)
    const references = conditionalReferences(entry.resource).map((reference) => {
      const [of = '', ...rest] = reference.split('?')
      typeInUrl(of)
      return { type: of, query: rest.join('?') }
    })
    if (entry.method === 'PUT' && query !== '') return [{ type, query }, ...references]
    if (entry.ifNoneExist !== undefined)
      return [{ type, query: entry.ifNoneExist.replace(/^[^?]*\?/, '') }, ...references]
    return references
  })
}

function planEntry(entry: BundleEntry, found: Found, key: bigint): PlannedEntry {
  const { type, id, query } = partsOf(entry)
  if (entry.method === 'GET') return { entry, type, id: requireId(entry, id), newId: false }
  if (entry.method === 'DELETE') return { entry, type, id: requireId(entry, id), action: 'delete', newId: false }
  if (entry.method === 'PUT') {
    if (query === '') return { entry, type, id: requireId(entry, id), action: 'update', newId: false }
    const existing = found.get(criteriaName({ type, query }))
    return existing === undefined
      ? { entry, type, id: newId(key), action: 'create', newId: true }
      : { entry, type, id: existing, action: 'update', newId: false }
  }
  const criteria = entry.ifNoneExist?.replace(/^[^?]*\?/, '')
  const existing = criteria === undefined ? undefined : found.get(criteriaName({ type, query: criteria }))
  if (existing !== undefined) return { entry, type, id: existing, newId: false }
  return { entry, type, id: newId(key), action: 'create', newId: true }
}

function requireId(entry: BundleEntry, id: string): string {
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return id
  throw problem('invalid', `${entry.method} in a transaction needs a url of the form Type/id`)
}

/** Where every reference inside the Bundle leads: by full URL and, for REST full URLs, by `Type/id`. */
function targetsOf(planned: readonly PlannedEntry[], found: Found): Map<string, string> {
  const targets = new Map<string, string>()
  for (const { entry, type, id } of planned) {
    if (entry.fullUrl === '' || entry.method === 'GET') continue
    const target = `${type}/${id}`
    if (targets.has(entry.fullUrl) && targets.get(entry.fullUrl) !== target)
      throw problem('invalid', 'Two entries have the same fullUrl', {
        expression: `Bundle.entry[${entry.index}].fullUrl`,
      })
    targets.set(entry.fullUrl, target)
    const relative = /\/([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})$/.exec(entry.fullUrl)?.[1]
    if (relative !== undefined) targets.set(relative, target)
  }
  for (const [name, id] of found)
    if (id !== undefined && !targets.has(name)) targets.set(name, `${name.split('?')[0]}/${id}`)
  return targets
}

function operationOf(
  ctx: Context,
  planned: PlannedEntry,
  targets: ReadonlyMap<string, string>,
  person: string,
): Operation[] {
  const { entry, type, id, action, newId: isNew } = planned
  if (action === undefined) return []
  const submission = submissionOf(ctx)
  const ifMatch = versionOf(entry.ifMatch, 'ifMatch')
  const match = ifMatch === undefined ? {} : { ifMatch }
  const rtype = typeInUrl(type)
  if (action === 'delete') return [{ action, type, rtype, id, newId: false, submission, ...match }]
  const dangling = danglingUrns(entry.resource, targets)
  if (dangling[0] !== undefined)
    throw problem('invalid', `Nothing in the Bundle has the fullUrl ${dangling[0].slice(0, 80)}`)
  const missing = conditionalReferences(entry.resource).find((reference) => !targets.has(reference))
  if (missing !== undefined)
    throw problem('conflict', `Nothing matches the conditional reference ${missing.slice(0, 120)}`, { status: 412 })
  const draft = draftOf(rewriteReferences(entry.resource, targets), 'The resource')
  if (draft.type !== type) throw problem('invalid', `The resource is a ${draft.type}, the url says ${type}`)
  if (entry.method === 'PUT' && !entry.url.includes('?') && draft.id !== undefined && draft.id !== id)
    throw problem('invalid', 'The id of the resource is not that of the url', { expression: `${type}.id` })
  refuseGolden(draft)
  const hint = type === 'Patient' ? { personHint: person } : {}
  const absent = entry.ifNoneMatch?.trim() === '*' ? { ifAbsent: true } : {}
  return [{ action, type, rtype, id, draft, newId: isNew, submission, ...match, ...absent, ...hint }]
}

function refuseTwice(planned: readonly PlannedEntry[]): void {
  const seen = new Set<string>()
  for (const { entry, type, id, action } of planned) {
    if (action === undefined) continue
    if (seen.has(`${type}/${id}`))
      throw problem('invalid', `${type}/${id} is written twice in one transaction`, {
        expression: `Bundle.entry[${entry.index}]`,
      })
    seen.add(`${type}/${id}`)
  }
}
