import { type PairExtraction, pairExtractionsOf } from './composite.ts'
import { type Emit, emitterOf } from './emit.ts'
import { mainCode } from './main-code.ts'
import { mainDate } from './main-date.ts'
import { indexedParametersOf } from './parameters.ts'
import { follow, type Resource, type Route, valuesAt } from './path.ts'
import { absenceTest, presenceOf } from './presence.ts'
import { absentToken, parameterKey, parameterName, presentToken } from './token.ts'

/** A row of the string side table: the parameter's key and one normalised text. */
export interface StringRow {
  readonly key: bigint
  readonly value: string
  /** Hash of the text as it was sent, for `:exact`. */
  readonly raw: bigint
  /** All of a normalised text that `value` holds only the beginning of. */
  readonly whole: string | undefined
}

/** A row of the number side table. Both ends belong to the range; they are decimals as text, or infinities. */
export interface NumberRow {
  readonly key: bigint
  readonly low: string
  readonly high: string
  /** Hashes of the unit: system and code, code, displayed unit; 0 where there is none. */
  readonly coded: bigint
  readonly code: bigint
  readonly unit: bigint
  /** The same range in base units, with what they measure; undefined where the unit is no UCUM code. */
  readonly canonical: { readonly unit: bigint; readonly low: string; readonly high: string } | undefined
}

/** A row of the date side table. Both ends belong to the range: milliseconds since 1970; an open end is an infinity. */
export interface DateRow {
  readonly key: bigint
  readonly low: number
  readonly high: number
}

/** What a stored resource can be found by. */
export interface SearchColumns {
  /** Key of the type's main code; see `main-code.ts`. */
  readonly code: bigint
  /** When it happened, in milliseconds since 1970: the beginning of the type's main date. */
  readonly date: number | undefined
  readonly tokens: readonly bigint[]
  readonly strings: readonly StringRow[]
  /** One row for each value of each date parameter, the main date among them. */
  readonly dates: readonly DateRow[]
  readonly numbers: readonly NumberRow[]
  /** `Type/id` of every relative reference that a reference parameter reaches. */
  readonly references: readonly string[]
}

/** Makes the search columns of a resource that has passed the structure check. */
export function extract(resource: Resource): SearchColumns {
  const type = typeof resource['resourceType'] === 'string' ? resource['resourceType'] : ''
  const plan = planOf(type)
  const found: Found = {
    tokens: new Set<bigint>(),
    strings: [],
    dates: [],
    numbers: [],
    references: new Set<string>(),
  }
  for (const key in resource) for (const extraction of plan.byKey.get(key) ?? []) run(extraction, resource, found)
  for (const extraction of plan.always) run(extraction, resource, found)
  for (const { isAbsent, token } of plan.absences) if (isAbsent(resource)) found.tokens.add(token)
  for (const { route, emit } of plan.pairs) for (const element of valuesAt(route, resource)) emit(element, found)
  return {
    code: mainCode(type, resource),
    date: mainDate(type, resource),
    tokens: [...found.tokens],
    strings: found.strings,
    dates: found.dates,
    numbers: found.numbers,
    references: [...found.references],
  }
}

/** Columns while they are collected; each is kept once, though a resource says many things twice. */
export interface Found {
  readonly tokens: Set<bigint>
  readonly strings: StringRow[]
  readonly dates: DateRow[]
  readonly numbers: NumberRow[]
  readonly references: Set<string>
}

/** One way to values of one parameter, and what to do with each. */
interface Extraction {
  readonly route: Route
  readonly name: string
  readonly key: bigint
  /** Token that says it has a value, for those that keep one. */
  readonly present: bigint | undefined
  readonly emit: Emit | undefined
}

interface Plan {
  /** By the first JSON name on the way: only what a resource has is looked at. */
  readonly byKey: ReadonlyMap<string, readonly Extraction[]>
  /** Yes-or-no parameters, which have a value for every resource. */
  readonly always: readonly Extraction[]
  /** Pairs of values in one element, for composite parameters. */
  readonly pairs: readonly PairExtraction[]
  /** Tokens of parameters that nearly every resource has, for one that has not. */
  readonly absences: readonly { readonly isAbsent: (resource: Resource) => boolean; readonly token: bigint }[]
}

const plans = new Map<string, Plan>()

function planOf(type: string): Plan {
  const known = plans.get(type)
  if (known !== undefined) return known
  const parameters = indexedParametersOf(type)
  const all = parameters.flatMap((parameter) => {
    const { definition, routes } = parameter
    const name = parameterName(type, definition.code)
    const present = presenceOf(type, parameter) === 'present-token' ? presentToken(name) : undefined
    return routes.flatMap((route): Extraction[] => {
      const emit = emitterOf(definition, route.type)
      return emit === undefined && present === undefined
        ? []
        : [{ route, name, key: parameterKey(name), present, emit }]
    })
  })
  const made = {
    byKey: Map.groupBy(all, ({ route }) => route.steps[0]?.key ?? ''),
    always: all.filter(({ route }) => route.truth !== undefined),
    pairs: pairExtractionsOf(type),
    absences: parameters
      .filter((parameter) => presenceOf(type, parameter) === 'absent-token')
      .map((parameter) => ({
        isAbsent: absenceTest(type, parameter),
        token: absentToken(parameterName(type, parameter.definition.code)),
      })),
  }
  plans.set(type, made)
  return made
}

function run({ route, name, key, present, emit }: Extraction, resource: Resource, found: Found): void {
  if (route.truth !== undefined) return emit?.(route.truth(resource), name, key, found)
  const values: unknown[] = []
  follow(route.steps, 0, resource, values)
  if (values.length > 0 && present !== undefined) found.tokens.add(present)
  if (emit === undefined) return
  for (const value of values) emit(value, name, key, found)
}
