import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes'
import { type Problem, problem } from '../../../base/problem.ts'
import { typeNumber } from '../resource-types.ts'
import { fhirNamespace, type XmlElement, xhtmlNamespace, xmlElements } from './names.ts'

/**
 * Reads a resource's XML into the JSON that means the same; decimals keep their digits. Says nothing of what the
 * resource should be: the structure check does that for both formats. No document type, no entities but XML's own five.
 */
export function jsonOf(xml: string): string {
  const reader = new Reader(xml)
  return reader.read()
}

/** Nested deeper than this nothing of FHIR is; a narrative may be. */
const mostDepth = 200

interface Values {
  readonly element: XmlElement
  readonly values: string[]
  /** What lies beside a primitive, at the same place; empty for nothing. */
  readonly extras: string[]
}

/** An element whose end has not come yet. */
interface Frame {
  readonly name: string
  /** Undefined for the root and for a resource inside an element of another. */
  readonly element: XmlElement | undefined
  /** Type whose elements come inside; empty where a resource comes. */
  readonly type: string
  readonly isResource: boolean
  readonly inside: Map<string, Values>
  /** JSON of a primitive's value, or of the resource inside. */
  value: string
}

class Reader {
  readonly #xml: string
  readonly #parser = new SaxesParser({ xmlns: true, position: true })
  readonly #frames: Frame[] = []
  #result = ''
  /** Where the narrative begins that is being read, and how deep its elements are. */
  #narrative: { readonly start: number; depth: number; readonly prefix: string } | undefined

