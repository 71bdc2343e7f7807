import { elements, members } from '../../../base/json.ts'

/** A place in a text, counted from 1 as editors do. */
export interface LinePlace {
  readonly line: number
  readonly column: number
}

/** Where in a resource's JSON text a FHIRPath of an issue leads: the place itself, or the nearest one above it. */
export function placeInJson(text: string, expression: string): LinePlace {
  let start = text.search(/\{/)
  let named = start
  for (const { name, index } of stepsOf(expression)) {
    const member =
      start < 0 ? undefined : members(text, start).find((each) => each.key === name || each.key === `_${name}`)
    if (member === undefined) break
    named = member.keyStart
    start = member.start
    if (index === undefined) continue
    const element = elements(text, start)[index]
    if (element === undefined) break
    start = element.start
    named = element.start
  }
  const before = text.slice(0, Math.max(0, named))
  const line = before.split('\n').length
  return { line, column: before.length - before.lastIndexOf('\n') }
}

interface Step {
  readonly name: string
  readonly index: number | undefined
}

/** `Observation.value.ofType(Quantity).code` in JSON names: `valueQuantity`, `code`. */
function stepsOf(expression: string): readonly Step[] {
  const parts = expression
    .replace(/\.ofType\(([A-Za-z])([A-Za-z]*)\)/g, (_, first: string, rest: string) => `${first.toUpperCase()}${rest}`)
    .split('.')
    .slice(1)
  return parts.map((part) => {
    const [, name = part, index] = /^([^[]*)(?:\[(\d+)\])?/.exec(part) ?? []
    return { name, index: index === undefined ? undefined : Number(index) }
  })
}
