/** Something in a narrative that R4 does not allow. */
export interface NarrativeFault {
  readonly rule: 'txt-1' | 'txt-2' | 'xhtml-link' | 'xhtml-anchor'
  readonly message: string
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

// R4 Narrative, txt-1: the elements and attributes of HTML 4.0 chapters 7-11 (but 9.4) and 15, <a>, images, style.
const elements = words(
  'p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr address bdo kbd sub sup ins del u s strike center font ul ol li dl dt dd pre table caption colgroup col thead tr tfoot tbody th td code samp img map area',
)
const attributes = words(
  'xmlns title style class id idref lang xml:lang dir accesskey tabindex span width height align valign char charoff abbr axis headers scope rowspan colspan summary border frame rules cellspacing cellpadding href name src alt cite datetime start type value rel rev hreflang charset shape coords usemap ismap longdesc size color face noshade compact clear bgcolor nowrap data-fhir',
)
const entityNames = /^(?:#[0-9]+|#x[0-9A-Fa-f]+|amp|lt|gt|quot|apos|nbsp|[A-Za-z][A-Za-z0-9]{1,31})$/
const schemes = words('http https mailto tel ftp data cid')

const tag =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<(\/?)([A-Za-z][A-Za-z0-9:]*)((?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y
const attribute = /([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** Everything about a narrative's XHTML that R4 does not allow. `ids` are targets outside it that a link may name. */
export function narrativeFaults(div: string, ids: (id: string) => boolean = () => true): readonly NarrativeFault[] {
  const reading = new Reading(ids)
  reading.read(div.trim())
  return reading.faults
}

class Reading {
  readonly faults: NarrativeFault[] = []
  readonly #ids: (id: string) => boolean
  readonly #open: string[] = []
  readonly #anchors = new Set<string>()
  readonly #links: string[] = []
  #visible = false

  constructor(ids: (id: string) => boolean) {
    this.#ids = ids
  }

  read(text: string): void {
    let at = 0
    while (at < text.length) {
      const next = text.indexOf('<', at)
      this.#text(text.slice(at, next < 0 ? text.length : next))
      if (next < 0) break
      tag.lastIndex = next
      const found = tag.exec(text)
      if (found === null) return this.#fault('txt-1', `The XHTML is broken at "${text.slice(next, next + 20)}"`)
      at = tag.lastIndex
      if (found[1] !== undefined) this.#text(found[1])
      if (found[3] !== undefined && !this.#tag(found[3], found[2] === '/', found[4] ?? '', found[5] === '/')) return
      if (this.#open.length === 0 && at < text.length && found[3] !== undefined)
        return this.#fault('txt-1', 'Nothing may follow the div of a narrative')
    }
    if (this.#open.length > 0) this.#fault('txt-1', `<${this.#open.at(-1)}> is not closed`)
    if (!this.#visible && this.faults.length === 0) this.#fault('txt-2', 'A narrative must have some visible content')
    for (const link of this.#links)
      if (!this.#anchors.has(link) && !this.#ids(link)) this.#fault('xhtml-anchor', `The link #${link} leads nowhere`)
  }

  #text(text: string): void {
    if (!this.#visible && /\S/.test(text)) this.#visible = true
    for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
      const end = text.indexOf(';', at)
      if (end < 0 || !entityNames.test(text.slice(at + 1, end)))
        return this.#fault('txt-1', 'A "&" in XHTML must begin an entity such as &amp;amp;')
    }
  }

  /** False when there is no point in reading on. */
  #tag(name: string, closes: boolean, attributeText: string, empty: boolean): boolean {
    if (closes) {
      const open = this.#open.pop()
      if (open === name) return true
      this.#fault('txt-1', `</${name}> closes <${open ?? 'nothing'}>`)
      return false
    }
    if (!elements.has(name)) this.#fault('txt-1', `<${name}> is not allowed in a narrative`)
    if (name === 'img') this.#visible = true
    for (const [, key = '', double, single] of attributeText.matchAll(attribute))
      this.#attribute(name, key, double ?? single ?? '')
    if (!empty) this.#open.push(name)
    return true
  }

  #attribute(element: string, name: string, value: string): void {
    if (!attributes.has(name) && !name.startsWith('xmlns:') && !name.startsWith('xml:'))
      this.#fault('txt-1', `The attribute ${name} is not allowed in a narrative (on <${element}>)`)
    if (name === 'id' || (name === 'name' && element === 'a')) this.#anchors.add(value)
    if (name !== 'href' && name !== 'src') return
    const scheme = /^\s*([A-Za-z][A-Za-z0-9+.-]*):/.exec(value)?.[1]?.toLowerCase()
    if (scheme === 'javascript' || scheme === 'vbscript') this.#fault('txt-1', 'A narrative must not contain scripts')
    else if (scheme !== undefined && !schemes.has(scheme))
      this.#fault('xhtml-link', `A link in a narrative cannot begin with ${scheme}:`)
    else if (value.startsWith('#') && value.length > 1 && element === 'a') this.#links.push(value.slice(1))
  }

  #fault(rule: NarrativeFault['rule'], message: string): void {
    if (this.faults.length < 20) this.faults.push({ rule, message })
  }
}
