import { isExactNumber, parseExact } from '../../../base/exact-json.ts'
import { isObject } from '../../../base/json.ts'
import { fhirNamespace, type XmlElement, xhtmlNamespace, xmlElements } from './names.ts'
import { isWellFormed } from './well-formed.ts'

/** Writes a resource's JSON as XML: elements in the order of the definitions, decimals with the digits they have. */
export function xmlOf(json: string, pretty = false): string {
  const resource = parseExact(json, 'A resource')
  const out = new Writer(pretty)
  out.resource(isObject(resource) ? resource : {}, true)
  return `<?xml version="1.0" encoding="UTF-8"?>${out.text}${pretty ? '\n' : ''}`
}

type Json = Readonly<Record<string, unknown>>

class Writer {
  text = ''
  readonly #pretty: boolean
  #depth = 0

  constructor(pretty: boolean) {
    this.#pretty = pretty
  }

  resource(resource: Json, root = false): void {
    const type = String(resource['resourceType'])
    this.#open(type)
    if (root) this.text += ` xmlns="${fhirNamespace}"`
    this.#content(type, resource, type)
  }

  #open(name: string): void {
    if (this.#pretty) this.text += `\n${'  '.repeat(this.#depth)}`
    this.text += `<${name}`
  }

  /** Attributes, the rest of the tag, all that is inside, and the end of an element that is open already. */
  #content(type: string, value: Json, name: string, attributes = ''): void {
    const elements = xmlElements(type)
    this.text += attributes
    for (const { name: each, attribute } of elements.values())
      if (attribute && value[each] !== undefined) this.text += ` ${each}="${escaped(textOf(value[each]))}"`
    const before = this.text.length
    this.text += '>'
    this.#depth += 1
    for (const element of elements.values()) if (!element.attribute) this.#element(element, value)
    this.#depth -= 1
    if (this.text.length === before + 1) this.text = `${this.text.slice(0, -1)}/>`
    else this.#close(name)
  }

  #close(name: string): void {
    if (this.#pretty) this.text += `\n${'  '.repeat(this.#depth)}`
    this.text += `</${name}>`
  }

  #element(element: XmlElement, parent: Json): void {
    const [value, extra] = [parent[element.name], parent[`_${element.name}`]]
    if (value === undefined && extra === undefined) return
    if (!element.many) return this.#one(element, value, extra)
    const values: readonly unknown[] = Array.isArray(value) ? value : []
    const extras: readonly unknown[] = Array.isArray(extra) ? extra : []
    for (let index = 0; index < Math.max(values.length, extras.length); index++)
      this.#one(element, values[index], extras[index])
  }

  #one({ name, type, kind }: XmlElement, value: unknown, extra: unknown): void {
    if (kind === 'xhtml') {
      if (this.#pretty) this.text += `\n${'  '.repeat(this.#depth)}`
      this.text += narrative(textOf(value))
      return
    }
    this.#open(name)
    if (kind === 'primitive') {
      const attribute = value === undefined || value === null ? '' : ` value="${escaped(textOf(value))}"`
      return this.#content('Element', isObject(extra) ? extra : {}, name, attribute)
    }
    const inner = isObject(value) ? value : {}
    if (kind === 'complex') return this.#content(type, inner, name)
    this.text += '>'
    this.#depth += 1
    this.resource(inner)
    this.#depth -= 1
    this.#close(name)
  }
}

const textOf = (value: unknown): string => (isExactNumber(value) ? value.rawJSON : String(value))

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** What XML 1.0 cannot hold: control characters, half a surrogate pair, and two that are no characters. */
const unwritable = /[[\p{Cc}\p{Cs}]--[\t\n\r\u007f-\u009f]]|[\ufffe\uffff]/gv

/** White space in an attribute would be made into spaces by whoever reads it. What XML cannot hold at all is left out. */
const escaped = (text: string): string =>
  text.replace(/[&<>"\t\n\r]/g, (each) => entities[each] ?? each).replace(unwritable, '')

/** A narrative is XHTML already. HTML's own names of characters mean nothing in XML; one that is broken is shown as text. */
function narrative(div: string): string {
  const text = div.replaceAll('&nbsp;', '&#160;').replace(/\r/g, '&#13;')
  if (text.startsWith('<div') && isWellFormed(text))
    return text.includes(xhtmlNamespace) ? text : text.replace('<div', `<div xmlns="${xhtmlNamespace}"`)
  return `<div xmlns="${xhtmlNamespace}">${escaped(div)}</div>`
}
