import type {
  CodeableConcept,
  Coding,
  Identifier,
  Meta,
  ParametersParameter,
  Period,
  Quantity,
  Reference,
  Resource,
} from 'fhir/r4.js'
import { elements, isObject, members, parseJson } from '../../base/json.ts'
import { type Issue, problem } from '../../base/problem.ts'
import { primitives } from '../fhir/primitives.ts'
import { checkStructure } from '../fhir/structure.ts'
import { transportParameters } from '../search/result-options.ts'
import { type FhirAnswer, jsonAnswer } from './exchange.ts'
import type { Invocation } from './operation.ts'

/** A resource among the parameters: what it says, and the text it came as. */
export interface GivenResource {
  readonly text: string
  readonly resource: Readonly<Resource & Record<string, unknown>>
}

/** FHIR types a parameter may have, and what its value then is. */
interface Values {
  string: string
  code: string
  uri: string
  canonical: string
  id: string
  date: string
  dateTime: string
  instant: string
  boolean: boolean
  integer: number
  positiveInt: number
  decimal: number
  Coding: Coding
  CodeableConcept: CodeableConcept
  Identifier: Identifier
  Meta: Meta
  Period: Period
  Quantity: Quantity
  Reference: Reference
  Resource: GivenResource
  /** A resource that may be anything: whoever gets it says what is wrong with it. */
  AnyResource: GivenResource
}

/** One parameter of an operation, as its OperationDefinition has it. */
export interface Declared {
  readonly type: keyof Values | 'parts'
  readonly required?: true
  /** It may repeat. */
  readonly many?: true
  /** In a query string several values may stand in one, with commas between. */
  readonly commas?: true
  readonly parts?: Declarations
}

export type Declarations = { readonly [name: string]: Declared }

type ValueOf<D extends Declared> = D['type'] extends keyof Values
  ? Values[D['type']]
  : D['parts'] extends Declarations
    ? Given<D['parts']>
    : never

/** The decoded parameters of a call, by name. */
export type Given<D extends Declarations> = {
  readonly [Name in keyof D]: D[Name]['many'] extends true
    ? readonly ValueOf<D[Name]>[]
    : D[Name]['required'] extends true
      ? ValueOf<D[Name]>
      : ValueOf<D[Name]> | undefined
}

/**
 * The parameters of a call, from its query string and from its body, which is a Parameters resource or, when `bare` names
 * a parameter, that resource itself (R4, Executing an Operation). What was not declared is refused by name.
 */
export function givenParameters<const D extends Declarations>(
  { request }: Pick<Invocation, 'request'>,
  declared: D,
  { bare }: { readonly bare?: keyof D & string } = {},
): Given<D> {
  const found: Found = new Map()
  for (const [name, value] of new URLSearchParams(request.query))
    if (!transportParameters.has(name)) add(found, declared, name, (each) => queryValues(name, each, value))
  if (request.body !== '') fromBody(request.body, declared, bare, found)
  return complete(found, declared, '') as Given<D>
}

type Found = Map<string, unknown[]>

function add(
  found: Found,
  declared: Declarations,
  name: string,
  values: (declared: Declared) => readonly unknown[],
  expression = name,
): void {
  const each = Object.hasOwn(declared, name) ? declared[name] : undefined
  if (each === undefined)
    throw problem('invalid', `"${name.slice(0, 60)}" is not a parameter of this operation`, {
      expression: expression.slice(0, 100),
    })
  const all = [...(found.get(name) ?? []), ...values(each)]
  if (all.length > 1 && each.many !== true)
    throw problem('invalid', `"${name}" may be given once only`, { expression: expression.slice(0, 100) })
  if (all.length > mostValues) throw problem('invalid', `"${name}" has more than ${mostValues} values`, { expression })
  found.set(name, all)
}

const mostValues = 1000

function complete(found: Found, declared: Declarations, place: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, { many, required }]) => {
      const values = found.get(name) ?? []
      if (required === true && values.length === 0)
        throw problem('invalid', `"${name}" is needed`, {
          issues: [{ severity: 'error', code: 'required', message: `"${name}" is needed`, expression: place + name }],
        })
      return [name, many === true ? values : values[0]]
    }),
  )
}

const numeric: ReadonlySet<string> = new Set(['integer', 'positiveInt', 'decimal'])

function queryValues(name: string, { type, commas }: Declared, value: string): readonly unknown[] {
  const texts = commas === true ? value.split(',').filter((each) => each !== '') : [value]
  return texts.map((text) => {
    if (primitives[type] === undefined)
      throw problem('invalid', `"${name}" is sent in a Parameters resource, by POST`, { expression: name })
    const read = numeric.has(type) && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
    return accepted(type, type === 'boolean' ? (truths[text] ?? text) : read, name)
  })
}

const truths: Readonly<Record<string, boolean>> = { true: true, false: false }

function accepted(type: string, value: unknown, expression: string): unknown {
  const primitive = primitives[type]
  if (primitive?.accepts(value) === true) return value
  const message = `This must be ${primitive?.expected ?? `of type ${type}`}`
  throw problem('invalid', message, { issues: [{ severity: 'error', code: 'value', message, expression }] })
}

