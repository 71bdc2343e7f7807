import { personKey } from '../../base/id.ts'
import { type Problem, problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import { typeName } from '../fhir/resource-types.ts'
import { key64, text, whole } from './current.ts'
import type { Connection } from './database.ts'
import { type CurrentRow, nameOf, type Operation } from './operation.ts'
import { personType } from './person/people.ts'
import { localReferences, referrerTokens } from './references.ts'
import { int8Array } from './wire.ts'

/** What a deployment does about references between resources when they are written one by one. */
export interface ReferencePolicy {
  /** A reference to a resource that is not stored here. An import always keeps it and reports it. */
  readonly missing: 'refuse' | 'keep'
  /** Deleting what something stored refers to. */
  readonly deleting: 'refuse' | 'allow'
}

/** Nothing written through the API points nowhere. */
export const strictReferences: ReferencePolicy = { missing: 'refuse', deleting: 'refuse' }
/** What comes is kept as it comes. */
export const looseReferences: ReferencePolicy = { missing: 'keep', deleting: 'allow' }

/** The references that each operation must not make dangle; empty where the policy keeps them. */
export type ReferencesOf = ReadonlyMap<Operation, ReadonlySet<string>>

export function referencesOf(operations: readonly Operation[], policy: ReferencePolicy): ReferencesOf {
  if (policy.missing === 'keep') return new Map()
  return new Map(operations.map((each) => [each, localReferences(each.draft?.text ?? '')]))
}

/** Who refers to each resource that is to be deleted. */
export type Referrers = ReadonlyMap<string, readonly string[]>

const mostNamed = 20

/** Finds what refers to resources that are to be deleted. The caller holds their locks. */
export async function readReferrers(
  connection: Connection,
  operations: readonly Operation[],
  policy: ReferencePolicy,
): Promise<Referrers> {
  if (policy.deleting === 'allow') return new Map()
  const names = operations.filter(({ action }) => action === 'delete').map(({ type, id }) => nameOf(type, id))
  const found = await Promise.all(names.map((name) => referrersOf(connection, name)))
  return new Map(names.map((name, index) => [name, found[index] ?? []]))
}

async function referrersOf(connection: Connection, name: string): Promise<readonly string[]> {
  const tokens = int8Array([...referrerTokens(name)])
  // What the person index keeps for itself (golden Persons, its review Tasks) follows its Patients and does not hold them.
  const rows = await connection.query(
    sql`(select person, rtype, id from res where toks && ${tokens}::int8[] and author <> 'Linchpin' limit ${mostNamed}::int4)
        union all
        (select person, rtype, id from shared where toks && ${tokens}::int8[] limit ${mostNamed}::int4)`,
    'referrers',
  )
  return rows
    .filter((row) => whole(row, 'rtype') !== personType || key64(row, 'person') !== personKey(text(row, 'id')))
    .map((row) => nameOf(typeName(whole(row, 'rtype')) ?? '', text(row, 'id')))
    .filter((referrer) => referrer !== name)
}

/** How things stand for the references of one commit. */
export interface ReferenceState {
  readonly references: ReferencesOf
  readonly referrers: Referrers
  readonly current: ReadonlyMap<string, CurrentRow>
  readonly exists: (name: string) => boolean
}

/**
 * Which operations would leave a reference to nothing, with the reason. `standing` holds what is refused already, and is
 * added to: an operation that leans on a refused one is refused as well. `together`: all happen or none, so that what is
 * deleted or changed in the same commit no longer refers.
 */
export function refuseDangling(
  operations: readonly Operation[],
  state: ReferenceState,
  standing: (Problem | undefined)[],
  together: boolean,
): void {
  operations.forEach((operation, index) => {
    if (operation.action === 'delete') standing[index] ??= whyKept(operation, operations, state, together)
  })
  const byName = new Map(operations.map((each, index) => [nameOf(each.type, each.id), index]))
  const comes = (name: string): boolean => {
    const index = byName.get(name)
    if (index === undefined || standing[index] !== undefined) return state.exists(name)
    return operations[index]?.action !== 'delete'
  }
  for (let changed = true; changed; ) {
    changed = false
    operations.forEach((operation, index) => {
      const missing = standing[index] === undefined ? whatIsMissing(operation, state, comes) : undefined
      if (missing === undefined) return
      standing[index] = dangling(operation, missing)
      changed = true
    })
  }
}

/** The first reference of a write to what is not there. One that the version before had already stays possible. */
function whatIsMissing(
  operation: Operation,
  { references, current }: ReferenceState,
  comes: (name: string) => boolean,
): string | undefined {
  for (const name of references.get(operation) ?? [])
    if (!comes(name) && current.get(nameOf(operation.type, operation.id))?.body.includes(`"${name}"`) !== true)
      return name
  return undefined
}

const dangling = ({ type, draft }: Operation, name: string): Problem => {
  const path = referencePath(draft?.resource ?? {}, name)
  const message = `${name} is not stored here, and this refers to it`
  const issue = { severity: 'error' as const, code: 'not-found', message, expression: `${type}${path}` }
  return problem('rule', message, { issues: [issue] })
}

/** Where in a resource a reference stands: `.subject.reference`. */
function referencePath(value: unknown, name: string): string {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      const found = referencePath(each, name)
      if (found !== '') return `[${index}]${found}`
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      if (key === 'reference' && typeof each === 'string' && each.split('/_history/')[0] === name) return '.reference'
      const found = referencePath(each, name)
      if (found !== '') return `.${key}${found}`
    }
  }
  return ''
}

/** Why something may not be deleted: what refers to it stays. */
function whyKept(
  { type, id }: Operation,
  operations: readonly Operation[],
  { referrers }: ReferenceState,
  together: boolean,
): Problem | undefined {
  const name = nameOf(type, id)
  const changing = new Map(together ? operations.map((each) => [nameOf(each.type, each.id), each]) : [])
  const left = (referrers.get(name) ?? []).filter((referrer) => {
    const change = changing.get(referrer)
    return change === undefined || localReferences(change.draft?.text ?? '').has(name)
  })
  if (left.length === 0) return undefined
  const some = left.slice(0, 5).join(', ')
  const more = left.length > 5 ? ' and others' : ''
  return problem('conflict', `${name} cannot be deleted: ${some}${more} refer to it`, { expression: name })
}
