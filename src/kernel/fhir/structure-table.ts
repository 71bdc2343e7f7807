import type { SetTest } from './codes/membership.ts'
import {
  type CompiledConstraint,
  type CompiledElement,
  choiceName,
  definitions,
  elementsOf,
  plainType,
} from './definitions.ts'
import { type Rule, ruleOf } from './fhirpath/rule.ts'
import { type Primitive, primitives } from './primitives.ts'

/** What is allowed under one JSON name of an object. */
export interface Property {
  readonly kind: 'primitive' | 'extras' | 'complex' | 'resource'
  readonly many: boolean
  /** The element's step in a FHIRPath: `birthDate` for `_birthDate`, `value.ofType(Quantity)` for `valueQuantity`. */
  readonly step: string
  /** A bit of its own for an element that is required or a choice; 0 for any other. */
  readonly bit: number
  /** Set for a choice element, of which only one type may be present. */
  readonly choice: boolean
  readonly primitive?: Primitive
  /** The JSON name of the other half of a primitive: `_birthDate` for `birthDate` and the reverse. */
  readonly counterpart?: string
  /** Type name of a complex or primitive element. */
  readonly type?: string
  /** The value set that codes are taken from. */
  readonly binding?: Binding
  /** Types that a reference may lead to; absent when any may. */
  readonly targets?: ReadonlySet<string>
  /** Rules on this element alone. */
  readonly rules?: readonly Rule[]
  /** Whether anything is asked of a value beyond its own shape. */
  readonly checked: boolean
  /** Filled on first use: types refer to each other in circles. */
  table?: Table
}

/** A binding of an element to a value set. */
export interface Binding {
  readonly strength: 'required' | 'extensible' | 'preferred'
  readonly valueSet: string
  /** Filled on first use; null when the set is not here. */
  test?: SetTest | null
}

/** What is allowed in an object of one type. */
export interface Table {
  readonly type: string
  readonly properties: ReadonlyMap<string, Property>
  /** The bits of all required elements. */
  readonly required: number
  /** Element name by bit, for required elements and choices. */
  readonly nameByBit: ReadonlyMap<number, string>
  /** Rules on every value of the type. */
  readonly rules: readonly Rule[]
}

const tables = new Map<string, Table>()

/** The table of a type, compiled from the R4 definitions on first use. */
export function tableOf(type: string): Table {
  const known = tables.get(type)
  if (known !== undefined) return known
  const made = compile(type)
  tables.set(type, made)
  return made
}

function compile(type: string): Table {
  const properties = new Map<string, Property>()
  const nameByBit = new Map<number, string>()
  let required = 0
  for (const element of elementsOf(type)) {
    const isRequired = (element.min ?? 0) > 0
    const choice = element.choice === true
    const bit = isRequired || choice ? 1 << nameByBit.size : 0
    if (nameByBit.size > 30) throw new Error(`${type} has more required and choice elements than bits in a number`)
    if (bit !== 0) nameByBit.set(bit, element.name)
    if (isRequired) required |= bit
    for (const each of element.types) {
      const plain = plainType(each)
      const key = choice ? choiceName(element.name, plain) : element.name
      const step = choice ? `${element.name}.ofType(${plain})` : element.name
      addProperty(properties, key, plain, {
        step,
        bit,
        choice,
        many: element.many === true,
        ...bindingOf(element, plain),
        ...targetsOf(each),
        ...rulesOf(element.constraints, plain),
      })
    }
  }
  return { type, properties, required, nameByBit, rules: typeRules(type) }
}

const bindable = new Set(['code', 'Coding', 'CodeableConcept', 'Quantity', 'string', 'uri'])

function bindingOf(element: CompiledElement, type: string): { binding?: Binding } {
  if (!bindable.has(type)) return {}
  if (element.valueSet !== undefined) return { binding: { strength: 'required', valueSet: element.valueSet } }
  return element.softBinding === undefined ? {} : { binding: { ...element.softBinding } }
}

function targetsOf(type: string): { targets?: ReadonlySet<string> } {
  const listed = /^Reference\((.*)\)$/.exec(type)?.[1]
  if (listed === undefined) return {}
  const targets = new Set(listed.split('|'))
  return targets.has('Resource') ? {} : { targets }
}

const rulesOf = (constraints: readonly CompiledConstraint[] | undefined, type: string): { rules?: readonly Rule[] } =>
  constraints === undefined ? {} : { rules: constraints.map((each) => ruleOf(each, type)) }

/** The rules of a type and of the types it is made from. Element and Extension have theirs checked with the structure. */
function typeRules(type: string): readonly Rule[] {
  const { types } = definitions()
  const found = Object.hasOwn(types, type) ? types[type] : undefined
  if (found === undefined) return []
  const inherited = found.base === undefined ? [] : typeRules(found.base)
  const own = (found.constraints ?? []).filter(({ key }) => key !== 'ele-1' && key !== 'ext-1')
  return [...inherited, ...own.map((each) => ruleOf(each, type))]
}

/** Types whose values are looked at one by one. */
const valueChecked = new Set([
  'Reference',
  'Coding',
  'CodeableConcept',
  'Attachment',
  'Quantity',
  'Age',
  'Duration',
  'xhtml',
  'Identifier',
  'string',
  'markdown',
  'uri',
  'url',
  'canonical',
  'Extension',
])

function addProperty(
  properties: Map<string, Property>,
  key: string,
  type: string,
  common: Pick<Property, 'step' | 'bit' | 'choice' | 'many' | 'binding' | 'targets' | 'rules'>,
): void {
  const kind = definitions().types[type]?.kind
  const checked = common.binding !== undefined || common.rules !== undefined || valueChecked.has(type)
  const primitive = primitives[type]
  if (kind === 'resource') properties.set(key, { ...common, checked, kind: 'resource' })
  else if (primitive === undefined) properties.set(key, { ...common, checked, kind: 'complex', type })
  else {
    const { step, bit, choice, many } = common
    properties.set(key, { ...common, checked, kind: 'primitive', type, primitive, counterpart: `_${key}` })
    const half = { step, bit, choice, many, checked: false }
    properties.set(`_${key}`, { ...half, kind: 'extras', counterpart: key, type: 'Element' })
  }
}
