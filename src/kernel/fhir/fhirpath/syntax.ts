/** A FHIRPath expression as a tree (FHIRPath 2.0.0, grammar). `of` is the input; absent for the focus itself. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'empty' }
  | { readonly kind: 'focus' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'member'; readonly of?: Expression; readonly name: string }
  | { readonly kind: 'call'; readonly of?: Expression; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'negative'; readonly of: Expression }
  | { readonly kind: 'type'; readonly operator: 'is' | 'as'; readonly of: Expression; readonly type: string }
  /** A date, time or quantity literal, `$index`, `$total`: read, but left to the full engine. */
  | { readonly kind: 'other'; readonly text: string }

/** The text is no FHIRPath expression. */
export class SyntaxFault extends Error {}

/** Operators from loosest to tightest. All group to the left. */
const levels: readonly (readonly string[])[] = [
  ['implies'],
  ['or', 'xor'],
  ['and'],
  ['in', 'contains'],
  ['=', '!=', '~', '!~'],
  ['<', '<=', '>', '>='],
  ['|'],
  ['is', 'as'],
  ['+', '-', '&'],
  ['*', '/', 'div', 'mod'],
]

const token =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<string>'(?:[^'\\]|\\[\s\S])*')|(?<delimited>`(?:[^`\\]|\\[\s\S])*`)|(?<date>@T?[0-9][0-9T:.Z+-]*)|(?<number>[0-9]+(?:\.[0-9]+)?)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<special>\$this|\$index|\$total)|(?<symbol><=|>=|!=|!~|[-+*/&|<>=~.,()[\]{}%])/y

interface Token {
  readonly kind: 'string' | 'delimited' | 'date' | 'number' | 'name' | 'special' | 'symbol' | 'end'
  readonly text: string
}

/** Reads an expression; throws a SyntaxFault when it is none. */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokens(text))
  const found = parser.expression(0)
  if (parser.next.kind !== 'end') throw new SyntaxFault(`"${parser.next.text}" was not expected`)
  return found
}

function tokens(text: string): Token[] {
  const found: Token[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const match = token.exec(text)
    if (match === null) throw new SyntaxFault(`"${text.slice(at, at + 10)}" cannot be read`)
    for (const [kind, value] of Object.entries(match.groups ?? {}))
      if (value !== undefined && isKind(kind)) found.push({ kind, text: value })
  }
  return [...found, { kind: 'end', text: 'the end' }]
}

const kinds: readonly string[] = ['string', 'delimited', 'date', 'number', 'name', 'special', 'symbol']
const isKind = (kind: string): kind is Token['kind'] => kinds.includes(kind)

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' }
const unescaped = (text: string): string =>
  text
    .slice(1, -1)
    .replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, each: string) =>
      each.length === 5 ? String.fromCharCode(Number.parseInt(each.slice(1), 16)) : (escapes[each] ?? each),
    )

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(list: readonly Token[]) {
    this.#tokens = list
  }

  get next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end' }
  }

  expression(level: number): Expression {
    const operators = levels[level]
    if (operators === undefined) return this.#polarity()
    let left = this.expression(level + 1)
    while ((this.next.kind === 'symbol' || this.next.kind === 'name') && operators.includes(this.next.text)) {
      const operator = this.#take().text
      if (operator === 'is' || operator === 'as') left = { kind: 'type', operator, of: left, type: this.#typeName() }
      else left = { kind: 'binary', operator, left, right: this.expression(level + 1) }
    }
    return left
  }

  #polarity(): Expression {
    if (this.next.text === '-' && this.next.kind === 'symbol') {
      this.#take()
      return { kind: 'negative', of: this.#polarity() }
    }
    if (this.next.text === '+' && this.next.kind === 'symbol') this.#take()
    return this.#term()
  }

  #term(): Expression {
    let found = this.#start()
    for (;;) {
      if (this.#is('.')) {
        this.#take()
        found = this.#invocation(found)
      } else if (this.#is('[')) {
        this.#take()
        found = { kind: 'index', of: found, index: this.expression(0) }
        this.#expect(']')
      } else return found
    }
  }

  #start(): Expression {
    const { kind, text } = this.next
    if (kind === 'string') return { kind: 'literal', value: unescaped(this.#take().text) }
    if (kind === 'number') return this.#number()
    if (kind === 'date') return { kind: 'other', text: this.#take().text }
    if (kind === 'name' && (text === 'true' || text === 'false'))
      return { kind: 'literal', value: this.#take().text === 'true' }
    if (this.#is('(')) {
      this.#take()
      const inner = this.expression(0)
      this.#expect(')')
      return inner
    }
    if (this.#is('{')) {
      this.#take()
      this.#expect('}')
      return { kind: 'empty' }
    }
    if (this.#is('%')) {
      this.#take()
      const name = this.#take()
      return { kind: 'variable', name: name.kind === 'name' ? name.text : unescaped(name.text) }
    }
    return this.#invocation(undefined)
  }

  #number(): Expression {
    const { text } = this.#take()
    const { kind, text: unit } = this.next
    const isQuantity =
      kind === 'string' || (kind === 'name' && /^(?:year|month|week|day|hour|minute|second|millisecond)s?$/.test(unit))
    return isQuantity
      ? { kind: 'other', text: `${text} ${this.#take().text}` }
      : { kind: 'literal', value: Number(text) }
  }

  #invocation(of: Expression | undefined): Expression {
    const { kind, text } = this.#take()
    const input = of === undefined ? {} : { of }
    if (kind === 'special') return text === '$this' ? (of ?? { kind: 'focus' }) : { kind: 'other', text }
    if (kind === 'delimited') return { kind: 'member', name: unescaped(text), ...input }
    if (kind !== 'name') throw new SyntaxFault(`"${text}" was not expected`)
    if (!this.#is('(')) return { kind: 'member', name: text, ...input }
    this.#take()
    const args: Expression[] = []
    while (!this.#is(')')) {
      args.push(this.expression(0))
      if (!this.#is(',')) break
      this.#take()
    }
    this.#expect(')')
    return { kind: 'call', name: text, args, ...input }
  }

  #typeName(): string {
    let name = this.#name()
    while (this.#is('.')) {
      this.#take()
      name = `${name}.${this.#name()}`
    }
    return name
  }

  #name(): string {
    const { kind, text } = this.#take()
    if (kind === 'name') return text
    if (kind === 'delimited') return unescaped(text)
    throw new SyntaxFault(`"${text}" is no type name`)
  }

  #is(symbol: string): boolean {
    return this.next.kind === 'symbol' && this.next.text === symbol
  }

  #take(): Token {
    const found = this.next
    this.#at += 1
    return found
  }

  #expect(symbol: string): void {
    if (!this.#is(symbol)) throw new SyntaxFault(`"${symbol}" is missing before "${this.next.text}"`)
    this.#take()
  }
}
