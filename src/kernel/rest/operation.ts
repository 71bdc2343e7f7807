import { problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import type { FhirAnswer, FhirRequest } from './exchange.ts'

/** Where an operation is called: on the base, on a type, or on one resource. */
export type OperationLevel = 'system' | 'type' | 'instance'

/** One call of an operation. `type` and `id` are those of the URL, where it has them. */
export interface Invocation {
  readonly method: 'GET' | 'POST'
  readonly level: OperationLevel
  readonly type?: string
  readonly id?: string
  readonly request: FhirRequest
}

/** A FHIR operation, `$name`: routed, listed in the CapabilityStatement and described from this declaration. */
export interface FhirOperation {
  /** Without the dollar sign. */
  readonly name: string
  /** Canonical URL of its OperationDefinition. */
  readonly definition: string
  readonly levels: readonly OperationLevel[]
  /** Types whose URL it may follow; every type unless given. Says nothing of the system level. */
  readonly types?: readonly string[]
  /** An operation that changes something is not called by GET (FHIR R4, Executing an Operation). */
  readonly affectsState: boolean
  run(ctx: Context, invocation: Invocation): Promise<FhirAnswer>
}

/** The operation that a URL names, called as it may be called. */
export function findOperation(
  operations: readonly FhirOperation[],
  {
    name,
    method,
    level,
    type,
  }: { readonly name: string; readonly method: string } & Pick<Invocation, 'level' | 'type'>,
): FhirOperation {
  const found = operations.find(
    (each) =>
      each.name === name && each.levels.includes(level) && (type === undefined || each.types?.includes(type) !== false),
  )
  const where = type === undefined ? 'the base' : type
  if (found === undefined) throw problem('not-found', `There is no operation $${name.slice(0, 60)} on ${where}`)
  if (method !== 'POST' && (method !== 'GET' || found.affectsState))
    throw problem('invalid', `$${name} is called by ${found.affectsState ? 'POST' : 'GET or POST'}`, { status: 405 })
  return found
}
