/** A parsed search parameter expression. */
export type Path =
  | { readonly kind: 'root'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Path; readonly name: string }
  | { readonly kind: 'index'; readonly of: Path; readonly at: number }
  | { readonly kind: 'type'; readonly of: Path; readonly type: string }
  | { readonly kind: 'where'; readonly of: Path; readonly name: string; readonly equals: string }
  | { readonly kind: 'resolves'; readonly of: Path; readonly type: string }
  | { readonly kind: 'extension'; readonly of: Path; readonly url: string }
  | { readonly kind: 'exists'; readonly of: Path }
  | { readonly kind: 'differs'; readonly of: Path; readonly from: boolean }
  | { readonly kind: 'all'; readonly of: readonly Path[] }
  | { readonly kind: 'union'; readonly of: readonly Path[] }

const tokenShape = /\s*([A-Za-z_][A-Za-z0-9_-]*|'[^']*'|\d+|!=|[().|[\]=])/y

/**
 * Parses the part of FHIRPath that the R4 search parameters are written in: dotted paths, unions, parentheses, `as` and
 * `ofType`, `where`, `extension`, an index, `exists`, `and`, `!=`. Throws on anything else.
 */
export function parsePath(expression: string): Path {
  const parser = new Parser(expression)
  const path = parser.union()
  parser.end()
  return path
}

/** Walks over the tokens of one expression. */
class Parser {
  readonly #expression: string
  readonly #tokens: readonly string[]
  #at = 0

  constructor(expression: string) {
    this.#expression = expression
    this.#tokens = tokensOf(expression)
  }

  union(): Path {
    const of = this.#separated('|', () => this.#all())
    return of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'union', of }
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#unknown()
  }

  #all(): Path {
    const of = this.#separated('and', () => this.#comparison())
    return of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'all', of }
  }

  #comparison(): Path {
    const of = this.#steps()
    if (this.#take('as')) return { kind: 'type', of, type: this.#name() }
    if (!this.#take('!=')) return of
    const literal = this.#name()
    if (literal !== 'true' && literal !== 'false') throw this.#unknown()
    return { kind: 'differs', of, from: literal === 'true' }
  }

  #steps(): Path {
    let path = this.#first()
    for (;;) {
      if (this.#take('.')) path = this.#step(path)
      else if (this.#take('[')) {
        path = { kind: 'index', of: path, at: Number(this.#next()) }
        this.#expect(']')
      } else return path
    }
  }

  #first(): Path {
    if (!this.#take('(')) return { kind: 'root', name: this.#name() }
    const path = this.union()
    this.#expect(')')
    return path
  }

  #step(of: Path): Path {
    const name = this.#name()
    if (!this.#take('(')) return { kind: 'member', of, name }
    const path = this.#call(of, name)
    this.#expect(')')
    return path
  }

  #call(of: Path, name: string): Path {
    switch (name) {
      case 'ofType':
      case 'as':
        return { kind: 'type', of, type: this.#name() }
      case 'exists':
        return { kind: 'exists', of }
      case 'extension':
        return { kind: 'extension', of, url: this.#text() }
      case 'where':
        return this.#where(of)
      default:
        throw this.#unknown()
    }
  }

  #where(of: Path): Path {
    const name = this.#name()
    if (name !== 'resolve') {
      this.#expect('=')
      return { kind: 'where', of, name, equals: this.#text() }
    }
    for (const token of ['(', ')', 'is']) this.#expect(token)
    return { kind: 'resolves', of, type: this.#name() }
  }

  #separated(separator: string, part: () => Path): readonly Path[] {
    const parts = [part()]
    while (this.#take(separator)) parts.push(part())
    return parts
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at += 1
    return true
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#unknown()
  }

  #next(): string {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw this.#unknown()
    this.#at += 1
    return token
  }

  #name(): string {
    const token = this.#next()
    if (!/^[A-Za-z_]/.test(token)) throw this.#unknown()
    return token
  }

  #text(): string {
    const token = this.#next()
    if (!token.startsWith("'")) throw this.#unknown()
    return token.slice(1, -1)
  }

  #unknown(): Error {
    return new Error(`Not a search parameter expression Linchpin knows, near part ${this.#at + 1}: ${this.#expression}`)
  }
}

function tokensOf(expression: string): readonly string[] {
  const text = expression.trim()
  const tokens: string[] = []
  tokenShape.lastIndex = 0
  while (tokenShape.lastIndex < text.length) {
    const before = tokenShape.lastIndex
    const found = tokenShape.exec(text)?.[1]
    if (found === undefined) throw new Error(`Not a search parameter expression Linchpin knows, at ${before}: ${text}`)
    tokens.push(found)
  }
  return tokens
}
