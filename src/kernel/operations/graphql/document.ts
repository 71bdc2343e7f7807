import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { isObject } from '../../../base/json.ts'
import { problem } from '../../../base/problem.ts'

/** What a caller sent: a document, which of its queries is meant, and values for its variables. */
export interface GraphqlRequest {
  readonly query: string
  readonly operationName?: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** A value of an argument: GraphQL's enums and strings are both text here, since FHIR codes are written either way. */
export type ArgumentValue =
  | string
  | number
  | boolean
  | null
  | readonly ArgumentValue[]
  | { readonly [name: string]: ArgumentValue }

/** A query that may run: its selections, with fragments and variables at hand. */
export interface Query {
  readonly selections: SelectionSetNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** The arguments of a field or directive, variables filled in. */
  argumentsOf(node: FieldNode | DirectiveNode): ReadonlyMap<string, ArgumentValue>
}

/** An argument that must be simple, as text. */
export function textOf(name: string, value: ArgumentValue): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw refused(`"${name.slice(0, 60)}" takes a simple value`)
}

const mostTokens = 10_000

/** Most levels of fields: each may multiply what is fetched. */
const mostDepth = 15
const mostFields = 2000

/** Reads a document and picks the query; refuses what is no query, and what would cost too much before anything runs. */
export function readQuery(request: GraphqlRequest): Query {
  const document = parsed(request.query)
  const operation = operationOf(document, request.operationName)
  if (operation.operation !== 'query') throw refused('Only queries can be run: data is changed by other interactions')
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === 'FragmentDefinition' ? [[each.name.value, each] as const] : [],
    ),
  )
  measure(operation.selectionSet, fragments)
  const variables = variablesOf(operation, request.variables)
  return {
    selections: operation.selectionSet,
    fragments,
    argumentsOf: (node) =>
      new Map((node.arguments ?? []).map((each) => [each.name.value, plain(each.value, variables)])),
  }
}

export const refused = (message: string): Error => problem('invalid', message, { expression: 'query' })

function parsed(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: mostTokens, noLocation: true })
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause
    throw problem('invalid', `The query cannot be read: ${cause.message.slice(0, 200)}`, { cause, expression: 'query' })
  }
}

function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const all = document.definitions.filter((each) => each.kind === 'OperationDefinition')
  const found = name === undefined ? all[0] : all.find((each) => each.name?.value === name)
  if (found === undefined) throw refused(name === undefined ? 'There is no query' : 'There is no query of this name')
  if (name === undefined && all.length > 1) throw refused('There are several queries: say which by operationName')
  return found
}

/** Counts fields as they will run, fragments in place: a fragment that holds itself would never end. */
function measure(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): void {
  let fields = 0
  const walk = (selections: SelectionSetNode, depth: number, open: ReadonlySet<string>): void => {
    if (depth > mostDepth) throw refused(`A query has at most ${mostDepth} levels`)
    for (const each of selections.selections) {
      fields += 1
      if (fields > mostFields) throw refused(`A query has at most ${mostFields} fields`)
      if (each.kind === 'Field') {
        if (each.selectionSet !== undefined) walk(each.selectionSet, depth + 1, open)
      } else if (each.kind === 'InlineFragment') walk(each.selectionSet, depth, open)
      else {
        const name = each.name.value
        const fragment = fragments.get(name)
        if (fragment === undefined) throw refused(`There is no fragment ${name.slice(0, 60)}`)
        if (open.has(name)) throw refused(`The fragment ${name.slice(0, 60)} holds itself`)
        walk(fragment.selectionSet, depth, new Set([...open, name]))
      }
    }
  }
  walk(set, 1, new Set())
}

type Variables = ReadonlyMap<string, ArgumentValue>

function variablesOf(operation: OperationDefinitionNode, given: Readonly<Record<string, unknown>>): Variables {
  const variables = new Map<string, ArgumentValue>()
  for (const each of operation.variableDefinitions ?? []) {
    const name = each.variable.name.value
    const value = given[name]
    if (value !== undefined && value !== null) variables.set(name, argumentValue(value))
    else if (each.defaultValue !== undefined) variables.set(name, plain(each.defaultValue, new Map()))
    else if (each.type.kind === 'NonNullType') throw refused(`The variable $${name.slice(0, 60)} needs a value`)
    else variables.set(name, null)
  }
  return variables
}

function argumentValue(value: unknown): ArgumentValue {
  if (Array.isArray(value)) return value.map(argumentValue)
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, argumentValue(each)]))
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function plain(value: ValueNode, variables: Variables): ArgumentValue {
  switch (value.kind) {
    case 'Variable': {
      const found = variables.get(value.name.value)
      if (found === undefined) throw refused(`The variable $${value.name.value.slice(0, 60)} is not declared`)
      return found
    }
    case 'IntValue':
    case 'FloatValue':
      return Number(value.value)
    case 'StringValue':
    case 'EnumValue':
    case 'BooleanValue':
      return value.value
    case 'NullValue':
      return null
    case 'ListValue':
      return value.values.map((each) => plain(each, variables))
    case 'ObjectValue':
      return Object.fromEntries(value.fields.map((each) => [each.name.value, plain(each.value, variables)]))
  }
}
