import { compile, leave, type Scope, type Typed, truth, Unsupported, type Values } from './fast.ts'
import { compareMoments, isMomentType } from './moments.ts'
import type { Expression } from './syntax.ts'

type Binary = Extract<Expression, { kind: 'binary' }>

/** Three-valued logic: undefined is FHIRPath's empty. A single value that is no boolean counts as true. */
export function fastBoolean(values: Values): boolean | undefined {
  if (values.length === 0) return undefined
  if (values.length > 1) return leave()
  return values[0] !== false
}

const logic: Readonly<
  Record<string, (left: boolean | undefined, right: () => boolean | undefined) => boolean | undefined>
> = {
  and: (left, right) => {
    if (left === false) return false
    const other = right()
    return other === false ? false : left === undefined || other === undefined ? undefined : true
  },
  or: (left, right) => {
    if (left === true) return true
    const other = right()
    return other === true ? true : left === undefined || other === undefined ? undefined : false
  },
  xor: (left, right) => {
    const other = right()
    return left === undefined || other === undefined ? undefined : left !== other
  },
  implies: (left, right) => {
    if (left === false) return true
    const other = right()
    if (left === true) return other
    return other === true ? true : undefined
  },
}

/** Compiles an operator between two expressions. */
export function fastOperators(expression: Binary, scope: Scope): Typed {
  const { operator } = expression
  const left = compile(expression.left, scope)
  const right = compile(expression.right, scope)
  const join = logic[operator]
  if (join !== undefined)
    return boolean((focus, environment) =>
      truth(join(fastBoolean(left.run(focus, environment)), () => fastBoolean(right.run(focus, environment)))),
    )
  if (operator === '|') return union(left, right)
  if (operator === '&') return joined(left, right)
  const compare = comparison(operator, left, right)
  return boolean((focus, environment) => truth(compare(left.run(focus, environment), right.run(focus, environment))))
}

const boolean = (run: Typed['run']): Typed => ({ run, types: ['boolean'], single: true })

function union(left: Typed, right: Typed): Typed {
  const types = [...new Set([...left.types, ...right.types])]
  return {
    types,
    single: false,
    run: (focus, environment) => {
      const all = [...left.run(focus, environment), ...right.run(focus, environment)]
      if (all.length > 1 && all.some((each) => typeof each === 'object')) return leave()
      return [...new Set(all)]
    },
  }
}

function joined(left: Typed, right: Typed): Typed {
  const text = (values: Values): string =>
    values.length === 0 ? '' : values.length === 1 && typeof values[0] === 'string' ? values[0] : leave()
  return {
    types: ['string'],
    single: true,
    run: (focus, environment) => [text(left.run(focus, environment)) + text(right.run(focus, environment))],
  }
}

type Compare = (left: Values, right: Values) => boolean | undefined

function comparison(operator: string, left: Typed, right: Typed): Compare {
  const moments = [...left.types, ...right.types].some(isMomentType)
  switch (operator) {
    case '=':
      return (one, other) => equal(one, other, moments)
    case '!=':
      return (one, other) => {
        const same = equal(one, other, moments)
        return same === undefined ? undefined : !same
      }
    case 'in':
      return (one, other) => {
        if (one.length === 0) return undefined
        if (one.length > 1 || moments) return leave()
        return other.some((each) => sameValue(one[0], each))
      }
    case 'contains':
      return (one, other) => {
        if (other.length === 0) return undefined
        if (other.length > 1 || moments) return leave()
        return one.some((each) => sameValue(other[0], each))
      }
    case '<':
      return ordered(moments, (order) => order < 0)
    case '<=':
      return ordered(moments, (order) => order <= 0)
    case '>':
      return ordered(moments, (order) => order > 0)
    case '>=':
      return ordered(moments, (order) => order >= 0)
    default:
      throw new Unsupported(operator)
  }
}

function equal(left: Values, right: Values, moments: boolean): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined
  if (moments) return leave()
  if (left.length !== right.length) return false
  return left.every((each, index) => sameValue(each, right[index]))
}

function sameValue(left: unknown, right: unknown): boolean {
  if (typeof left === 'object' || typeof right === 'object') return leave()
  if (typeof left !== typeof right) return leave()
  return left === right
}

const ordered =
  (moments: boolean, answer: (order: number) => boolean): Compare =>
  (left, right) => {
    if (left.length === 0 || right.length === 0) return undefined
    if (left.length > 1 || right.length > 1) return leave()
    const [one] = left
    const [other] = right
    if (typeof one === 'number' && typeof other === 'number') return answer(one - other)
    if (typeof one !== 'string' || typeof other !== 'string') return leave()
    return answer(moments ? (compareMoments(one, other) ?? leave()) : one < other ? -1 : one > other ? 1 : 0)
  }
