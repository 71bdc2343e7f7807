import type { ReferencePolicy } from '../store/integrity.ts'
import { statement } from './capability-statement.ts'
import { type FhirAnswer, jsonAnswer } from './exchange.ts'
import { jsonPatchType } from './patch.ts'

/** Where the OpenAPI description lies, below the FHIR base. */
export const openApiPath = 'openapi.json'

const texts = new Map<string, string>()

/** The API as OpenAPI 3.1, made from the CapabilityStatement. */
export function openApi(base: string, references: ReferencePolicy): FhirAnswer {
  const known = texts.get(base) ?? JSON.stringify(description(base, references))
  texts.clear()
  texts.set(base, known)
  return jsonAnswer(200, known, { 'content-type': 'application/json; charset=utf-8' })
}

type Statement = ReturnType<typeof statement>
type Rest = Statement['rest'][number]
type Resource = Rest['resource'][number]

function description(base: string, references: ReferencePolicy) {
  const told = statement(base, references)
  const [rest] = told.rest
  const paths = Object.assign({}, systemPaths(rest), ...(rest?.resource ?? []).map(typePaths))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Linchpin FHIR R4',
      version: told.software.version,
      summary: told.implementation.description,
      description: rest?.documentation ?? '',
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: base }],
    security: [{ token: [] }],
    paths,
    components,
  }
}

