import { type Issue, Problem, problem } from '../../base/problem.ts'

/** A request to the FHIR API, decoded as far as every interaction needs. */
export interface FhirRequest {
  /** Where the API is mounted, for links and locations: `https://host/fhir/R4`. */
  readonly base: string
  readonly query: string
  /** JSON, in whatever format the caller sent it; a form for `_search`. Empty when `bytes` are what was sent. */
  readonly body: string
  /** Media type of what was sent, lower case and without parameters: tells JSON Patch from a resource. */
  readonly contentType?: string
  /** What was sent when it is no FHIR format: the content of a Binary. Read at most once. */
  readonly bytes?: AsyncIterable<Uint8Array>
  readonly accept?: string
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
  readonly ifModifiedSince?: string
  readonly ifNoneExist?: string
  readonly prefer?: string
  /** `X-Security-Context`: whose a Binary that is sent as bytes is (FHIR R4, Binary). */
  readonly securityContext?: string
}

/** An answer of the FHIR API. */
export interface FhirAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** A body that is sent as it is read, in the content type of the headers. */
  readonly bytes?: AsyncIterable<Uint8Array>
}

/** Media type of a resource as JSON, as interactions answer it; `respond` makes the caller's format of it. */
export const fhirJson = 'application/fhir+json; charset=utf-8'

/** A version's headers. */
export const versionHeaders = (version: number, updatedMs: number): Record<string, string> => ({
  etag: `W/"${version}"`,
  'last-modified': httpDate(updatedMs),
})

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A time as HTTP headers have it (RFC 9110 IMF-fixdate). */
export function httpDate(epochMs: number): string {
  const at = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO('UTC')
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${days[at.dayOfWeek - 1]}, ${two(at.day)} ${months[at.month - 1]} ${at.year}`
  return `${day} ${two(at.hour)}:${two(at.minute)}:${two(at.second)} GMT`
}

export const jsonAnswer = (status: number, body: string, headers: Record<string, string> = {}): FhirAnswer => ({
  status,
  headers: { 'content-type': fhirJson, ...headers },
  body,
})

/** A resource's version as an answer. */
export const resourceAnswer = (
  status: number,
  stored: { readonly version: number; readonly updatedMs: number; readonly body: string },
  headers: Record<string, string> = {},
): FhirAnswer => jsonAnswer(status, stored.body, { ...versionHeaders(stored.version, stored.updatedMs), ...headers })

/** Where the ids of rules in `OperationOutcome.issue.details` come from: the key of an R4 or profile rule, or one of ours. */
const ruleSystem = 'urn:linchpin:validation-rule'

/** An OperationOutcome's text. */
export function outcomeText(issues: readonly Issue[]): string {
  const issue = issues.map((each) => ({
    severity: each.severity,
    code: each.code,
    ...(each.rule === undefined ? {} : { details: { coding: [{ system: ruleSystem, code: each.rule }] } }),
    diagnostics: each.message,
    ...(each.expression === undefined ? {} : { expression: [each.expression] }),
  }))
  return JSON.stringify({ resourceType: 'OperationOutcome', issue })
}

/** What a caller is told when a request ends in a problem. A fault says nothing of its inside. */
export function problemAnswer(error: unknown): FhirAnswer {
  const known =
    error instanceof Problem ? error : problem('fault', 'Something went wrong here. The request was not carried out.')
  return jsonAnswer(known.status, outcomeText(known.issues))
}

/** The version number of an `If-Match` or `If-None-Match` value such as `W/"3"`. */
export function versionOf(tag: string | undefined, header: string): number | undefined {
  if (tag === undefined) return undefined
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(tag.trim())?.[1]
  if (version === undefined) throw problem('invalid', `${header} must be a version, for example W/"3"`)
  return Number(version)
}

/** What `Prefer: return=` asks for. */
export function preferredReturn(prefer: string | undefined): 'representation' | 'minimal' | 'OperationOutcome' {
  const wanted = /return=(minimal|OperationOutcome)/.exec(prefer ?? '')?.[1]
  return wanted === 'minimal' || wanted === 'OperationOutcome' ? wanted : 'representation'
}
