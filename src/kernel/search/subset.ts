import { elements, members } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import { type CompiledElement, choiceName, elementsOf, plainType } from '../fhir/definitions.ts'
import type { ResultOptions } from './result-options.ts'

/** Makes what is served of a resource's text: parts are left out, and nothing that stays is changed. */
export type Subset = (body: string) => string

/** What a search keeps of the resources of a type: `_summary` and `_elements` (R4 search). Refuses names the type lacks. */
export function subsetOf(
  type: string,
  { summary, elements: names }: Pick<ResultOptions, 'summary' | 'elements'>,
): Subset {
  const all = elementsOf(type)
  for (const name of names)
    if (!all.some((each) => each.name === name))
      throw problem('invalid', `${type} has no element "${name}"`, { expression: '_elements' })
  if (names.length > 0)
    return (body) =>
      marked(
        pruned(
          body,
          0,
          keepTop(type, ({ name }) => names.includes(name)),
        ),
      )
  switch (summary) {
    case 'true':
      return (body) => marked(pruned(body, 0, keepSummary(type)))
    case 'text':
      return (body) =>
        marked(
          pruned(
            body,
            0,
            keepTop(type, ({ name }) => name === 'text'),
          ),
        )
    case 'data':
      return (body) => marked(pruned(body, 0, (key) => (key === 'text' ? 'none' : 'all')))
    default:
      return (body) => body
  }
}

/** What stays of a member: all, nothing, or what a rule for its own members says. */
type Keep = (key: string) => 'all' | 'none' | Keep

const always: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta'])

/** Elements without which the resource would not be valid stay, whatever was asked for. */
function keepTop(type: string, wanted: (element: CompiledElement) => boolean): Keep {
  const keys = keysOf(elementsOf(type).filter((each) => (each.min ?? 0) > 0 || wanted(each)))
  return (key) => (always.has(key) || keys.has(key) ? 'all' : 'none')
}

const summaries = new Map<string, Keep>()

function keepSummary(type: string): Keep {
  const known = summaries.get(type)
  if (known !== undefined) return known
  const kept = elementsOf(type).filter((each) => each.summary === true || (each.min ?? 0) > 0)
  const keys = keysOf(kept)
  const nested = new Map(
    kept.flatMap((each) => each.types.filter((name) => name.includes('.')).map((name) => [each.name, name] as const)),
  )
  const keep: Keep = (key) => {
    const inner = nested.get(key)
    if (inner !== undefined) return keepSummary(inner)
    return always.has(key) || keys.has(key) ? 'all' : 'none'
  }
  summaries.set(type, keep)
  return keep
}

/** JSON names of elements; what lies beside a primitive (`_birthDate`) goes with it. */
const keysOf = (all: readonly CompiledElement[]): ReadonlySet<string> =>
  new Set(
    all
      .flatMap((each) =>
        each.choice === true ? each.types.map((type) => choiceName(each.name, plainType(type))) : [each.name],
      )
      .flatMap((key) => [key, `_${key}`]),
  )

function pruned(text: string, start: number, keep: Keep): string {
  const kept = members(text, start).flatMap((member) => {
    const rule = keep(member.key)
    if (rule === 'none') return []
    if (rule === 'all') return [text.slice(member.keyStart, member.end)]
    return [`${text.slice(member.keyStart, member.start)}${inside(text, member.start, member.end, rule)}`]
  })
  return `{${kept.join(',')}}`
}

function inside(text: string, start: number, end: number, keep: Keep): string {
  if (text[start] === '{') return pruned(text, start, keep)
  if (text[start] !== '[') return text.slice(start, end)
  return `[${elements(text, start)
    .map((each) => inside(text, each.start, each.end, keep))
    .join(',')}]`
}

const mark = '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}'

/** Tells that parts are missing, so that nobody stores the rest as the whole (R4 search, _summary). */
function marked(text: string): string {
  const meta = members(text, 0, ['meta']).find((member) => member.key === 'meta')
  if (meta === undefined) return `${text.slice(0, -1)},"meta":{"tag":[${mark}]}}`
  const tag = members(text, meta.start, ['tag']).find((member) => member.key === 'tag')
  if (tag === undefined) return `${text.slice(0, meta.end - 1)},"tag":[${mark}]${text.slice(meta.end - 1)}`
  return `${text.slice(0, tag.end - 1)},${mark}${text.slice(tag.end - 1)}`
}