const component = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` })
const looks = ['_format', '_pretty', '_summary', '_elements'].map((name) => component('parameters', name))
const conditions = ['If-Match', 'Prefer'].map((name) => component('parameters', name))
const paging = ['_count', '_since', '_at'].map((name) => component('parameters', name))
const failures = { default: component('responses', 'Failure') }

interface Call {
  readonly tag: string
  readonly id: string
  readonly summary: string
  readonly parameters?: readonly object[]
  readonly body?: 'Resource' | 'Patch' | 'Search'
  readonly statuses: readonly (200 | 201 | 204 | 304)[]
}

const call = ({ tag, id, summary, parameters = [], body, statuses }: Call) => ({
  tags: [tag],
  operationId: id,
  summary,
  parameters,
  ...(body === undefined ? {} : { requestBody: component('requestBodies', body) }),
  responses: {
    ...Object.fromEntries(statuses.map((status) => [String(status), component('responses', `Answer${status}`)])),
    ...failures,
  },
})

const operationPaths = (tag: string, prefix: string, operations: readonly { readonly name: string }[]) =>
  Object.fromEntries(
    operations.map(({ name }) => {
      const id = `${tag}-${prefix.includes('{id}') ? 'instance-' : ''}${name}`
      const parameters = prefix.includes('{id}') ? [component('parameters', 'id')] : []
      const post = call({ tag, id, summary: `$${name}`, parameters, body: 'Resource', statuses: [200] })
      return [`${prefix}/$${name}`, { post }]
    }),
  )

function systemPaths(rest: Rest | undefined) {
  const tag = 'System'
  const about = (id: string, summary: string) => ({ ...call({ tag, id, summary, statuses: [200] }), security: [] })
  return {
    '/': {
      post: call({
        tag,
        id: 'bundle',
        summary: 'Transaction or batch',
        parameters: conditions,
        body: 'Resource',
        statuses: [200],
      }),
    },
    '/metadata': { get: about('metadata', 'CapabilityStatement') },
    [`/${openApiPath}`]: { get: about('openapi', 'This description') },
    '/_history': {
      get: call({
        tag,
        id: 'history',
        summary: 'History of everything',
        parameters: [...paging, ...looks],
        statuses: [200],
      }),
    },
    ...operationPaths(tag, '', rest !== undefined && 'operation' in rest ? (rest.operation ?? []) : []),
  }
}

function typePaths(resource: Resource) {
  const { type: tag } = resource
  const parameters = resource.searchParam.map(({ name, type }) => ({
    name,
    in: 'query',
    description: `Search parameter of type ${type}`,
    schema: { type: 'string' },
  }))
  const id = [component('parameters', 'id')]
  const of = (name: string, summary: string, more: Omit<Call, 'tag' | 'id' | 'summary'>) =>
    call({ tag, id: `${tag}-${name}`, summary: `${summary} ${tag}`, ...more })
  const versions = [...paging, ...looks]
  const written = { parameters: [...id, ...conditions], statuses: [200, 201] as const }
  return {
    [`/${tag}`]: {
      get: of('search', 'Search', {
        parameters: [...parameters, component('parameters', '_count'), ...looks],
        statuses: [200],
      }),
      post: of('create', 'Create', {
        parameters: [component('parameters', 'If-None-Exist'), component('parameters', 'Prefer')],
        body: 'Resource',
        statuses: [200, 201],
      }),
      put: of('conditional-update', 'Update the one matching', {
        parameters: [...parameters, ...conditions],
        body: 'Resource',
        statuses: [200, 201],
      }),
      patch: of('conditional-patch', 'Patch the one matching', {
        parameters: [...parameters, ...conditions],
        body: 'Patch',
        statuses: [200],
      }),
      delete: of('conditional-delete', 'Delete all matching', { parameters, statuses: [204] }),
    },
    [`/${tag}/_search`]: { post: of('post-search', 'Search', { body: 'Search', statuses: [200] }) },
    [`/${tag}/_history`]: { get: of('type-history', 'History of every', { parameters: versions, statuses: [200] }) },
    [`/${tag}/{id}`]: {
      get: of('read', 'Read a', {
        parameters: [...id, component('parameters', 'If-None-Match'), ...looks],
        statuses: [200, 304],
      }),
      put: of('update', 'Update a', { ...written, body: 'Resource' }),
      patch: of('patch', 'Patch a', { parameters: [...id, ...conditions], body: 'Patch', statuses: [200] }),
      delete: of('delete', 'Delete a', { parameters: id, statuses: [204] }),
    },
    [`/${tag}/{id}/_history`]: {
      get: of('history', 'History of a', { parameters: [...id, ...versions], statuses: [200] }),
    },
    [`/${tag}/{id}/_history/{vid}`]: {
      get: of('vread', 'Read a version of a', {
        parameters: [...id, component('parameters', 'vid'), ...looks],
        statuses: [200, 304],
      }),
    },
    ...('operation' in resource ? operationPaths(tag, `/${tag}`, resource.operation ?? []) : {}),
  }
}

const resourceContent = Object.fromEntries(
  ['application/fhir+json', 'application/fhir+xml'].map((type) => [type, { schema: component('schemas', 'Resource') }]),
)
const inQuery = (name: string, description: string) => [
  name,
  { name, in: 'query', description, schema: { type: 'string' } },
]
const inHeader = (name: string, description: string) => [
  name,
  { name, in: 'header', description, schema: { type: 'string' } },
]
const inPath = (name: string) => [
  name,
  { name, in: 'path', required: true, schema: { type: 'string', pattern: '^[A-Za-z0-9\\-.]{1,64}$' } },
]

const components = {
  securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token of /auth/token' } },
  schemas: {
    Resource: {
      type: 'object',
      description: 'A resource of FHIR R4',
      required: ['resourceType'],
      properties: { resourceType: { type: 'string' }, id: { type: 'string' }, meta: { type: 'object' } },
    },
  },
  parameters: Object.fromEntries([
    inPath('id'),
    inPath('vid'),
    inQuery('_format', 'json or xml, or a media type'),
    inQuery('_pretty', 'true indents'),
    inQuery('_summary', 'true, text, data, count or false'),
    inQuery('_elements', 'Elements to keep, with commas between'),
    inQuery('_count', 'Matches or versions on a page'),
    inQuery('_since', 'Only what was stored then or later'),
    inQuery('_at', 'Only what was current at some point of this time'),
    inHeader('If-Match', 'The version that must be current'),
    inHeader('If-None-Match', 'The version that the caller has'),
    inHeader('If-None-Exist', 'Criteria: create only when nothing matches'),
    inHeader('Prefer', 'return=minimal, representation or OperationOutcome; handling=strict or lenient'),
  ]),
  requestBodies: {
    Resource: { required: true, content: resourceContent },
    Patch: {
      required: true,
      content: { [jsonPatchType]: { schema: { type: 'array', items: { type: 'object' } } }, ...resourceContent },
    },
    Search: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': { schema: { type: 'object', additionalProperties: { type: 'string' } } },
      },
    },
  },
  responses: {
    Answer200: { description: 'Done', content: resourceContent },
    Answer201: { description: 'Created', content: resourceContent },
    Answer204: { description: 'Done; there is nothing to show' },
    Answer304: { description: 'Not changed' },
    Failure: { description: 'An OperationOutcome says what is wrong, and where', content: resourceContent },
  },
}
