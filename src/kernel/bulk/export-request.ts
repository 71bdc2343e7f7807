import { problem } from '../../base/problem.ts'
import { definitions, elementsOf } from '../fhir/definitions.ts'
import { resourceTypeNames, typeNumber } from '../fhir/resource-types.ts'
import type { Invocation } from '../rest/operation.ts'
import { isPersonScoped } from '../search/home.ts'
import { parseSearch } from '../search/query.ts'
import { parametersOf } from './parameters.ts'

/** What an export was asked for, decoded. Plain, so that it can be kept with the job. */
export interface ExportRequest {
  readonly level: 'system' | 'patient' | 'group'
  /** Id of the Group. */
  readonly group?: string
  /** The kick-off as it was called, for the manifest. */
  readonly url: string
  /** Types to export, named or not. */
  readonly types: readonly string[]
  /** Searches of one type, alternatives of each other: `{type, query}`. */
  readonly filters: readonly { readonly type: string; readonly query: string }[]
  /** Elements to keep, by type; everything of the types that are not here. */
  readonly elements: Readonly<Record<string, readonly string[]>>
  /** RFC 3339 instant. */
  readonly since?: string
  /** Ids of Patients, when the export is of some only. */
  readonly patients?: readonly string[]
}

const formats = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson'])
const known = new Set(['_outputFormat', '_since', '_type', '_elements', '_typeFilter', 'patient'])
const mostFilters = 100
const mostPatients = 100_000

/** Decodes a kick-off (Bulk Data Access 2.0, `$export`), by GET or by POST with Parameters. */
export function exportRequestOf({ level, type, id, method, request }: Invocation): ExportRequest {
  const lenient = /handling=lenient/.test(request.prefer ?? '')
  const given = parametersOf(request, method)
  const say = (name: string, message: string): void => {
    if (!lenient) throw problem('invalid', message, { expression: name.slice(0, 100) })
  }
  for (const [name] of given) if (!known.has(name)) say(name, `"${name.slice(0, 100)}" is no parameter of $export here`)
  const values = (name: string): string[] => given.filter(([key]) => key === name).map(([, value]) => value)
  for (const format of values('_outputFormat'))
    if (!formats.has(format)) say('_outputFormat', 'Files are written as application/fhir+ndjson only')
  const kind = level === 'system' ? ('system' as const) : type === 'Group' ? ('group' as const) : ('patient' as const)
  const types = typesOf(kind, values('_type'), say)
  const filters = filtersOf(values('_typeFilter'), types, say)
  const patients = patientsOf(kind, method, values('patient'))
  const since = sinceOf(values('_since'))
  const path = [type, id, '$export'].filter((part) => part !== undefined).join('/')
  return {
    level: kind,
    url: `${request.base}/${path}${request.query === '' ? '' : `?${request.query}`}`,
    types,
    filters,
    elements: elementsByType(values('_elements'), types, say),
    ...(id === undefined ? {} : { group: id }),
    ...(since === undefined ? {} : { since }),
    ...(patients === undefined ? {} : { patients }),
  }
}

type Say = (name: string, message: string) => void

const list = (values: readonly string[]): string[] =>
  values
    .flatMap((value) => value.split(','))
    .map((each) => each.trim())
    .filter((each) => each !== '')

/** Everything for a system; for people, what lies in the R4 Patient compartment. */
function typesOf(kind: ExportRequest['level'], values: readonly string[], say: Say): readonly string[] {
  const compartment = definitions().patientCompartment
  const possible: readonly string[] = resourceTypeNames.filter(
    (each) => kind === 'system' || (isPersonScoped(each) && (each === 'Patient' || Object.hasOwn(compartment, each))),
  )
  const asked = list(values)
  if (asked.length === 0) return possible
  for (const each of asked) {
    if (typeNumber(each) === undefined) say('_type', `There is no resource type "${each.slice(0, 60)}" in FHIR R4`)
    else if (!possible.includes(each))
      say('_type', `${each} is not in the Patient compartment. Export it from the system: $export?_type=${each}`)
  }
  const chosen = possible.filter((each) => asked.includes(each))
  if (chosen.length === 0)
    throw problem('invalid', '_type names no type that can be exported here', { expression: '_type' })
  return chosen
}

/** Searches are parted by commas; a comma inside a search does not stand before `Type?`. */
function filtersOf(values: readonly string[], types: readonly string[], say: Say): ExportRequest['filters'] {
  const filters = values
    .flatMap((value) => value.split(/,(?=[A-Z][A-Za-z]+\?)/))
    .filter((each) => each !== '')
    .flatMap((each) => {
      const [type = '', query = ''] = each.split(/\?(.*)/s)
      if (!types.includes(type) || query === '') {
        say('_typeFilter', `A type filter is written Type?search, of a type that is exported: "${each.slice(0, 100)}"`)
        return []
      }
      const search = parseSearch(type, query)
      if (search.includes.length > 0 || search.sort.length > 0 || search.cursor !== undefined)
        throw problem('invalid', 'A type filter has criteria only: no includes, sorting or pages', {
          expression: '_typeFilter',
        })
      return [{ type, query }]
    })
  if (filters.length > mostFilters)
    throw problem('invalid', `An export has at most ${mostFilters} type filters`, { expression: '_typeFilter' })
  return filters
}

/** `name` is of every type that has it, `Type.name` of one. */
function elementsByType(values: readonly string[], types: readonly string[], say: Say): ExportRequest['elements'] {
  const byType = new Map<string, string[]>()
  const keep = (type: string, name: string): boolean => {
    const has = elementsOf(type).some((each) => each.name === name)
    if (has) byType.set(type, [...(byType.get(type) ?? []), name])
    return has
  }
  for (const each of list(values)) {
    const [first = '', second] = each.split('.')
    const used =
      second === undefined
        ? types.filter((type) => keep(type, first)).length > 0
        : types.includes(first) && keep(first, second)
    if (!used) say('_elements', `No exported type has the element "${each.slice(0, 100)}"`)
    // A type without the element keeps what it must have.
    if (second === undefined) for (const type of types) byType.set(type, byType.get(type) ?? [])
  }
  return Object.fromEntries(byType)
}

function patientsOf(kind: ExportRequest['level'], method: string, values: readonly string[]): string[] | undefined {
  if (values.length === 0) return undefined
  const refuse = (message: string): never => {
    throw problem('invalid', message, { expression: 'patient' })
  }
  if (kind === 'system' || method !== 'POST')
    return refuse('"patient" is given by POST, for an export of Patients or a Group')
  if (values.length > mostPatients) return refuse(`An export names at most ${mostPatients} patients`)
  return values.map(
    (value) =>
      /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(value)?.[1] ??
      refuse('"patient" is a reference such as Patient/1'),
  )
}

function sinceOf(values: readonly string[]): string | undefined {
  const [value] = values
  if (value === undefined) return undefined
  try {
    // A plus sign that was not encoded comes as a space.
    return Temporal.Instant.from(value.replace(/ (\d\d:\d\d)$/, '+$1')).toString()
  } catch (cause) {
    throw problem('invalid', '_since is an instant, such as 2026-01-31T12:00:00Z', { cause, expression: '_since' })
  }
}