function fromBody(body: string, declared: Declarations, bare: string | undefined, found: Found): void {
  const parsed = parseJson(body, 'The body')
  if (!isObject(parsed)) throw problem('invalid', 'The body must be a Parameters resource')
  if (parsed['resourceType'] !== 'Parameters') {
    const each = bare === undefined ? undefined : declared[bare]
    if (bare === undefined || each === undefined)
      throw problem('invalid', 'The body must be a Parameters resource', { expression: 'resourceType' })
    return add(found, declared, bare, () => [resourceValue(body, parsed, each, '')])
  }
  refuseMalformed(withoutResources(parsed))
  const start = members(body).find((member) => member.key === 'parameter')?.start
  if (start !== undefined) readParameters(body, start, parsed['parameter'], declared, found, 'Parameters.parameter')
}

/** The same Parameters without resources, which are checked on their own and as far as each wants. */
function withoutResources(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { resource, ...rest } = value
  const kept: Record<string, unknown> = resource === undefined ? rest : { ...rest, valueBoolean: true }
  for (const key of ['parameter', 'part']) {
    const list = value[key]
    if (Array.isArray(list)) kept[key] = list.map((each: unknown) => (isObject(each) ? withoutResources(each) : each))
  }
  return kept
}

function refuseMalformed(resource: unknown, place = ''): void {
  const issues: Issue[] = checkStructure(resource)
    .issues.filter((issue) => issue.severity === 'error')
    .map((issue) => ({
      ...issue,
      ...(issue.expression === undefined || place === '' ? {} : { expression: `${place}.${issue.expression}` }),
    }))
  if (issues.length > 0) throw problem('invalid', issues[0]?.message ?? 'The body is not right', { issues })
}

function readParameters(
  text: string,
  start: number,
  list: unknown,
  declared: Declarations,
  found: Found,
  place: string,
): void {
  const spans = elements(text, start)
  const values: readonly unknown[] = Array.isArray(list) ? list : []
  values.forEach((value, index) => {
    if (!isObject(value)) return
    const at = `${place}[${index}]`
    const read = (each: Declared): readonly unknown[] => [
      parameterValue(text, spans[index]?.start ?? 0, value, each, at),
    ]
    add(found, declared, String(value['name']), read, at)
  })
}

function parameterValue(
  text: string,
  start: number,
  value: Readonly<Record<string, unknown>>,
  declared: Declared,
  place: string,
): unknown {
  const inner = (name: string) => members(text, start).find((member) => member.key === name)
  if (declared.type === 'parts') {
    const found: Found = new Map()
    const part = inner('part')
    if (part !== undefined)
      readParameters(text, part.start, value['part'], declared.parts ?? {}, found, `${place}.part`)
    return complete(found, declared.parts ?? {}, `${place}.part.`)
  }
  const resource = inner('resource')
  if (declared.type === 'Resource' || declared.type === 'AnyResource') {
    if (resource === undefined || !isObject(value['resource']))
      throw problem('invalid', 'This parameter is a resource', { expression: place })
    return resourceValue(text.slice(resource.start, resource.end), value['resource'], declared, `${place}.resource`)
  }
  const key = Object.keys(value).find((each) => each.startsWith('value'))
  const given = key === undefined ? undefined : value[key]
  if (primitives[declared.type] !== undefined) return accepted(declared.type, given, place)
  if (key !== `value${declared.type}`)
    throw problem('invalid', `This parameter is sent as value${declared.type}`, { expression: place })
  return given
}

function resourceValue(
  text: string,
  resource: Readonly<Record<string, unknown>>,
  { type }: Declared,
  place: string,
): GivenResource {
  if (type !== 'AnyResource') refuseMalformed(resource, place)
  return {
    text,
    resource: { ...resource, resourceType: String(resource['resourceType']) } as GivenResource['resource'],
  }
}

/** One parameter of an answer: a value, parts, or the stored text of a resource, which is sent as it is. */
export interface Returned extends Omit<ParametersParameter, 'resource' | 'part'> {
  readonly body?: string
  readonly part?: readonly Returned[]
}

/** The answer of an operation that returns several things, or one that is no resource. */
export const parametersAnswer = (returned: readonly Returned[], status = 200): FhirAnswer =>
  jsonAnswer(status, parametersText(returned))

/** A Parameters resource as text. */
export const parametersText = (returned: readonly Returned[]): string =>
  `{"resourceType":"Parameters"${returned.length === 0 ? '' : `,"parameter":[${returned.map(returnedText).join(',')}]`}}`

function returnedText({ body, part, ...rest }: Returned): string {
  const parts = part === undefined || part.length === 0 ? '' : `,"part":[${part.map(returnedText).join(',')}]`
  const resource = body === undefined ? '' : `,"resource":${body}`
  return `${JSON.stringify(rest).slice(0, -1)}${resource}${parts}}`
}
