import fhirpath, { type UserInvocationTable } from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4'
import { isObject } from '../../base/json.ts'
import { boundary } from './boundaries.ts'
import type { Scope } from './compiled-path.ts'
import { referenceKey, resourceKey } from './keys.ts'

/** A value with the FHIR type that the engine found it to have; empty where it has none. */
export interface TypedValue {
  readonly value: unknown
  readonly type: string
}

/** An expression prepared for the FHIRPath engine, for whatever our own compiled paths do not cover. */
export interface EnginePath {
  /** Values in plain JSON. */
  values(focus: unknown, scope: Scope): readonly unknown[]
  /** Values as they are in the resource, with their types, to go on from. */
  typed(focus: unknown, scope: Scope): readonly TypedValue[]
}

/** Prepares an expression for a focus of one type; without a type the focus is taken as it is. */
export function enginePath(expression: string, type: string | undefined, isRoot: boolean): EnginePath {
  const path = isRoot || type === undefined ? expression : { base: type, expression }
  const plain = fhirpath.compile(path, r4, { userInvocationTable: functions })
  const internal = fhirpath.compile(path, r4, { userInvocationTable: functions, resolveInternalTypes: false })
  const variables = ({ resource, rowIndex }: Scope) => ({ resource, rootResource: resource, rowIndex })
  const input = (focus: unknown): unknown => (focus === undefined ? [] : focus)
  return {
    values: (focus, scope) => asList(plain(input(focus), variables(scope))).filter((each) => each !== null),
    typed: (focus, scope) => asList(internal(input(focus), variables(scope))).map(typedValue),
  }
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function typedValue(node: unknown): TypedValue {
  if (!isObject(node) || !('fhirNodeDataType' in node)) return { value: plainValue(node), type: '' }
  const { path, data } = node
  return { value: plainValue(data), type: typeof path === 'string' ? path : '' }
}

/** The engine's own values (exact decimals, dates) as they stand in JSON. */
function plainValue(value: unknown): unknown {
  const [plain] = asList(fhirpath.resolveInternalTypes([value]))
  return plain
}

const dataOf = (node: unknown): unknown => (isObject(node) && 'fhirNodeDataType' in node ? node['data'] : node)

function named(type: unknown): string | undefined {
  if (typeof type === 'string') return type
  return isObject(type) && typeof type['name'] === 'string' ? type['name'] : undefined
}

const defined = <T>(values: readonly (T | undefined)[]): T[] => values.filter((each) => each !== undefined)

const bounded = (side: 'low' | 'high') => ({
  fn: (nodes: readonly unknown[]) => defined(nodes.flatMap((node) => boundariesOf(side, node))),
  arity: { 0: [] },
  internalStructures: true,
})

/** SQL on FHIR has the boundaries on periods as well: of the start and of the end. */
function boundariesOf(side: 'low' | 'high', node: unknown): unknown[] {
  const { value, type } = typedValue(node)
  if (type !== 'Period') return [boundary(side, type === '' ? systemType(value) : type, value)]
  const end = isObject(value) ? value[side === 'low' ? 'start' : 'end'] : undefined
  return [boundary(side, 'dateTime', end)]
}

/** The type of a literal's value. */
function systemType(value: unknown): string {
  if (typeof value === 'number') return 'decimal'
  if (typeof value !== 'string') return ''
  if (/^\d{2}:/.test(value)) return 'time'
  return value.includes('T') ? 'dateTime' : 'date'
}

/** Functions of SQL on FHIR that the engine lacks or has another idea of. */
const functions: UserInvocationTable = {
  getResourceKey: {
    fn: (nodes: readonly unknown[]) => defined(nodes.map((node) => resourceKey(dataOf(node)))),
    arity: { 0: [] },
    internalStructures: true,
  },
  getReferenceKey: {
    fn: (nodes: readonly unknown[], type?: unknown) =>
      defined(nodes.map((node) => referenceKey(dataOf(node), named(type)))),
    arity: { 0: [], 1: ['TypeSpecifier'] },
    internalStructures: true,
  },
  join: {
    fn: (texts: readonly unknown[], separator?: string) => texts.join(separator ?? ''),
    arity: { 0: [], 1: ['String'] },
  },
  lowBoundary: bounded('low'),
  highBoundary: bounded('high'),
}
