import { choiceName, definitions, elementsOf, plainType } from '../definitions.ts'

/** Namespaces of FHIR in XML (FHIR R4, XML representation). */
export const fhirNamespace = 'http://hl7.org/fhir'
export const xhtmlNamespace = 'http://www.w3.org/1999/xhtml'

/** One name that an element of a type may have, in XML as in JSON. */
export interface XmlElement {
  readonly name: string
  readonly type: string
  readonly kind: 'primitive' | 'complex' | 'resource' | 'xhtml'
  readonly many: boolean
  /** Written as an attribute: `id` of an element, `url` of an extension. */
  readonly attribute: boolean
  /** A primitive that JSON writes without quotes. */
  readonly bare: 'number' | 'boolean' | undefined
}

const types = new Map<string, ReadonlyMap<string, XmlElement>>()

/** The elements of a type by name, in the order of the R4 definitions, which is the order of its XML. */
export function xmlElements(type: string): ReadonlyMap<string, XmlElement> {
  const known = types.get(type)
  if (known !== undefined) return known
  const made = new Map<string, XmlElement>()
  for (const element of elementsOf(type))
    for (const each of element.types) {
      const plain = plainType(each)
      const name = element.choice === true ? choiceName(element.name, plain) : element.name
      const attribute = isAttribute(type, name)
      const kind = kindOf(plain)
      made.set(name, { name, type: plain, kind, many: element.many === true, attribute, bare: bareTypes[plain] })
    }
  types.set(type, made)
  return made
}

const bareTypes: Readonly<Record<string, 'number' | 'boolean'>> = {
  boolean: 'boolean',
  decimal: 'number',
  integer: 'number',
  positiveInt: 'number',
  unsignedInt: 'number',
}

function isAttribute(type: string, name: string): boolean {
  if (type === 'Extension' && name === 'url') return true
  return name === 'id' && definitions().types[type]?.kind !== 'resource'
}

function kindOf(type: string): XmlElement['kind'] {
  if (type === 'xhtml') return 'xhtml'
  const kind = definitions().types[type]?.kind
  return kind === 'primitive' || kind === undefined ? 'primitive' : kind
}
