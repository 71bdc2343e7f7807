import { tableOf } from '../../src/kernel/fhir/structure-table.ts'

// FHIR XML as JSON, for test material that is published as XML alone. Linchpin itself speaks JSON.

interface XmlNode {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlNode[]
  start: number
  end: number
}

/** A resource in FHIR XML as the JSON it would be. */
export function jsonOfXml(text: string): Record<string, unknown> | undefined {
  const root = parse(text.replace(/^\u{feff}/u, ''))
  return root === undefined ? undefined : resource(root, text.replace(/^\u{feff}/u, ''))
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const decoded = (text: string): string =>
  text.replace(/&(#x?[0-9A-Fa-f]+|[a-z]+);/g, (whole, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16))
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)))
    return entities[name] ?? whole
  })

function parse(text: string): XmlNode | undefined {
  const tag =
    /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<!DOCTYPE[^>]*>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g
  const open: XmlNode[] = []
  for (const match of text.matchAll(tag)) {
    const [whole, closes, name, attributes = '', empty] = match
    if (name === undefined) continue
    const end = match.index + whole.length
    if (closes === '/') {
      const node = open.pop()
      if (node === undefined) return undefined
      node.end = end
      if (open.length === 0) return node
      continue
    }
    const pairs = [...attributes.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)]
    const values = Object.fromEntries(pairs.map(([, key, one, two]) => [key, decoded(one ?? two ?? '')]))
    const node: XmlNode = { name: name.replace(/^.*:/, ''), attributes: values, children: [], start: match.index, end }
    open.at(-1)?.children.push(node)
    if (empty !== '/') open.push(node)
  }
  return undefined
}

function resource(node: XmlNode, text: string): Record<string, unknown> {
  return { resourceType: node.name, ...object(node, node.name, text) }
}

function object(node: XmlNode, type: string, text: string): Record<string, unknown> {
  const { properties } = tableOf(type)
  const made: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(node.attributes))
    if (name === 'id' || (name === 'url' && type === 'Extension')) made[name] = value
  const lists = new Map<string, unknown[]>()
  const put = (name: string, value: unknown, many: boolean): void => {
    if (!many) made[name] = value
    else {
      const list = lists.get(name) ?? []
      lists.set(name, list)
      made[name] = list
      list.push(value)
    }
  }
  for (const child of node.children) {
    const property = properties.get(child.name)
    if (property === undefined) put(child.name, child.attributes['value'] ?? {}, false)
    else if (property.kind === 'resource') {
      const [inner] = child.children
      if (inner !== undefined) put(child.name, resource(inner, text), property.many)
    } else if (property.type === 'xhtml') made[child.name] = text.slice(child.start, child.end)
    else if (property.kind === 'primitive') {
      const extras = object({ ...child, attributes: idOnly(child) }, 'Element', text)
      const has = Object.keys(extras).length > 0
      const { value } = child.attributes
      if (value !== undefined || property.many)
        put(child.name, value === undefined ? null : primitive(value, property.type ?? ''), property.many)
      if (has || property.many) put(`_${child.name}`, has ? extras : null, property.many)
    } else put(child.name, object(child, property.type ?? 'Element', text), property.many)
  }
  for (const [name, list] of lists) if (name.startsWith('_') && list.every((each) => each === null)) delete made[name]
  return made
}

const idOnly = ({ attributes }: XmlNode): Record<string, string> =>
  attributes['id'] === undefined ? {} : { id: attributes['id'] }

const numbers = new Set(['integer', 'decimal', 'positiveInt', 'unsignedInt'])

function primitive(value: string, type: string): unknown {
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value
  return numbers.has(type) && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value
}
