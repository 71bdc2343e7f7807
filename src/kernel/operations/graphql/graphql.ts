import { isObject } from '../../../base/json.ts'
import { Problem, problem } from '../../../base/problem.ts'
import type { Context } from '../../access/context.ts'
import { type FhirAnswer, outcomeText } from '../../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../../rest/operation.ts'
import { address } from '../../rest/target.ts'
import { transportParameters } from '../../search/result-options.ts'
import { TouchedResources } from '../touched-resources.ts'
import { type GraphqlRequest, readQuery } from './document.ts'
import { answerOf, mostValues, type Node, nodeOf, type Run } from './execute.ts'
import { systemType } from './references.ts'

/** `$graphql`: a query in GraphQL, of the whole server or of one resource. */
export const graphql: FhirOperation = {
  name: 'graphql',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-graphql',
  levels: ['system', 'instance'],
  affectsState: false,
  async run(ctx, invocation) {
    try {
      return jsonText(200, { data: await answer(ctx, invocation) })
    } catch (error) {
      if (!(error instanceof Problem) || error.kind === 'fault' || error.kind === 'gone') throw error
      const errors = error.issues.map(({ message }) => ({ message, extensions: { resource: outcomeOf(error) } }))
      return jsonText(error.status, { errors })
    }
  },
}

const outcomeOf = (error: Problem): unknown => JSON.parse(outcomeText(error.issues))

const jsonText = (status: number, body: unknown): FhirAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
})

async function answer(ctx: Context, invocation: Invocation): Promise<unknown> {
  const query = readQuery(requestOf(invocation))
  const resources = new TouchedResources(ctx)
  const run: Run = { query, resources, base: invocation.request.base, budget: mostValues }
  const { type, id } = invocation
  const asked = type === undefined ? 'Resource' : `${type}/${id}`
  const root = type === undefined || id === undefined ? base : await focus(resources, type, id)
  const data = await answerOf(run, root, [query.selections])
  await resources.audit(asked)
  return data
}

const base: Node = { type: systemType, value: {}, around: {} }

async function focus(resources: TouchedResources, type: string, id: string): Promise<Node> {
  const at = address(type, id)
  const found = await resources.read(`${at.type}/${at.id}`)
  if (found !== undefined) return nodeOf(found)
  await resources.audit(`${type}/${id}`)
  throw problem('not-found', `${type}/${id} is not known`)
}

/** The query in the URL; or in the body as JSON, in a Parameters resource, or as the bare text of a document. */
function requestOf({ method, request }: Invocation): GraphqlRequest {
  const url = new URLSearchParams(request.query)
  for (const name of url.keys())
    if (!['query', 'operationName', 'variables'].includes(name) && !transportParameters.has(name))
      throw problem('invalid', `"${name.slice(0, 60)}" is not a parameter of this operation`, {
        expression: name.slice(0, 60),
      })
  const sent = method === 'POST' && request.body !== '' ? bodyOf(request.body) : {}
  const query = sent['query'] ?? url.get('query') ?? undefined
  const operationName = sent['operationName'] ?? url.get('operationName') ?? undefined
  const variables = sent['variables'] ?? variablesIn(url.get('variables'))
  if (typeof query !== 'string' || query.trim() === '')
    throw problem('invalid', '"query" is needed', { expression: 'query' })
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    throw problem('invalid', '"operationName" is a text', { expression: 'operationName' })
  if (variables !== undefined && variables !== null && !isObject(variables))
    throw problem('invalid', '"variables" is an object', { expression: 'variables' })
  return { query, variables: variables ?? {}, ...(typeof operationName === 'string' ? { operationName } : {}) }
}

function bodyOf(body: string): Readonly<Record<string, unknown>> {
  const parsed = jsonIn(body)
  if (!isObject(parsed)) return { query: body }
  if (parsed['resourceType'] !== 'Parameters') return parsed
  const list: readonly unknown[] = Array.isArray(parsed['parameter']) ? parsed['parameter'] : []
  return Object.fromEntries(
    list
      .filter(isObject)
      .map((each) => [String(each['name']), Object.entries(each).find(([key]) => key.startsWith('value'))?.[1]]),
  )
}

function variablesIn(text: string | null): unknown {
  if (text === null) return undefined
  const parsed = jsonIn(text)
  if (parsed === undefined) throw problem('invalid', '"variables" is not JSON', { expression: 'variables' })
  return parsed
}

/** A GraphQL document is no JSON, and JSON no GraphQL document. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
