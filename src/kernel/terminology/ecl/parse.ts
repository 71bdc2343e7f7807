import { problem } from '../../../base/problem.ts'
import { type Comparison, comparisons, type Expression, type Refinement, type Relation } from './expression.ts'

/**
 * Parses an expression constraint (SNOMED International, Expression Constraint Language 2.x) in its brief and its long
 * form, as far as value sets need it. What is not understood is refused with its place.
 */
export function parseEcl(text: string): Expression {
  if (text.length > longest) throw problem('invalid', `An expression may have ${longest} characters`)
  const reader: Reader = { text, at: 0, depth: 0 }
  const found = expression(reader)
  space(reader)
  if (reader.at < text.length) throw refused(reader, 'the expression should end here')
  return found
}

const longest = 20_000
const deepest = 60

interface Reader {
  readonly text: string
  at: number
  depth: number
}

const refused = ({ text, at }: Reader, why: string): Error =>
  problem('rule', `This expression is not understood at character ${at + 1} ("${text.slice(at, at + 20)}"): ${why}`, {
    expression: 'ValueSet.compose.include.filter.value',
  })

function match(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)
  if (found === null) return undefined
  reader.at += found[0].length
  return found[1] ?? found[0]
}

const space = (reader: Reader): void => void match(reader, /(?:\s|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y)

function next(reader: Reader, pattern: RegExp): string | undefined {
  space(reader)
  return match(reader, pattern)
}

const peek = (reader: Reader): string => {
  space(reader)
  return reader.text[reader.at] ?? ''
}

function inside<T>(reader: Reader, read: () => T, close: string): T {
  reader.depth += 1
  if (reader.depth > deepest) throw refused(reader, 'it is nested too deeply')
  const found = read()
  if (peek(reader) !== close) throw refused(reader, `"${close}" is missing`)
  reader.at += 1
  reader.depth -= 1
  return found
}

const kinds = { and: 'and', ',': 'and', or: 'or', minus: 'minus' } as const

const conjunction = (word: string): 'and' | 'or' | 'minus' => {
  const key = word.toLowerCase()
  return key === 'or' ? kinds.or : key === 'minus' ? kinds.minus : kinds.and
}

function expression(reader: Reader): Expression {
  let left = refined(reader)
  let used: string | undefined
  for (;;) {
    const word = next(reader, /(and|or|minus)(?![a-z])|,/iy)
    if (word === undefined) return left
    const kind = conjunction(word)
    // "A OR B AND C" has no meaning in ECL: parentheses must say which comes first.
    if (used !== undefined && (used !== kind || kind === 'minus')) throw refused(reader, 'parentheses are needed')
    used = kind
    left = { kind, left, right: refined(reader) }
  }
}

function refined(reader: Reader): Expression {
  const focus = sub(reader)
  if (peek(reader) === '.') throw refused(reader, 'a dotted attribute is not known here')
  if (next(reader, /:/y) === undefined) return focus
  return { kind: 'refined', focus, by: refinement(reader) }
}

const relations: readonly (readonly [RegExp, Relation])[] = [
  [/<<!|childOrSelfOf(?![a-z])/iy, 'childrenOrSelf'],
  [/<<|descendantOrSelfOf(?![a-z])/iy, 'descendantsOrSelf'],
  [/<!|childOf(?![a-z])/iy, 'children'],
  [/<|descendantOf(?![a-z])/iy, 'descendants'],
  [/>>!|parentOrSelfOf(?![a-z])/iy, 'parentsOrSelf'],
  [/>>|ancestorOrSelfOf(?![a-z])/iy, 'ancestorsOrSelf'],
  [/>!|parentOf(?![a-z])/iy, 'parents'],
  [/>|ancestorOf(?![a-z])/iy, 'ancestors'],
  [/\^|memberOf(?![a-z])/iy, 'members'],
]

function sub(reader: Reader): Expression {
  for (const [pattern, relation] of relations)
    if (next(reader, pattern) !== undefined) {
      reader.depth += 1
      if (reader.depth > deepest) throw refused(reader, 'it is nested too deeply')
      const of = sub(reader)
      reader.depth -= 1
      return { kind: 'related', relation, of }
    }
  if (next(reader, /\(/y) !== undefined) return inside(reader, () => expression(reader), ')')
  if (next(reader, /\*|any(?![a-z])/iy) !== undefined) return { kind: 'any' }
  const code = next(reader, /\d{6,18}/y)
  if (code === undefined) throw refused(reader, 'a concept is expected')
  // A term in pipes is for readers.
  space(reader)
  match(reader, /\|[^|]*\|/y)
  if (peek(reader) === '|') throw refused(reader, 'a term must end with "|"')
  return { kind: 'concept', code }
}

function refinement(reader: Reader): Refinement {
  let left = refinementPart(reader)
  let used: string | undefined
  for (;;) {
    const before = reader.at
    const word = next(reader, /(and|or)(?![a-z])|,/iy)
    if (word === undefined) return left
    const kind = conjunction(word)
    if (kind === 'minus' || (used !== undefined && used !== kind)) {
      reader.at = before
      throw refused(reader, 'parentheses are needed')
    }
    used = kind
    left = { kind, left, right: refinementPart(reader) }
  }
}

function refinementPart(reader: Reader): Refinement {
  if (peek(reader) === '[') throw refused(reader, 'a cardinality is not known here')
  if (next(reader, /\{/y) !== undefined) return { kind: 'group', inside: inside(reader, () => refinement(reader), '}') }
  if (peek(reader) === '(') {
    // Either a refinement in parentheses or an attribute name in them: the name is followed by a comparison.
    const { at, depth } = reader
    const name = attempt(() => sub(reader))
    if (name !== undefined && /^\s*(?:!?=|[<>])/.test(reader.text.slice(reader.at))) return attribute(reader, name)
    reader.at = at + 1
    reader.depth = depth
    return inside(reader, () => refinement(reader), ')')
  }
  if (next(reader, /(?:R|reverseOf)(?=\s*[\d<*^(])/y) !== undefined)
    throw refused(reader, 'a reversed attribute is not known here')
  return attribute(reader, sub(reader))
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function attribute(reader: Reader, name: Expression): Refinement {
  const found = next(reader, /!=|<=|>=|=|<|>/y)
  const comparison: Comparison | undefined = comparisons.find((each) => each === found)
  if (comparison === undefined) throw refused(reader, '"=" is expected')
  const number = next(reader, /#([+-]?\d+(?:\.\d+)?)/y)
  if (number !== undefined) return { kind: 'literal', name, comparison, value: number, isNumber: true }
  const words = next(reader, /"([^"]*)"/y)
  if (words !== undefined)
    return { kind: 'literal', name, comparison, value: words.replaceAll('"', ''), isNumber: false }
  if (comparison !== '=' && comparison !== '!=') throw refused(reader, 'only numbers are compared so')
  return { kind: 'attribute', name, equal: comparison === '=', value: sub(reader) }
}
