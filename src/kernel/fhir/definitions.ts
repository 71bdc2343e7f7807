import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SearchParameter } from 'fhir/r4.js'
import { viewDefinitionParameters, viewDefinitionTypes } from './view-definition-type.ts'

/** A rule of a definition in FHIRPath: its key, how bad a breach is, what it says, the expression. */
export interface CompiledConstraint {
  readonly key: string
  readonly severity: 'error' | 'warning'
  readonly human: string
  readonly expression: string
}

/** An element of a type, as the R4 definitions give it. Absent `min` is 0; absent `many` is at most one. */
export interface CompiledElement {
  /** Without `[x]`. */
  readonly name: string
  /** Type names; a reference or canonical may carry its targets: `Reference(Patient|Group)`. A nested element is `Patient.contact`. */
  readonly types: readonly string[]
  readonly min?: number
  readonly many?: boolean
  /** A choice element: its JSON name is the name followed by the type (`valueQuantity`). */
  readonly choice?: boolean
  /** Part of a summary of the resource. */
  readonly summary?: boolean
  /** Canonical of the value set of a required binding. */
  readonly valueSet?: string
  /** Canonical of the value set of an extensible or preferred binding. */
  readonly softBinding?: { readonly strength: 'extensible' | 'preferred'; readonly valueSet: string }
  /** Rules on this element alone, not on its type. */
  readonly constraints?: readonly CompiledConstraint[]
}

/** A resource or data type, or a nested element of one, with the elements it adds to its base. */
export interface CompiledType {
  readonly kind: 'resource' | 'complex' | 'primitive'
  readonly abstract?: boolean
  readonly base?: string
  readonly elements?: readonly CompiledElement[]
  /** Rules on every value of this type, other than those of its base. */
  readonly constraints?: readonly CompiledConstraint[]
}

/** A search parameter of the R4 base specification. */
export interface CompiledSearchParameter {
  /** Unique among all parameters: `clinical-code`, `Patient-family`. */
  readonly id: string
  readonly code: string
  readonly type: SearchParameter['type']
  readonly base: readonly string[]
  readonly expression?: string
  readonly target?: readonly string[]
  /** The parts of a composite parameter. */
  readonly component?: readonly { readonly definition: string; readonly expression: string }[]
}

/** What `compile-definitions.ts` writes at build time and everything else starts from. */
export interface CompiledDefinitions {
  readonly version: string
  readonly types: Readonly<Record<string, CompiledType>>
  readonly searchParameters: readonly CompiledSearchParameter[]
  /** Type → search parameters that tie it to a patient. */
  readonly patientCompartment: Readonly<Record<string, readonly string[]>>
}

/** Where the build puts the compiled definitions: `data/` beside the compiled `src/`. */
export const definitionsFile = join(import.meta.dirname, '../../../data/definitions.json')

let loaded: CompiledDefinitions | undefined

/** The R4 definitions, read from disk on first use. */
export function definitions(): CompiledDefinitions {
  loaded ??= withViewDefinition(JSON.parse(readFileSync(definitionsFile, 'utf8')) as CompiledDefinitions)
  return loaded
}

/** SQL on FHIR's ViewDefinition is stored and found as if it were a type of R4. */
const withViewDefinition = (core: CompiledDefinitions): CompiledDefinitions => ({
  ...core,
  types: { ...core.types, ...viewDefinitionTypes },
  searchParameters: [...core.searchParameters, ...viewDefinitionParameters],
})

/** All elements of a type, inherited ones first; empty for a type that R4 does not have. */
export function elementsOf(type: string): readonly CompiledElement[] {
  const { types } = definitions()
  const found = Object.hasOwn(types, type) ? types[type] : undefined
  if (found === undefined) return []
  const inherited = found.base === undefined ? [] : elementsOf(found.base)
  return [...inherited, ...(found.elements ?? [])]
}

/** The name of an element's type without its targets: `Reference(Patient|Group)` is a `Reference`. */
export const plainType = (type: string): string => type.replace(/\(.*$/, '')

/** The JSON name of a choice element for one of its types: `value` and `dateTime` make `valueDateTime`. */
export const choiceName = (name: string, type: string): string => {
  const plain = plainType(type)
  return name + plain.charAt(0).toUpperCase() + plain.slice(1)
}
