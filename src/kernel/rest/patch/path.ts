import { problem } from '../../../base/problem.ts'

/** One step of a path of FHIRPath Patch. */
export type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'last' | 'single' | 'exists' | 'empty' | 'not' }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'where'; readonly all: readonly Condition[] }

/** What must hold of an element: what a path from it leads to is, or is not, a literal; or is there at all. */
export interface Condition {
  readonly steps: readonly Step[]
  readonly test: 'equal' | 'different' | 'there' | 'absent'
  readonly literal: string
}

const mostCharacters = 2000
const tokenShape =
  /\s*([A-Za-z_][A-Za-z0-9_]*|`[^`]+`|'(?:[^'\\]|\\.)*'|@[0-9T:.+Z-]+|-?\d+(?:\.\d+)?|\$this|%resource|!=|[().[\]=])/y
const rootShape = /^(?:[A-Z]\w*|\$this|%resource)$/
const nameShape = /^(?:[A-Za-z][A-Za-z0-9]*|`[A-Za-z][A-Za-z0-9]*`)$/

/**
 * Parses the part of FHIRPath that names elements to change: members, an index, `first`, `last`, `single`, `ofType`,
 * `as`, `extension`, and `where` with comparisons, `exists` and `empty` joined by `and`. Its cost is the length of the
 * path times the elements of the resource; the rest of FHIRPath has no such bound and is refused.
 */
export function parsePatchPath(path: string, expression: string): readonly Step[] {
  const refusal = (): Error =>
    problem('rule', 'This path uses FHIRPath that a patch here does not know', { expression })
  const tokens = tokensOf(path)
  if (tokens === undefined) throw refusal()
  const parser = new Parser(tokens, refusal)
  const steps = parser.path(true)
  parser.end()
  if (steps.some(({ kind }) => kind === 'exists' || kind === 'empty' || kind === 'not')) throw refusal()
  return steps
}

function tokensOf(path: string): readonly string[] | undefined {
  if (path.length > mostCharacters) return undefined
  const text = path.trim()
  const tokens: string[] = []
  tokenShape.lastIndex = 0
  while (tokenShape.lastIndex < text.length) {
    const found = tokenShape.exec(text)?.[1]
    if (found === undefined) return undefined
    tokens.push(found)
  }
  return tokens
}

/** Walks over the tokens of one path. */
class Parser {
  readonly #tokens: readonly string[]
  readonly #refusal: () => Error
  #at = 0

  constructor(tokens: readonly string[], refusal: () => Error) {
    this.#tokens = tokens
    this.#refusal = refusal
  }

  /** A path from the resource may begin with its type; one inside `where` begins with an element or a call. */
  path(fromRoot: boolean): Step[] {
    const steps: Step[] = []
    const first = this.#tokens[this.#at] ?? ''
    if (first === '$this' || (fromRoot && rootShape.test(first))) this.#at += 1
    else steps.push(this.#step())
    for (;;) {
      if (this.#take('.')) steps.push(this.#step())
      else if (this.#take('[')) {
        steps.push({ kind: 'index', at: this.#whole() })
        this.#expect(']')
      } else return steps
    }
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#refusal()
  }

  #step(): Step {
    const name = this.#next()
    if (!nameShape.test(name)) throw this.#refusal()
    if (!this.#take('(')) return { kind: 'member', name: name.replaceAll('`', '') }
    const step = this.#call(name)
    this.#expect(')')
    return step
  }

  #call(name: string): Step {
    switch (name) {
      case 'first':
        return { kind: 'index', at: 0 }
      case 'last':
      case 'single':
      case 'exists':
      case 'empty':
      case 'not':
        return { kind: name }
      case 'ofType':
      case 'as':
        return { kind: 'type', type: this.#next() }
      case 'extension':
        return { kind: 'extension', url: this.#literal() }
      case 'where':
        return { kind: 'where', all: this.#conditions() }
      default:
        throw this.#refusal()
    }
  }

  #conditions(): readonly Condition[] {
    const all = [this.#condition()]
    while (this.#take('and')) all.push(this.#condition())
    return all
  }

  #condition(): Condition {
    const steps = this.path(false)
    if (this.#take('=')) return { steps, test: 'equal', literal: this.#literal() }
    if (this.#take('!=')) return { steps, test: 'different', literal: this.#literal() }
    const kinds = steps.map(({ kind }) => kind)
    if (kinds.at(-1) === 'exists') return { steps: steps.slice(0, -1), test: 'there', literal: '' }
    if (kinds.at(-1) === 'empty') return { steps: steps.slice(0, -1), test: 'absent', literal: '' }
    if (kinds.at(-1) === 'not' && kinds.at(-2) === 'exists')
      return { steps: steps.slice(0, -2), test: 'absent', literal: '' }
    throw this.#refusal()
  }

  #whole(): number {
    const token = this.#next()
    if (!/^\d{1,6}$/.test(token)) throw this.#refusal()
    return Number(token)
  }

  /** The text of a literal: dates without `@`, strings without quotes. */
  #literal(): string {
    const token = this.#next()
    if (token.startsWith("'")) return token.slice(1, -1).replace(/\\(.)/g, '$1')
    if (/^(?:@|-?\d|true$|false$)/.test(token)) return token.replace('@', '')
    throw this.#refusal()
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at += 1
    return true
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#refusal()
  }

  #next(): string {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw this.#refusal()
    this.#at += 1
    return token
  }
}