  constructor(xml: string) {
    this.#xml = xml
    const parser = this.#parser
    parser.on('error', (error) => {
      throw this.#broken(error.message.replace(/^.*?: /, ''))
    })
    parser.on('doctype', () => {
      throw this.#broken('A document type is not taken')
    })
    parser.on('opentag', (tag) => this.#open(tag))
    parser.on('closetag', (tag) => this.#close(tag))
    parser.on('text', (text) => this.#text(text))
    parser.on('cdata', (text) => this.#text(text))
  }

  read(): string {
    this.#parser.write(this.#xml).close()
    if (this.#result === '') throw this.#broken('There is no resource in it')
    return this.#result
  }

  #broken(message: string): Problem {
    const { line, column } = this.#parser
    const path = this.#frames.map(({ name }) => name).join('.')
    const place = path === '' ? {} : { expression: path }
    return problem('invalid', `The XML cannot be read: ${message} (line ${line}, column ${column})`, place)
  }

  #open(tag: SaxesTagNS): void {
    if (this.#narrative !== undefined) {
      this.#narrative.depth += 1
      if (this.#narrative.depth > mostDepth) throw this.#broken('It is nested too deep')
      return
    }
    const parent = this.#frames.at(-1)
    if (this.#frames.length >= mostDepth) throw this.#broken('It is nested too deep')
    if (parent === undefined || parent.type === '') return this.#openResource(tag)
    const element = xmlElements(parent.type).get(tag.local)
    if (element === undefined || element.attribute) throw this.#broken(`There is no "${tag.local}" in ${parent.type}`)
    if (element.kind === 'xhtml') return this.#openNarrative(tag)
    if (tag.uri !== fhirNamespace) throw this.#broken(`"${tag.local}" is not in the namespace of FHIR`)
    const { kind, type } = element
    const inner = kind === 'primitive' ? 'Element' : kind === 'resource' ? '' : type
    const frame = {
      name: tag.local,
      element,
      type: inner,
      isResource: false,
      inside: new Map<string, Values>(),
      value: '',
    }
    this.#frames.push(frame)
    for (const attribute of Object.values(tag.attributes)) this.#attribute(frame, attribute)
  }

  #openResource(tag: SaxesTagNS): void {
    if (tag.uri !== fhirNamespace) throw this.#broken(`"${tag.local}" is not in the namespace of FHIR`)
    if (typeNumber(tag.local) === undefined) throw this.#broken(`"${tag.local}" is no resource of FHIR R4`)
    const holder = this.#frames.at(-1)
    if (holder !== undefined && holder.value !== '') throw this.#broken('There is one resource in an element')
    const inside = new Map<string, Values>()
    this.#frames.push({ name: tag.local, element: undefined, type: tag.local, isResource: true, inside, value: '' })
  }

  #openNarrative(tag: SaxesTagNS): void {
    if (tag.uri !== xhtmlNamespace || tag.local !== 'div') throw this.#broken('A narrative is a div of XHTML')
    const start = this.#xml.lastIndexOf('<', this.#parser.position - 1)
    this.#narrative = { start, depth: 1, prefix: tag.prefix }
  }

  #attribute(frame: Frame, { local, prefix, value }: SaxesAttributeNS): void {
    if (prefix === 'xmlns' || prefix === 'xsi' || (prefix === '' && local === 'xmlns')) return
    const { element } = frame
    if (local === 'value' && element?.kind === 'primitive') {
      frame.value = this.#primitive(element, value)
      return
    }
    const known = frame.type === '' ? undefined : xmlElements(frame.type).get(local)
    if (known?.attribute !== true) throw this.#broken(`There is no attribute "${local}" here`)
    frame.inside.set(local, { element: known, values: [JSON.stringify(value)], extras: [''] })
  }

  #primitive({ bare, name }: XmlElement, value: string): string {
    if (bare === undefined) return JSON.stringify(value)
    const shape = bare === 'boolean' ? /^(?:true|false)$/ : /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
    if (!shape.test(value)) throw this.#broken(`"${value.slice(0, 40)}" is no ${bare}, which ${name} must be`)
    return value
  }

  #text(text: string): void {
    if (this.#narrative === undefined && text.trim() !== '') throw this.#broken('Text stands between elements')
  }

  #close(tag: SaxesTagNS): void {
    if (this.#narrative !== undefined) return this.#closeNarrative()
    const frame = this.#frames.pop()
    if (frame === undefined) throw this.#broken(`"${tag.local}" ends and has not begun`)
    const content = contentOf(frame.inside)
    const parent = this.#frames.at(-1)
    if (frame.isResource) {
      const json = `{"resourceType":"${frame.type}"${content === '' ? '' : `,${content}`}}`
      if (parent === undefined) this.#result = json
      else parent.value = json
    } else if (frame.element !== undefined && parent !== undefined) {
      const { kind } = frame.element
      if (kind === 'complex') put(parent, frame.element, `{${content}}`, '')
      else put(parent, frame.element, frame.value, kind === 'primitive' && content !== '' ? `{${content}}` : '')
    }
  }

  #closeNarrative(): void {
    const narrative = this.#narrative
    const parent = this.#frames.at(-1)
    if (narrative === undefined || parent === undefined) return
    narrative.depth -= 1
    if (narrative.depth > 0) return
    this.#narrative = undefined
    const element = xmlElements(parent.type).get('div')
    const raw = this.#xml.slice(narrative.start, this.#parser.position)
    if (element !== undefined) put(parent, element, JSON.stringify(inDefaultNamespace(raw, narrative.prefix)), '')
  }
}

/** In JSON a narrative stands alone: it cannot lean on a prefix that the XML around it declared. */
function inDefaultNamespace(div: string, prefix: string): string {
  const plain = prefix === '' ? div : div.replaceAll(`<${prefix}:`, '<').replaceAll(`</${prefix}:`, '</')
  return /^<div[^>]*\sxmlns\s*=/.test(plain) ? plain : plain.replace('<div', `<div xmlns="${xhtmlNamespace}"`)
}

function put(parent: Frame, element: XmlElement, value: string, extra: string): void {
  const known = parent.inside.get(element.name)
  if (known === undefined) parent.inside.set(element.name, { element, values: [value], extras: [extra] })
  else {
    known.values.push(value)
    known.extras.push(extra)
  }
}

/** The members of a JSON object. What may not repeat and does becomes an array, which the structure check refuses. */
function contentOf(inside: ReadonlyMap<string, Values>): string {
  const parts: string[] = []
  for (const [name, { element, values, extras }] of inside)
    for (const [key, texts] of [
      [name, values],
      [`_${name}`, extras],
    ] as const) {
      if (texts.every((text) => text === '')) continue
      const list = texts.map((text) => (text === '' ? 'null' : text))
      parts.push(`"${key}":${element.many || list.length > 1 ? `[${list.join(',')}]` : list[0]}`)
    }
  return parts.join(',')
}
