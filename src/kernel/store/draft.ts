import { asDate } from '../../base/clock.ts'
import { compactJson, isObject, members, parseJson } from '../../base/json.ts'
import { type Issue, problem } from '../../base/problem.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { checkStructure } from '../fhir/structure.ts'
import { isRefusedOnWrite } from '../fhir/validate/write-policy.ts'
import { compileView } from '../views/compile-view.ts'

/** A resource as a caller sent it, checked, on its way to be stored. */
export interface Draft {
  readonly type: string
  readonly rtype: number
  /** The id in the body, if it had one. */
  readonly id: string | undefined
  /** Compact JSON as sent: number texts, unknown extensions and order of members are the caller's. */
  readonly text: string
  readonly resource: Readonly<Record<string, unknown>>
}

/** Checks a parsed resource against the R4 definitions and against its own text; throws with every place that is wrong. */
export function draftOf(text: string, what = 'The body'): Draft {
  const compact = compactJson(text)
  const resource = parseJson(compact.text, what)
  if (!isObject(resource)) throw problem('invalid', `${what} must be a JSON object`)
  const type = typeof resource['resourceType'] === 'string' ? resource['resourceType'] : ''
  const rtype = typeNumber(type)
  if (rtype === undefined)
    throw problem('invalid', `${what} has no resourceType of FHIR R4`, { expression: 'resourceType' })
  const checked = checkStructure(resource)
  const issues: Issue[] = checked.issues.filter(isRefusedOnWrite)
  if (issues.length === 0 && checked.keys !== compact.keys)
    issues.push({
      severity: 'error',
      code: 'structure',
      message: 'A name occurs twice in one object',
      expression: type,
      rule: 'json-repeated',
    })
  if (hasEndlessNumber(compact.text))
    issues.push({
      severity: 'error',
      code: 'value',
      message: 'A number has an exponent of more than three digits',
      expression: type,
      rule: 'json-number',
    })
  if (issues.length > 0) throw problem('invalid', issues[0]?.message ?? 'The resource is not right', { issues })
  if (type === 'ViewDefinition') compileView(resource)
  const id = typeof resource['id'] === 'string' ? resource['id'] : undefined
  return { type, rtype, id, text: compact.text, resource }
}

/**
 * PostgreSQL reads numbers in JSON exactly and refuses those with some 16,000 places: stored, one would fail every search
 * that looks into the bodies of its type.
 */
function hasEndlessNumber(text: string): boolean {
  const endless = /[:[,]-?\d[\d.]*[eE][+-]?\d{4}/
  return endless.test(text) && endless.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'))
}

/** A resource as reads serve it, without going through its text. */
export function storedForm(
  resource: Draft['resource'],
  { id, version, updatedMs }: { readonly id: string; readonly version: number; readonly updatedMs: number },
): Draft['resource'] {
  const { meta } = resource
  const stored = { versionId: String(version), lastUpdated: instantText(updatedMs) }
  return { ...resource, id, meta: isObject(meta) ? { ...meta, ...stored } : stored }
}

/** The served bytes on both sides of the version: `head + version + tail`. */
export interface Frame {
  readonly head: string
  readonly tail: string
}

/** Where id and version go in a draft's text. Nothing else of what was sent changes. */
export function frameOf(draft: Draft, id: string): Frame {
  const { text, resource } = draft
  const parts = members(
    text,
    0,
    ['resourceType', 'id', 'meta'].filter((name) => name in resource),
  )
  const meta = parts.find((part) => part.key === 'meta')
  const idPart = parts.find((part) => part.key === 'id')
  const idText = `"id":"${id}"`
  const typePart = parts[0]?.key === 'resourceType' ? parts[0] : undefined
  // What is missing goes right after resourceType, or first when that comes later.
  const at = idPart === undefined || meta === undefined ? (idPart?.end ?? typePart?.end ?? 1) : 0
  if (meta !== undefined) {
    const kept = members(text, meta.start)
      .filter((part) => part.key !== 'versionId' && part.key !== 'lastUpdated')
      .map((part) => `,${text.slice(part.keyStart, part.end)}`)
    const head = withId(text, { end: meta.start + 1, idPart, idText, at, first: typePart === undefined })
    const tailStart = idPart !== undefined && idPart.start > meta.start ? idPart : undefined
    const tail = tailStart === undefined ? text.slice(meta.end) : replaceId(text, meta.end, tailStart, idText)
    return { head, tail: `${kept.join('')}}${tail}` }
  }
  const lead = typePart === undefined && idPart === undefined ? '' : ','
  const head =
    idPart === undefined ? `${text.slice(0, at)}${lead}${idText}` : `${replaceId(text, 0, idPart, idText, at)}`
  const rest = text.slice(at)
  return { head: `${head},"meta":{`, tail: `}${lead === '' ? ',' : ''}${rest}` }
}

interface Place {
  readonly start: number
  readonly end: number
  readonly keyStart: number
}

const replaceId = (text: string, from: number, id: Place, idText: string, to = text.length): string =>
  text.slice(from, id.keyStart) + idText + text.slice(id.end, to)

function withId(
  text: string,
  {
    end,
    idPart,
    idText,
    at,
    first,
  }: { end: number; idPart: Place | undefined; idText: string; at: number; first: boolean },
): string {
  if (idPart === undefined)
    return first ? `{${idText},${text.slice(1, end)}` : `${text.slice(0, at)},${idText}${text.slice(at, end)}`
  return idPart.start < end ? replaceId(text, 0, idPart, idText, end) : text.slice(0, end)
}

/** The bytes a read serves for one version. */
export const bodyOf = (frame: Frame, version: number, updatedMs: number): string =>
  `${frame.head}"versionId":"${version}","lastUpdated":"${instantText(updatedMs)}"${frame.tail}`

/** FHIR instant in UTC with milliseconds, the precision at which the store keeps time. */
export const instantText = (epochMs: number): string => asDate(epochMs).toISOString()
