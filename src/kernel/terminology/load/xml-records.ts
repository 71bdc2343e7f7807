import { createReadStream } from 'node:fs'
import { problem } from '../../../base/problem.ts'

/** Longest record that is read: a broken file must not fill the memory. */
const longestRecord = 4_000_000

/** The elements of the given names in an XML file, each as its whole text, one after the other. Elements of these names do not lie inside each other. */
export async function* xmlElements(
  file: string,
  names: readonly string[],
): AsyncGenerator<{ readonly name: string; readonly text: string }> {
  const opening = new RegExp(`<(${names.join('|')})(?:\\s[^>]*)?>`, 'g')
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 262_144 })) {
    rest += String(chunk)
    for (;;) {
      opening.lastIndex = 0
      const begin = opening.exec(rest)
      if (begin === null) {
        // A tag may be cut in two at the end of the piece.
        rest = rest.slice(Math.max(0, rest.lastIndexOf('<')))
        break
      }
      const name = begin[1] ?? ''
      const end = rest.indexOf(`</${name}>`, opening.lastIndex)
      if (end === -1) {
        rest = rest.slice(begin.index)
        if (rest.length > longestRecord) throw problem('invalid', `${file}: an element ${name} does not end`)
        break
      }
      yield { name, text: rest.slice(begin.index, end) }
      rest = rest.slice(end + name.length + 3)
    }
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** A text of XML with its entities resolved. */
export const xmlText = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole
    },
  )

/** The simple children of an element, by name. */
export function xmlFields(text: string): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {}
  for (const [, name = '', value = ''] of text.matchAll(/<([A-Za-z_]\w*)(?:\s[^>]*)?>([^<]*)<\/\1>/g))
    fields[name] = xmlText(value.trim())
  return fields
}
