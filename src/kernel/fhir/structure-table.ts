import { choiceName, definitions, elementsOf, plainType } from './definitions.ts'
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
  /** Type name of a complex element. */
  readonly type?: string
  /** Filled on first use: types refer to each other in circles. */
  table?: Table
}

/** What is allowed in an object of one type. */
export interface Table {
  readonly type: string
  readonly properties: ReadonlyMap<string, Property>
  /** The bits of all required elements. */
  readonly required: number
  /** Element name by bit, for required elements and choices. */
  readonly nameByBit: ReadonlyMap<number, string>
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
      addProperty(properties, key, plain, { step, bit, choice, many: element.many === true })
    }
  }
  return { type, properties, required, nameByBit }
}

function addProperty(
  properties: Map<string, Property>,
  key: string,
  type: string,
  common: Pick<Property, 'step' | 'bit' | 'choice' | 'many'>,
): void {
  const kind = definitions().types[type]?.kind
  const primitive = primitives[type]
  if (kind === 'resource') properties.set(key, { ...common, kind: 'resource' })
  else if (primitive === undefined) properties.set(key, { ...common, kind: 'complex', type })
  else {
    properties.set(key, { ...common, kind: 'primitive', primitive, counterpart: `_${key}` })
    properties.set(`_${key}`, { ...common, kind: 'extras', counterpart: key, type: 'Element' })
  }
}
