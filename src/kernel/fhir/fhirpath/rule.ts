import { isObject } from '../../../base/json.ts'
import type { CompiledConstraint } from '../definitions.ts'
import type { Environment } from './environment.ts'
import { compileFast, Leave, Unsupported, type Values } from './fast.ts'
import { compileFully, type Evaluate } from './library.ts'
import { parseExpression, SyntaxFault } from './syntax.ts'

/** A rule of a definition, ready to be asked of values. */
export interface Rule extends CompiledConstraint {
  /** What good data does, but need not do: dom-6 "should have narrative". */
  readonly bestPractice: boolean
  /** Whether a value keeps the rule; undefined when it cannot be told. Never throws. */
  readonly holds: (focus: unknown, environment: Environment) => boolean | undefined
}

/** Makes a rule on values of a type or element path ready. Nothing is compiled before the rule is first asked. */
export function ruleOf(constraint: CompiledConstraint, base: string, bestPractice = false): Rule {
  const native = nativeRules[constraint.expression]
  return {
    ...constraint,
    bestPractice: bestPractice || constraint.key === 'dom-6',
    holds: native ?? holding(constraint.expression, base),
  }
}

type Holds = Rule['holds']

function holding(expression: string, base: string): Holds {
  let fast: ((focus: unknown, environment: Environment) => Values) | undefined
  let full: Evaluate | 'broken' | undefined
  let begun = false
  // "a < b" is unknown for dates of unequal precision: what cannot be told is no breach.
  const compares = /[<>]/.test(expression)
  const answer = (values: readonly unknown[]): boolean | undefined =>
    values.length === 0 ? (compares ? undefined : false) : values.length === 1 ? values[0] !== false : undefined
  const slow: Holds = (focus, environment) => {
    try {
      if (full === undefined) full = compileFully(expression, base)
      return full === 'broken' ? undefined : answer(full(focus, environment))
    } catch {
      full ??= 'broken'
      return undefined
    }
  }
  return (focus, environment) => {
    if (!begun) {
      fast = fastOf(expression, base)
      begun = true
    }
    if (fast === undefined) return slow(focus, environment)
    try {
      return answer(fast(focus, environment))
    } catch (cause) {
      if (cause instanceof Leave) return slow(focus, environment)
      throw cause
    }
  }
}

/** The fast form of an expression, if it has one. */
export function fastOf(
  expression: string,
  base: string,
): ((focus: unknown, environment: Environment) => Values) | undefined {
  try {
    return compileFast(parseExpression(expression), base).run
  } catch (cause) {
    if (cause instanceof Unsupported || cause instanceof SyntaxFault) return undefined
    throw cause
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const containedOf = (value: unknown): readonly Record<string, unknown>[] =>
  isObject(value) ? listOf(value['contained']).filter(isObject) : []

/** Rules of R4 that every resource has, by their expression: asked so often that they are written out. */
const nativeRules: Readonly<Record<string, Holds>> = {
  // dom-3
  "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()":
    (focus) => containedOf(focus).every((each) => isReferredTo(each, focus)),
  // dom-4
  'contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()': (focus) =>
    containedOf(focus).every(
      ({ meta }) => !isObject(meta) || (meta['versionId'] === undefined && meta['lastUpdated'] === undefined),
    ),
  // dom-5
  'contained.meta.security.empty()': (focus) =>
    containedOf(focus).every(({ meta }) => !isObject(meta) || meta['security'] === undefined),
  // dom-6
  'text.`div`.exists()': (focus) =>
    isObject(focus) && isObject(focus['text']) && typeof focus['text']['div'] === 'string',
  // ref-1: SHALL have a contained resource if a local reference is provided
  "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))":
    (focus, { rootResource }) => {
      const reference = isObject(focus) ? focus['reference'] : undefined
      if (typeof reference !== 'string' || !reference.startsWith('#') || reference === '#') return true
      return containedOf(rootResource).some((each) => each['id'] === reference.slice(1))
    },
  // dom-2, ext-1, ele-1, txt-1 and txt-2 are part of the structure checks.
  'contained.contained.empty()': () => true,
  'extension.exists() != value.exists()': () => true,
  'hasValue() or (children().count() > id.count())': () => true,
  'htmlChecks()': () => true,
}

/** Whether a contained resource is referred to by its container, or refers to it. */
function isReferredTo(contained: Readonly<Record<string, unknown>>, container: unknown): boolean {
  const { id } = contained
  const own = typeof id === 'string' ? `#${id}` : undefined
  return (own !== undefined && mentions(container, own)) || mentions(contained, '#')
}

/** Whether any text below a value is exactly a local reference. */
function mentions(value: unknown, reference: string): boolean {
  // A narrative shows a contained image by src="#id".
  if (typeof value === 'string') return value === reference || (reference !== '#' && value.includes(`"${reference}"`))
  if (Array.isArray(value)) return value.some((each) => mentions(each, reference))
  return isObject(value) && Object.values(value).some((each) => mentions(each, reference))
}
