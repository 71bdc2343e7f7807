import { compile, leave, no, nothing, type Scope, type Typed, truth, Unsupported, type Values, yes } from './fast.ts'
import { fastBoolean } from './fast-operators.ts'
import type { Expression } from './syntax.ts'

type Make = (input: Typed, args: readonly Expression[], scope: Scope) => Typed

/** What a criterion says of each value of an input. */
function criterion(input: Typed, expression: Expression | undefined, scope: Scope): Typed | undefined {
  if (expression === undefined) return undefined
  // Inside, $this is one value of the input.
  const focus: Typed = { run: (value) => [value], types: input.types, single: true }
  // The narrowing of a choice is tied to its parent, which is not the focus in here.
  return compile(expression, { ...scope, focus })
}

const boolean = (run: Typed['run']): Typed => ({ run, types: ['boolean'], single: true })

/** A function of one text; an input that is no single text goes to the full engine. */
const ofText =
  (types: readonly string[], answer: (text: string, argument: string) => unknown): Make =>
  (input, args, scope) => {
    const argument = args[0] === undefined ? undefined : compile(args[0], scope)
    return {
      types,
      single: true,
      run: (focus, environment) => {
        const values = input.run(focus, environment)
        if (values.length === 0) return nothing
        const given = argument?.run(focus, environment) ?? ['']
        const [text] = values
        if (values.length > 1 || typeof text !== 'string' || given.length !== 1) return leave()
        const [first] = given
        return typeof first === 'string' ? [answer(text, first)] : leave()
      },
    }
  }

const filtered = (keep: Typed, values: Values, environment: Parameters<Typed['run']>[1]): unknown[] =>
  values.filter((each) => fastBoolean(keep.run(each, environment)) === true)

const where: Make = (input, [expression], scope) => {
  const keep = criterion(input, expression, scope)
  if (keep === undefined) throw new Unsupported('where()')
  return {
    types: input.types,
    single: input.single,
    run: (focus, environment) => {
      const values = input.run(focus, environment)
      return values.length === 0 ? nothing : filtered(keep, values, environment)
    },
  }
}

const patterns = new Map<string, RegExp>()
function patternOf(text: string): RegExp {
  const known = patterns.get(text)
  if (known !== undefined) return known
  const made = expressionOf(text)
  if (patterns.size < 1000) patterns.set(text, made)
  return made
}

function expressionOf(text: string): RegExp {
  try {
    return new RegExp(text, 'su')
  } catch {
    // eld-16 and others escape characters that need none, which only the older syntax lets pass.
    return new RegExp(text, 's')
  }
}

const distinctKeys = (values: Values): number => {
  if (values.some((each) => typeof each === 'object')) return leave()
  return new Set(values).size
}

/** The functions that the fast engine knows, with exactly the answers of the full one. */
export const fastFunctions: Readonly<Record<string, Make>> = {
  exists: (input, [expression], scope) => {
    const keep = criterion(input, expression, scope)
    const { run } = input
    if (keep === undefined) return boolean((focus, environment) => (run(focus, environment).length > 0 ? yes : no))
    return boolean((focus, environment) => truth(filtered(keep, run(focus, environment), environment).length > 0))
  },
  empty: ({ run }) => boolean((focus, environment) => (run(focus, environment).length > 0 ? no : yes)),
  not: ({ run }) =>
    boolean((focus, environment) => {
      const value = fastBoolean(run(focus, environment))
      return value === undefined ? nothing : value ? no : yes
    }),
  hasValue: ({ run, types }) => {
    if (types.length !== 1) throw new Unsupported('hasValue() of a choice')
    return boolean((focus, environment) => {
      const values = run(focus, environment)
      return values.length !== 1 ? no : typeof values[0] === 'object' ? no : yes
    })
  },
  all: (input, [expression], scope) => {
    const keep = criterion(input, expression, scope)
    if (keep === undefined) throw new Unsupported('all()')
    return boolean((focus, environment) =>
      truth(input.run(focus, environment).every((each) => fastBoolean(keep.run(each, environment)) === true)),
    )
  },
  where,
  select: (input, [expression], scope) => {
    const made = criterion(input, expression, scope)
    if (made === undefined) throw new Unsupported('select()')
    return {
      types: made.types,
      single: made.single && input.single,
      run: (focus, environment) => input.run(focus, environment).flatMap((each) => made.run(each, environment)),
    }
  },
  count: ({ run }) => ({
    types: ['integer'],
    single: true,
    run: (focus, environment) => [run(focus, environment).length],
  }),
  first: ({ run, types }) => ({
    types,
    single: true,
    run: (focus, environment) => run(focus, environment).slice(0, 1),
  }),
  trace: (input) => input,
  isDistinct: ({ run }) =>
    boolean((focus, environment) => {
      const values = run(focus, environment)
      return truth(distinctKeys(values) === values.length)
    }),
  distinct: ({ run, types, single }) => ({
    types,
    single,
    run: (focus, environment) => {
      const values = run(focus, environment)
      distinctKeys(values)
      return [...new Set(values)]
    },
  }),
  matches: ofText(['boolean'], (text, pattern) => patternOf(pattern).test(text)),
  startsWith: ofText(['boolean'], (text, start) => text.startsWith(start)),
  endsWith: ofText(['boolean'], (text, end) => text.endsWith(end)),
  contains: ofText(['boolean'], (text, part) => text.includes(part)),
  length: ofText(['integer'], (text) => text.length),
  upper: ofText(['string'], (text) => text.toUpperCase()),
  lower: ofText(['string'], (text) => text.toLowerCase()),
  toString: ofText(['string'], (text) => text),
  extension: (input, [url], scope) => {
    if (url?.kind !== 'literal' || input.types.some((type) => /^[a-z]/.test(type))) throw new Unsupported('extension()')
    const wanted: Expression = {
      kind: 'binary',
      operator: '=',
      left: { kind: 'member', name: 'url' },
      right: url,
    }
    const all = compile({ kind: 'member', name: 'extension' }, { ...scope, focus: input })
    return where(all, [wanted], scope)
  },
}
