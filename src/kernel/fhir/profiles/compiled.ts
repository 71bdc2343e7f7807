import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js'
import { definitions, elementsOf, plainType } from '../definitions.ts'
import { type Rule, ruleOf } from '../fhirpath/rule.ts'
import { type ElementNode, elementTree } from './element-tree.ts'
import { type Access, accessesOf } from './items.ts'
import { compileSlicing, type Slicing } from './slicing.ts'

/** A profile, reduced to what it asks beyond the R4 type it is a profile of. */
export interface CompiledProfile {
  readonly url: string
  readonly name: string
  readonly type: string
  readonly check: ValueCheck
}

/** What is asked of each value of an element. */
export interface ValueCheck {
  /** Types allowed, when fewer than R4 allows. */
  readonly types?: ReadonlySet<string>
  readonly fixed?: unknown
  readonly pattern?: unknown
  readonly minValue?: unknown
  readonly maxValue?: unknown
  readonly maxLength?: number
  readonly minLength?: number
  readonly mustHaveValue?: boolean
  readonly binding?: { readonly strength: string; readonly valueSet: string }
  readonly rules: readonly Rule[]
  readonly children: readonly ElementCheck[]
  /** Profiles of data types and resources, by type: one of them must be met. */
  readonly profiles: ReadonlyMap<string, readonly string[]>
  readonly reference?: ReferenceCheck
}

export interface ReferenceCheck {
  readonly types: ReadonlySet<string>
  readonly profiles: readonly string[]
  readonly aggregation: ReadonlySet<string>
}

/** What is asked of an element under its parent. */
export interface ElementCheck {
  readonly name: string
  readonly accesses: readonly Access[]
  readonly min: number
  readonly max: number
  readonly mustSupport: boolean
  readonly each?: ValueCheck
  readonly slicing?: Slicing
}

export type Structures = (canonical: string) => StructureDefinition | undefined

const typePrefix = 'http://hl7.org/fhir/StructureDefinition/'

/** Compiles a StructureDefinition that has a snapshot; undefined when it is of no R4 type or has none. */
export function compileProfile(definition: StructureDefinition, structures: Structures): CompiledProfile | undefined {
  const elements = definition.snapshot?.element ?? []
  if (elements.length === 0 || !Object.hasOwn(definitions().types, definition.type)) return undefined
  const root = elementTree(elements)
  const check = compileValue(root, definition.type, structures, true)
  return { url: definition.url, name: definition.title ?? definition.name, type: definition.type, check }
}

