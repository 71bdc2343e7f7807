/** The ten ways a request can end badly. Nothing else in Linchpin chooses an HTTP status. */
export const problemKinds = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not-found',
  'gone',
  'conflict',
  'rule',
  'too-many',
  'unavailable',
  'fault',
] as const
export type ProblemKind = (typeof problemKinds)[number]

/** What each kind becomes over HTTP and in an OperationOutcome (FHIR R4 issue-type codes). */
const problemTable: Readonly<Record<ProblemKind, { readonly status: number; readonly code: string }>> = {
  invalid: { status: 400, code: 'invalid' },
  unauthenticated: { status: 401, code: 'login' },
  forbidden: { status: 403, code: 'forbidden' },
  'not-found': { status: 404, code: 'not-found' },
  gone: { status: 410, code: 'deleted' },
  conflict: { status: 409, code: 'conflict' },
  rule: { status: 422, code: 'business-rule' },
  'too-many': { status: 429, code: 'throttled' },
  unavailable: { status: 503, code: 'transient' },
  fault: { status: 500, code: 'exception' },
}

/** One thing that is wrong with an input. `expression` is a FHIRPath to its place. */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'information'
  /** FHIR R4 issue-type code, such as `structure`, `value`, `required`. */
  readonly code: string
  readonly message: string
  readonly expression?: string
  /** The rule that was broken, such as `obs-6` or `england-nhs-number`: the same for all breaches of it. */
  readonly rule?: string
}

export interface ProblemDetail {
  readonly cause?: unknown
  readonly issues?: readonly Issue[]
  /** Overrides the kind's HTTP status where FHIR asks for a specific one (412, 413, 415, 405). */
  readonly status?: 405 | 406 | 412 | 413 | 415
  readonly expression?: string
}

/** Ends a request. Thrown through `problem()`, turned into a page or an OperationOutcome once, at the edge. */
export class Problem extends Error {
  readonly kind: ProblemKind
  readonly issues: readonly Issue[]
  readonly status: number

  constructor(kind: ProblemKind, message: string, detail: ProblemDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'Problem'
    this.kind = kind
    this.status = detail.status ?? problemTable[kind].status
    const place = detail.expression === undefined ? {} : { expression: detail.expression }
    this.issues = detail.issues ?? [{ severity: 'error', code: problemTable[kind].code, message, ...place }]
  }
}

/** Makes a problem to throw: `throw problem('conflict', 'The appointment was taken by someone else')`. */
export const problem = (kind: ProblemKind, message: string, detail?: ProblemDetail): Problem =>
  new Problem(kind, message, detail)
