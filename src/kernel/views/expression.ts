import { type Issue, Problem, problem } from '../../base/problem.ts'
import { compileWays, LeftToEngine, type Scope, type Way } from './compiled-path.ts'
import { substituteConstants } from './constants.ts'
import type { Constant } from './definition.ts'
import { type EnginePath, enginePath, type TypedValue } from './engine.ts'
import { callsIn, parseTree } from './path-tree.ts'

/** A path of a view, ready to be evaluated. */
export interface Expression {
  /** FHIR type of its values; undefined when it is known only once there are some. */
  readonly type?: string
  /** Whether our own compiled path answers, and not the engine. */
  readonly compiled: boolean
  values(focus: unknown, scope: Scope): readonly unknown[]
  typed(focus: unknown, scope: Scope): readonly TypedValue[]
}

/** What a path is compiled in. */
export interface Surroundings {
  readonly constants: readonly Constant[]
  readonly issues: Issue[]
}

/** Compiles a path for a focus of a type. What is wrong with it goes to the issues, with its place. */
export function compileExpression(
  text: string,
  type: string | undefined,
  isRoot: boolean,
  place: string,
  { constants, issues }: Surroundings,
): Expression {
  const report = (message: string, severity: Issue['severity'] = 'error'): void => {
    if (!issues.some((each) => each.expression === place && each.message === message))
      issues.push({ severity, code: severity === 'error' ? 'invalid' : 'informational', message, expression: place })
  }
  const substituted = substituteConstants(text, constants)
  for (const name of substituted.unknown) report(`There is no constant ${name}`)
  if (substituted.unknown.length > 0) return nothing
  try {
    const tree = parseTree(substituted.text)
    for (const name of callsIn(tree)) {
      if (!functionNames.has(name)) report(`There is no function ${name}() for views`)
      if (changing.has(name)) report(`${name}() changes by itself, so this view cannot be kept live`, 'warning')
    }
    if (issues.some((each) => each.severity === 'error' && each.expression === place)) return nothing
    const ways = type === undefined ? undefined : compileWays(tree, type)
    if (ways?.length === 0) report('This leads to no element of FHIR R4: it is always empty', 'warning')
    return expressionOf(enginePath(substituted.text, type, isRoot), ways, place)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    report(error.message)
    return nothing
  }
}

const nothing: Expression = { compiled: true, values: () => [], typed: () => [] }

function expressionOf(engine: EnginePath, ways: readonly Way[] | undefined, place: string): Expression {
  const asked = <T>(ask: () => readonly T[]): readonly T[] => {
    try {
      return ask()
    } catch (cause) {
      const said = cause instanceof Error ? cause.message.slice(0, 200) : ''
      throw problem('rule', `The path cannot be evaluated: ${said}`, { cause, expression: place })
    }
  }
  const values = (focus: unknown, scope: Scope) => asked(() => engine.values(focus, scope))
  const typed = (focus: unknown, scope: Scope) => asked(() => engine.typed(focus, scope))
  if (ways?.length === 0) return { ...nothing, type: 'empty' }
  const [way, ...more] = ways ?? []
  if (way === undefined || more.length > 0) return { compiled: false, values, typed }
  const own = (focus: unknown, scope: Scope): readonly unknown[] => {
    const found: unknown[] = []
    try {
      way.each(focus, scope, found)
      return found
    } catch (error) {
      if (error instanceof LeftToEngine) return values(focus, scope)
      throw error
    }
  }
  const { type } = way
  return {
    type,
    compiled: true,
    values: own,
    typed: (focus, scope) => own(focus, scope).map((value) => ({ value, type })),
  }
}

/** Functions whose answer depends on the moment. */
const changing: ReadonlySet<string> = new Set(['now', 'today', 'timeOfDay'])

/**
 * Functions a path may call: those of FHIRPath and of SQL on FHIR. Left out: what asks another server (resolve, memberOf),
 * what writes a log (trace), and regular expressions, which can take for ever while somebody waits to write.
 */
const functionNames: ReadonlySet<string> = new Set(
  `getResourceKey getReferenceKey empty not exists all allTrue anyTrue allFalse anyFalse subsetOf supersetOf isDistinct
  distinct count where extension select coalesce sort aggregate sum min max avg single first last type ofType is as tail
  skip take combine union intersect exclude iif defineVariable toInteger toLong toDecimal toString toDate toDateTime toTime
  toBoolean toQuantity hasValue getValue convertsToBoolean convertsToInteger convertsToLong convertsToDecimal
  convertsToString convertsToDate convertsToDateTime convertsToTime convertsToQuantity indexOf lastIndexOf substring
  startsWith endsWith contains upper lower replace length toChars join split trim encode decode escape unescape abs
  ceiling exp floor ln log power round sqrt truncate lowBoundary highBoundary now today timeOfDay yearOf monthOf dayOf
  hourOf minuteOf secondOf millisecondOf timezoneOffsetOf dateOf timeOf repeat children descendants comparable precision`.split(
    /\s+/,
  ),
)
