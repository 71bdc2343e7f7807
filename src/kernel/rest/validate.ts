import { isObject, parseJson } from '../../base/json.ts'
import { type Issue, Problem, problem } from '../../base/problem.ts'
import type { Context } from '../access/context.ts'
import { draftOf } from '../store/draft.ts'
import { type FhirAnswer, jsonAnswer, outcomeText } from './exchange.ts'
import type { FhirOperation, Invocation } from './operation.ts'
import { read } from './read.ts'

const modes = new Set(['create', 'update', 'delete', 'profile'])

/** FHIR $validate: says everything that is wrong or doubtful with a resource; 200 whatever it finds. */
export const validate: FhirOperation = {
  name: 'validate',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  levels: ['type', 'instance'],
  affectsState: false,
  async run(ctx, invocation) {
    const asked = await askedOf(ctx, invocation)
    if (asked.mode === 'delete')
      return outcome([{ severity: 'information', code: 'informational', message: 'It can be deleted', rule: 'delete' }])
    const validator = await ctx.store.conformance.validator()
    const issues = [
      ...typeIssues(asked.resource, invocation),
      ...(asked.text === undefined ? [] : repeatedNames(asked.text)),
      ...validator.validate(asked.resource, { profiles: asked.profiles, mustSupport: asked.mustSupport }),
    ]
    return outcome(issues)
  },
}

interface Asked {
  readonly resource: unknown
  /** The resource as sent, where it was sent by itself. */
  readonly text?: string
  readonly profiles: readonly string[]
  readonly mode: string
  readonly mustSupport: boolean
}

async function askedOf(ctx: Context, invocation: Invocation): Promise<Asked> {
  const { request, type, id } = invocation
  const query = new URLSearchParams(request.query)
  const mode = query.get('mode') ?? ''
  const inQuery = { profiles: query.getAll('profile'), mode, mustSupport: query.get('mustSupport') === 'true' }
  if (request.body === '') {
    if (type === undefined || id === undefined) throw problem('invalid', 'Send the resource to be validated')
    const { body = '' } = await read(ctx, request, type, id)
    return { ...known(inQuery), resource: JSON.parse(body) as unknown }
  }
  const sent = parseJson(request.body, 'The body')
  if (!isObject(sent) || sent['resourceType'] !== 'Parameters' || !isCall(sent, type))
    return { ...known(inQuery), resource: sent, text: request.body }
  const parameters = listOf(sent['parameter'])
  const named = (name: string) => parameters.filter((each) => each['name'] === name)
  const texts = (name: string) =>
    named(name).flatMap((each) =>
      Object.entries(each).flatMap(([key, value]) =>
        key.startsWith('value') && typeof value === 'string' ? [value] : [],
      ),
    )
  const resource = named('resource')[0]?.['resource']
  if (resource === undefined && id !== undefined && type !== undefined) {
    const { body = '' } = await read(ctx, request, type, id)
    return {
      ...known({ ...inQuery, profiles: [...inQuery.profiles, ...texts('profile')] }),
      resource: JSON.parse(body) as unknown,
    }
  }
  return {
    ...known({ ...inQuery, mode: texts('mode')[0] ?? mode, profiles: [...inQuery.profiles, ...texts('profile')] }),
    resource,
  }
}

function known<T extends { readonly mode: string }>(asked: T): T {
  if (asked.mode !== '' && !modes.has(asked.mode))
    throw problem('invalid', `mode must be ${[...modes].join(', ')}`, { expression: 'mode' })
  return asked
}

/** Whether Parameters carry the call rather than being what is to be validated. */
const isCall = (parameters: Readonly<Record<string, unknown>>, type: string | undefined): boolean =>
  type !== 'Parameters' ||
  listOf(parameters['parameter']).some((each) => each['name'] === 'resource' && each['resource'] !== undefined)

const listOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isObject) : []

function typeIssues(resource: unknown, { type }: Invocation): readonly Issue[] {
  const own = isObject(resource) ? resource['resourceType'] : undefined
  if (type === undefined || typeof own !== 'string' || own === type) return []
  return [
    {
      severity: 'error',
      code: 'invalid',
      rule: 'url-type',
      message: `This is a ${own.slice(0, 60)}, and the URL says ${type}`,
      expression: 'resourceType',
    },
  ]
}

/** Two members of one name: seen in the text alone. */
function repeatedNames(text: string): readonly Issue[] {
  try {
    draftOf(text)
    return []
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.issues.filter((issue) => issue.rule === 'json-repeated')
  }
}

/** An OperationOutcome that also says when nothing was found. */
function outcome(issues: readonly Issue[]): FhirAnswer {
  const found: readonly Issue[] =
    issues.length > 0 ? issues : [{ severity: 'information', code: 'informational', message: 'No problem was found' }]
  return jsonAnswer(200, outcomeText(found))
}
