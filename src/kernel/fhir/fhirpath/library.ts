import fhirpath, { type Model, type UserInvocationTable } from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4/index.js'
import { isObject } from '../../../base/json.ts'
import { narrativeFaults } from '../narrative.ts'
import type { Environment } from './environment.ts'

/** An expression, parsed once, that can be asked of many values. */
export type Evaluate = (
  focus: unknown,
  environment: Environment,
  variables?: Readonly<Record<string, unknown>>,
) => unknown[]

// Their types say `undefined` where they mean absent.
const model = r4 as Model

const constants = { sct: 'http://snomed.info/sct', loinc: 'http://loinc.org', ucum: 'http://unitsofmeasure.org' }

/**
 * Compiles an expression with the full FHIRPath engine. `base` is the type or element path of its focus. Throws when
 * the text is no expression.
 */
export function compileFully(expression: string, base?: string): Evaluate {
  let environment: Environment = { resource: undefined, rootResource: undefined }
  const named = namedConstants(expression)
  const lenient = expression.replace(/\b(as|is)(\s+|\()String\b/g, '$1$2string')
  const compiled = fhirpath.compile(base === undefined ? lenient : { base, expression: lenient }, model, {
    // The engine writes trace() to the console otherwise, and base invariants use it.
    traceFn: () => undefined,
    userInvocationTable: hostFunctions(() => environment),
    resolveInternalTypes: false,
  })
  return (focus, given, variables = {}) => {
    environment = given
    const { resource, rootResource } = given
    const found: unknown = compiled(focus, { resource, rootResource, ...constants, ...named, ...variables })
    return Array.isArray(found) ? found : []
  }
}

/** R4 FHIRPath: `%vs-name` and `%ext-name` stand for value sets and extensions of HL7. */
function namedConstants(expression: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, kind, name] of expression.matchAll(/%[`']?"?(vs|ext)-([A-Za-z0-9-]+)/g))
    found[`${kind}-${name}`] = `http://hl7.org/fhir/${kind === 'vs' ? 'ValueSet' : 'StructureDefinition'}/${name}`
  return found
}

const plain = (node: unknown): unknown => fhirpath.util.valData(node)

function hostFunctions(current: () => Environment): UserInvocationTable {
  const all = (input: unknown): unknown[] => (Array.isArray(input) ? input.map(plain) : [])
  return {
    resolve: {
      fn: (input: unknown) =>
        all(input).flatMap((each) => {
          const reference = isObject(each) ? each['reference'] : each
          const found = typeof reference === 'string' ? current().resolve?.(reference) : undefined
          return found === undefined ? [] : [found]
        }),
      arity: { 0: [] },
    },
    memberOf: {
      fn: (input: unknown, valueSet: unknown) =>
        // What cannot be told is not held against anybody: it is reported as not checked elsewhere.
        all(input).map((each) => current().memberOf?.(each, String(valueSet)) ?? true),
      arity: { 1: ['String'] },
    },
    conformsTo: {
      fn: (input: unknown, profile: unknown) =>
        all(input).map((each) => current().conformsTo?.(each, String(profile)) ?? true),
      arity: { 1: ['String'] },
    },
    htmlChecks: {
      fn: (input: unknown) => all(input).map((each) => typeof each === 'string' && narrativeFaults(each).length === 0),
      arity: { 0: [] },
    },
  }
}