/** What is asked of a value of one type by a node of a snapshot. `type` is `Element` where it may be one of several. */
export function compileValue(node: ElementNode, type: string, structures: Structures, isRoot = false): ValueCheck {
  const { element } = node
  const fixed = valueOf(element, 'fixed')
  const pattern = valueOf(element, 'pattern')
  const minValue = valueOf(element, 'minValue')
  const maxValue = valueOf(element, 'maxValue')
  const profiles = new Map(
    (element.type ?? []).flatMap((each) => (each.profile === undefined ? [] : [[each.code, each.profile] as const])),
  )
  return {
    ...(fixed === undefined ? {} : { fixed }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(minValue === undefined ? {} : { minValue }),
    ...(maxValue === undefined ? {} : { maxValue }),
    ...(element.maxLength === undefined ? {} : { maxLength: element.maxLength }),
    ...extensionLimits(element),
    ...bindingOf(element),
    ...(isRoot ? {} : referenceOf(element)),
    rules: rulesOf(element, type),
    children: (node.children ?? []).flatMap((each) => compileElement(each, type, structures)),
    profiles: isRoot ? new Map() : profiles,
  }
}

/** What is asked of an element; nothing when R4 asks the same. */
function compileElement(node: ElementNode, parentType: string, structures: Structures): ElementCheck[] {
  const accesses = accessesOf(parentType, node.name)
  if (accesses.length === 0) return []
  const { element } = node
  const base = elementsOf(parentType).find((each) => each.name === node.name.replace('[x]', ''))
  const baseTypes = (base?.types ?? []).map(plainType)
  const codes = (element.type ?? []).map((each) => (each.code.startsWith('http') ? 'string' : each.code))
  const nested = baseTypes.length === 1 && baseTypes[0]?.includes('.') === true ? baseTypes[0] : undefined
  const only = codes.length === 1 ? codes[0] : undefined
  const type =
    nested ??
    (only === 'Resource' ? undefined : only) ??
    (baseTypes.length === 1 ? baseTypes[0] : undefined) ??
    'Element'
  const narrowed = nested === undefined && codes.length > 0 && codes.length < baseTypes.length
  const concrete =
    baseTypes.length === 1 && baseTypes[0] === 'Resource' && codes.length > 0 && !codes.includes('Resource')
  const value = {
    ...compileValue(node, type, structures),
    ...(narrowed || concrete ? { types: new Set(codes) } : {}),
  }
  const min = element.min ?? 0
  const max = limit(element.max)
  const slicing = compileSlicing(node, type, structures)
  const each = asksNothing(value, base?.valueSet) ? undefined : value
  const baseMax = base?.many === true ? Number.POSITIVE_INFINITY : 1
  const mustSupport = element.mustSupport === true
  if (min <= (base?.min ?? 0) && max >= baseMax && each === undefined && slicing === undefined && !mustSupport)
    return []
  return [
    {
      name: node.name,
      accesses,
      min,
      max,
      mustSupport,
      ...(each === undefined ? {} : { each }),
      ...(slicing === undefined ? {} : { slicing }),
    },
  ]
}

export const limit = (max: string | undefined): number =>
  max === undefined || max === '*' ? Number.POSITIVE_INFINITY : Number(max)

function asksNothing(check: ValueCheck, baseSet: string | undefined): boolean {
  const { rules, children, profiles, binding, ...own } = check
  const sameBinding =
    binding === undefined || (binding.valueSet.replace(/\|.*$/, '') === baseSet && binding.strength === 'required')
  return (
    rules.length === 0 && children.length === 0 && profiles.size === 0 && sameBinding && Object.keys(own).length === 0
  )
}

/** The value of `fixed[x]`, `pattern[x]`, `minValue[x]` or `maxValue[x]`, of whatever type. */
export function valueOf(element: ElementDefinition, prefix: string): unknown {
  for (const [key, value] of Object.entries(element))
    if (key.startsWith(prefix) && /^[A-Z]/.test(key.slice(prefix.length))) return value
  return undefined
}

const extensionUrl = {
  minLength: `${typePrefix}minLength`,
  mustHaveValue: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue',
}

/** Limits that R4 says by extension. */
function extensionLimits(element: ElementDefinition): { minLength?: number; mustHaveValue?: boolean } {
  const found = (url: string) => element.extension?.find((each) => each.url === url)
  const minLength = found(extensionUrl.minLength)?.valueInteger
  const mustHaveValue =
    found(extensionUrl.mustHaveValue)?.valueBoolean ?? ('mustHaveValue' in element && element.mustHaveValue === true)
  return { ...(minLength === undefined ? {} : { minLength }), ...(mustHaveValue === true ? { mustHaveValue } : {}) }
}

function bindingOf({ binding }: ElementDefinition): { binding?: { strength: string; valueSet: string } } {
  if (binding?.valueSet === undefined || binding.strength === 'example') return {}
  return { binding: { strength: binding.strength, valueSet: binding.valueSet } }
}

function referenceOf(element: ElementDefinition): { reference?: ReferenceCheck } {
  const types = (element.type ?? []).filter((each) => each.code === 'Reference')
  const profiles = types.flatMap((each) => each.targetProfile ?? [])
  const aggregation = new Set<string>(types.flatMap((each) => each.aggregation ?? []))
  const names = profiles.map((each) => (each.startsWith(typePrefix) ? each.slice(typePrefix.length) : each))
  const isBase = names.every((each) => Object.hasOwn(definitions().types, each.replace(/\|.*$/, '')))
  if (profiles.length === 0 && aggregation.size === 0) return {}
  if (isBase && aggregation.size === 0 && names.includes('Resource')) return {}
  return {
    reference: {
      types: isBase ? new Set(names.map((each) => each.replace(/\|.*$/, ''))) : new Set(),
      profiles: isBase ? [] : profiles,
      aggregation,
    },
  }
}

const bestPracticeUrl = `${typePrefix}elementdefinition-bestpractice`

/** Rules that the R4 type itself does not have. */
function rulesOf(element: ElementDefinition, type: string): readonly Rule[] {
  const known = new Set(baseRuleKeys(type))
  return (element.constraint ?? []).flatMap(({ key, severity, human, expression, extension }) => {
    const bestPractice = extension?.some((each) => each.url === bestPracticeUrl && each.valueBoolean === true) === true
    const isBase = known.has(key) || /^(?:dom|ele|ext)-\d+$/.test(key)
    return expression === undefined || isBase ? [] : [ruleOf({ key, severity, human, expression }, type, bestPractice)]
  })
}

function baseRuleKeys(type: string): readonly string[] {
  const found = Object.hasOwn(definitions().types, type) ? definitions().types[type] : undefined
  if (found === undefined) return []
  return [
    ...(found.base === undefined ? [] : baseRuleKeys(found.base)),
    ...(found.constraints ?? []).map((each) => each.key),
  ]
}
