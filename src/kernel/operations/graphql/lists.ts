import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4/index.js'
import { isObject } from '../../../base/json.ts'
import type { ArgumentValue } from './document.ts'
import { refused, textOf } from './document.ts'

/**
 * Filters the values of a repeating element by a field's arguments (FHIR GraphQL, Fields and List Navigation): `fhirpath`,
 * `_offset`, `_count`, and any simple element that must be equal.
 */
export function narrowed(
  values: readonly unknown[],
  given: ReadonlyMap<string, ArgumentValue>,
  type: string,
  hasElement: (name: string) => boolean,
): readonly unknown[] {
  let kept = values
  for (const [name, wanted] of given) {
    if (name === '_offset' || name === '_count') continue
    if (name === 'fhirpath') {
      const holds = condition(textOf(name, wanted), type)
      kept = kept.filter(holds)
    } else {
      if (!hasElement(name)) throw refused(`${type} has no element "${name.slice(0, 60)}" to filter by`)
      const text = textOf(name, wanted)
      kept = kept.filter((each) => isObject(each) && String(each[name]) === text)
    }
  }
  const offset = wholeNumber(given, '_offset') ?? 0
  const count = wholeNumber(given, '_count')
  return kept.slice(offset, count === undefined ? undefined : offset + count)
}

function wholeNumber(given: ReadonlyMap<string, ArgumentValue>, name: string): number | undefined {
  const value = given.get(name)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw refused(`"${name}" is a whole number`)
  return value
}

/** What a FHIRPath expression says of one value, as text: the name of a slice. */
export function sliceName(path: string, value: unknown, index: number, type: string): string {
  if (path === '$index') return String(index)
  const [found] = evaluator(path, type)(value)
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : ''
}

function condition(path: string, type: string): (value: unknown) => boolean {
  const evaluate = evaluator(path, type)
  return (value) => {
    const found = evaluate(value)
    return found.length > 0 && found.every((each) => each !== false)
  }
}

// The types of the engine and of its model disagree about this one optional member, which no list needs.
const { score: _score, ...model } = r4

const longest = 500
const deepest = 4

/**
 * Functions that look at each value once. Anyone may send an expression here, and it runs between other requests: those
 * that repeat, walk whole trees, build texts or match patterns could take as long as their author likes.
 */
const allowed: ReadonlySet<string> = new Set([
  'all',
  'allTrue',
  'anyTrue',
  'as',
  'contains',
  'count',
  'empty',
  'endsWith',
  'exists',
  'extension',
  'first',
  'hasValue',
  'is',
  'last',
  'length',
  'lower',
  'not',
  'ofType',
  'single',
  'startsWith',
  'today',
  'now',
  'upper',
  'where',
  'toString',
])

function evaluator(path: string, type: string): (value: unknown) => unknown[] {
  if (path.length > longest) throw refused(`A FHIRPath expression has at most ${longest} characters`)
  const bare = path.replace(/'(?:\\.|[^'\\])*'/g, "''")
  for (const [, name = ''] of bare.matchAll(/([A-Za-z_]\w*)\s*\(/g))
    if (!allowed.has(name) && !operators.has(name))
      throw refused(`The FHIRPath function ${name.slice(0, 40)} cannot be used here`)
  let depth = 0
  for (const character of bare) {
    depth += character === '(' ? 1 : character === ')' ? -1 : 0
    if (depth > deepest) throw refused(`A FHIRPath expression here is nested at most ${deepest} deep`)
  }
  try {
    const compiled = fhirpath.compile({ base: type, expression: path }, model, { traceFn: () => undefined })
    return (value) => {
      const found: unknown = run(() => compiled(value, {}))
      return Array.isArray(found) ? found : []
    }
  } catch (cause) {
    throw unreadable(cause)
  }
}

/** Words that may stand before a bracket. */
const operators: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'implies', 'in', 'div', 'mod'])

function run<T>(evaluate: () => T): T {
  try {
    return evaluate()
  } catch (cause) {
    throw unreadable(cause)
  }
}

const unreadable = (cause: unknown): Error =>
  refused(`The FHIRPath expression cannot be used: ${cause instanceof Error ? cause.message.slice(0, 120) : ''}`)
