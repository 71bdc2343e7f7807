import fhirpath from 'fhirpath'
import { isObject } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'

/** A FHIRPath expression as far as views are compiled from it; `other` is left to the engine. */
export type Tree =
  | { readonly kind: 'this' }
  | {
      readonly kind: 'literal'
      readonly type: 'string' | 'boolean' | 'integer' | 'decimal'
      readonly value: string | number | boolean
    }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Tree | undefined; readonly name: string }
  | { readonly kind: 'call'; readonly of: Tree | undefined; readonly name: string; readonly with: readonly Tree[] }
  | { readonly kind: 'index'; readonly of: Tree; readonly at: Tree }
  | { readonly kind: 'operator'; readonly sign: string; readonly left: Tree; readonly right: Tree }
  | { readonly kind: 'other'; readonly parts: readonly Tree[] }

interface Node {
  readonly type: string
  readonly text: string
  readonly children: readonly Node[]
}

/** Parses an expression; throws a problem that says where it breaks. */
export function parseTree(expression: string): Tree {
  try {
    return treeOf(nodeOf(fhirpath.parse(expression)))
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.split(/ expecting |\n/)[0]?.slice(0, 200) : ''
    throw problem('invalid', `This is not FHIRPath: ${said}`, { cause })
  }
}

/** Every function that an expression calls, with the number of its arguments. */
export function callsIn(tree: Tree): readonly string[] {
  switch (tree.kind) {
    case 'this':
    case 'literal':
    case 'variable':
      return []
    case 'member':
      return tree.of === undefined ? [] : callsIn(tree.of)
    case 'call':
      return [tree.name, ...(tree.of === undefined ? [] : callsIn(tree.of)), ...tree.with.flatMap(callsIn)]
    case 'index':
      return [...callsIn(tree.of), ...callsIn(tree.at)]
    case 'operator':
      return [...callsIn(tree.left), ...callsIn(tree.right)]
    case 'other':
      return tree.parts.flatMap(callsIn)
  }
}

function nodeOf(value: unknown): Node {
  if (!isObject(value)) return { type: '', text: '', children: [] }
  const { type, text, children } = value
  return {
    type: typeof type === 'string' ? type : '',
    text: typeof text === 'string' ? text : '',
    children: Array.isArray(children) ? children.map(nodeOf) : [],
  }
}

const operators = new Set(['EqualityExpression', 'InequalityExpression', 'AndExpression', 'OrExpression'])
const transparent = new Set([
  'EntireExpression',
  'TermExpression',
  'InvocationTerm',
  'ParenthesizedTerm',
  'LiteralTerm',
])

function treeOf(node: Node): Tree {
  const [first, second] = node.children
  if (transparent.has(node.type) && node.children.length === 1 && first !== undefined) return treeOf(first)
  if (operators.has(node.type) && first !== undefined && second !== undefined)
    return { kind: 'operator', sign: node.text, left: treeOf(first), right: treeOf(second) }
  if (node.type === 'IndexerExpression' && first !== undefined && second !== undefined)
    return { kind: 'index', of: treeOf(first), at: treeOf(second) }
  if (node.type === 'InvocationExpression' && first !== undefined && second !== undefined)
    return invocation(second, treeOf(first))
  return leaf(node) ?? { kind: 'other', parts: node.children.map(treeOf) }
}

function invocation(node: Node, of: Tree | undefined): Tree {
  if (node.type === 'MemberInvocation') return { kind: 'member', of, name: unquoted(node.text) }
  const call = node.children[0]
  if (node.type !== 'FunctionInvocation' || call === undefined)
    return { kind: 'other', parts: [...(of === undefined ? [] : [of]), ...node.children.map(treeOf)] }
  const list = call.children.find((each) => each.type === 'ParamList')
  return { kind: 'call', of, name: call.children[0]?.text ?? '', with: (list?.children ?? []).map(treeOf) }
}

function leaf(node: Node): Tree | undefined {
  switch (node.type) {
    case 'ThisInvocation':
      return { kind: 'this' }
    case 'MemberInvocation':
    case 'FunctionInvocation':
      return invocation(node, undefined)
    case 'ExternalConstantTerm':
      return { kind: 'variable', name: node.text }
    case 'BooleanLiteral':
      return { kind: 'literal', type: 'boolean', value: node.text === 'true' }
    case 'NumberLiteral':
      return { kind: 'literal', type: node.text.includes('.') ? 'decimal' : 'integer', value: Number(node.text) }
    case 'StringLiteral':
      return { kind: 'literal', type: 'string', value: unescaped(node.text.slice(1, -1)) }
    default:
      return undefined
  }
}

const unquoted = (name: string): string => (name.startsWith('`') ? unescaped(name.slice(1, -1)) : name)

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' }

const unescaped = (text: string): string =>
  text.replaceAll(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, code: string) =>
    code.length === 5 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (escapes[code] ?? code),
  )
