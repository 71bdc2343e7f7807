import { problem } from '../../base/problem.ts'
import { type Budget, type Filter, parseCriterion, type Unknown, unknownName } from './criterion.ts'
import { withOperator } from './filter-operator.ts'
import { searchParameter } from './parameters.ts'

/** Longest `_filter`, and how deep its brackets may lie. */
export const longestFilter = 4000
export const deepestFilter = 20

/** Decodes a `_filter` expression (R4, _filter parameter): comparisons with and, or, not, brackets and chains. */
export function parseFilter(type: string, text: string, budget: Budget): Filter | Unknown {
  if (text.length > longestFilter) throw wrong(`it is longer than ${longestFilter} characters`)
  const parser = new Parser(tokensOf(text), budget)
  const filter = parser.either(type, 0)
  parser.end()
  return filter
}

const wrong = (why: string): Error =>
  problem('invalid', `The _filter cannot be read: ${why}`, { expression: '_filter' })

const tokenShape = /\s*("(?:[^"\\]|\\.)*"|[()[\]]|[^\s()[\]"]+)/y

function tokensOf(text: string): readonly string[] {
  const source = text.trim()
  const tokens: string[] = []
  tokenShape.lastIndex = 0
  while (tokenShape.lastIndex < source.length) {
    const at = tokenShape.lastIndex
    const found = tokenShape.exec(source)?.[1]
    if (found === undefined) throw wrong(`a text has no end, at character ${at + 1}`)
    tokens.push(found)
  }
  return tokens
}

class Parser {
  readonly #tokens: readonly string[]
  readonly #budget: Budget
  #at = 0

  constructor(tokens: readonly string[], budget: Budget) {
    this.#tokens = tokens
    this.#budget = budget
  }

  either(type: string, depth: number): Filter {
    if (depth > deepestFilter) throw wrong(`its brackets lie deeper than ${deepestFilter}`)
    const of = [this.#both(type, depth)]
    while (this.#take('or')) of.push(this.#both(type, depth))
    const [only] = of
    return of.length === 1 && only !== undefined ? only : { type, criteria: [], joined: [{ kind: 'either', of }] }
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw wrong(`nothing was expected where "${this.#shown()}" is`)
  }

  #both(type: string, depth: number): Filter {
    const parts = [this.#one(type, depth)]
    while (this.#take('and')) parts.push(this.#one(type, depth))
    return {
      type,
      criteria: parts.flatMap((each) => each.criteria),
      joined: parts.flatMap((each) => each.joined),
    }
  }

  #one(type: string, depth: number): Filter {
    if (this.#take('not')) {
      this.#expect('(')
      const of = this.either(type, depth + 1)
      this.#expect(')')
      return { type, criteria: [], joined: [{ kind: 'not', of }] }
    }
    if (!this.#take('(')) return this.#comparison(type, this.#next(), depth)
    const inner = this.either(type, depth + 1)
    this.#expect(')')
    return inner
  }

  /** `path op value`; a part of the path may be narrowed: `subject[active eq true].name co "hill"`. */
  #comparison(type: string, path: string, depth: number): Filter {
    if (this.#take('[')) return this.#narrowed(type, path, depth)
    const operator = this.#next()
    const value = this.#next()
    const text = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value
    // Commas part alternatives elsewhere; here a value is one value. A token's bar keeps its meaning.
    const escaped = text.replace(value.startsWith('"') ? /[\\,$|]/g : /[\\,$]/g, '\\$&')
    if (escaped === '') throw wrong(`"${path.slice(0, 60)}" is compared with nothing`)
    const parsed = parseCriterion(type, path, escaped, this.#budget)
    if ('unknown' in parsed) throw unknownName('_filter', parsed)
    return withOperator(parsed, operator)
  }

  #narrowed(type: string, path: string, depth: number): Filter {
    const [code = '', only] = path.split(':')
    const parameter = searchParameter(type, code)
    const allowed = (parameter?.target ?? []).filter((each) => only === undefined || each === only)
    if (parameter?.type !== 'reference' || allowed.length === 0)
      throw wrong(`"${path.slice(0, 60)}" is no reference of ${type} to follow`)
    const start = this.#at
    const targets = allowed.map((target) => {
      this.#budget.joins -= 1
      if (this.#budget.joins < 0) throw wrong('it follows too many references. Name the type of each: subject:Patient')
      this.#at = start
      const condition = this.either(target, depth + 1)
      this.#expect(']')
      const rest = this.#next()
      if (!rest.startsWith('.')) throw wrong('after "]" a point and a parameter are expected')
      const further = this.#comparison(target, rest.slice(1), depth + 1)
      return {
        type: target,
        criteria: [...condition.criteria, ...further.criteria],
        joined: [...condition.joined, ...further.joined],
      }
    })
    return { type, criteria: [], joined: [{ kind: 'chain', code, targets }] }
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at += 1
    return true
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw wrong(`"${token}" is expected where "${this.#shown()}" is`)
  }

  #next(): string {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw wrong('it ends too early')
    this.#at += 1
    return token
  }

  #shown(): string {
    return (this.#tokens[this.#at] ?? 'the end').slice(0, 40)
  }
}
