import { isObject } from '../../../base/json.ts'
import type { Item } from '../profiles/place.ts'
import { containedResource } from '../reference-target.ts'

interface BundleEntry {
  readonly fullUrl: string | undefined
  readonly item: Item
}

/** What lies around the values of one resource: the containers of contained resources and the entries of Bundles. */
export class Surroundings {
  readonly #root: unknown
  #entries: readonly BundleEntry[] | undefined

  constructor(root: unknown) {
    this.#root = root
  }

  /** Entries of the Bundle that the root is; empty when it is none. */
  get entries(): readonly BundleEntry[] {
    this.#entries ??= entriesOf(this.#root)
    return this.#entries
  }

  /** The resource that an item is in, and the one that contains it. */
  resourcesOf(item: Item): { readonly resource: unknown; readonly rootResource: unknown } {
    const entry = this.#entryOf(item)
    const rootResource = entry === undefined ? this.#root : entry.item.value
    const contained = stepOf(item, 'contained')
    const list: unknown = isObject(rootResource) ? rootResource['contained'] : undefined
    const resource: unknown = contained === undefined || !Array.isArray(list) ? rootResource : list[contained]
    return { resource, rootResource }
  }

  /** What a reference leads to, as seen from an item: contained, or in the same Bundle. */
  resolve(reference: string, from: Item | undefined): Item | undefined {
    const entry = from === undefined ? undefined : this.#entryOf(from)
    if (reference.startsWith('#')) {
      const container = entry === undefined ? this.#root : entry.item.value
      const found = containedResource(container, reference.slice(1))
      return found === undefined ? undefined : itemAt(found, container, entry)
    }
    return this.matches(reference, entry?.fullUrl)[0]?.item
  }

  /** The entries that a reference in an entry leads to (R4 Bundle, "Resolving references in Bundles"). */
  matches(reference: string, fromUrl: string | undefined): readonly BundleEntry[] {
    const [plain = '', version] = reference.split('/_history/')
    const base =
      fromUrl === undefined ? undefined : /^(https?:\/\/.*)\/[A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.exec(fromUrl)?.[1]
    const absolute = /^[a-z][a-z0-9+.-]*:/i.test(plain) ? plain : base === undefined ? undefined : `${base}/${plain}`
    return this.entries.filter(({ fullUrl, item }) => {
      if (version !== undefined && versionOf(item.value) !== version) return false
      if (fullUrl !== undefined && fullUrl === absolute) return true
      // Without a full URL to go by, type and id must do.
      return fullUrl === undefined && plain === `${item.type}/${idOf(item.value)}`
    })
  }

  /** Entries with a type and id, whatever their full URL. */
  named(reference: string): readonly BundleEntry[] {
    const plain = reference.replace(/\/_history\/.*$/, '')
    return this.entries.filter(({ item }) => plain === `${item.type}/${idOf(item.value)}`)
  }

  #entryOf(item: Item): BundleEntry | undefined {
    const index = stepOf(item, 'entry')
    return index === undefined ? undefined : this.entries.find(({ item: each }) => each.place.up?.index === index)
  }
}

/** The index of the outermost step of a name above an item. */
function stepOf(item: Item, step: string): number | undefined {
  let found: number | undefined
  for (let place: Item['place'] | undefined = item.place; place !== undefined; place = place.up)
    if (place.step === step && place.index !== undefined) found = place.index
  return found
}

function entriesOf(root: unknown): readonly BundleEntry[] {
  if (!isObject(root) || root['resourceType'] !== 'Bundle' || !Array.isArray(root['entry'])) return []
  return root['entry'].flatMap((entry: unknown, index): BundleEntry[] => {
    const resource = isObject(entry) ? entry['resource'] : undefined
    if (!isObject(entry) || !isObject(resource)) return []
    const fullUrl = typeof entry['fullUrl'] === 'string' ? entry['fullUrl'] : undefined
    const place = { up: { up: { step: 'Bundle' }, step: 'entry', index }, step: 'resource' }
    return [{ fullUrl, item: { value: resource, type: String(resource['resourceType']), place } }]
  })
}

function itemAt(value: Readonly<Record<string, unknown>>, container: unknown, entry: BundleEntry | undefined): Item {
  const list: unknown = isObject(container) ? container['contained'] : undefined
  const index = Array.isArray(list) ? list.indexOf(value) : -1
  const up = entry?.item.place ?? { step: isObject(container) ? String(container['resourceType']) : '' }
  const place = index < 0 ? up : { up, step: 'contained', index }
  return { value, type: String(value['resourceType']), place }
}

const idOf = (resource: unknown): string =>
  isObject(resource) && typeof resource['id'] === 'string' ? resource['id'] : ''

const versionOf = (resource: unknown): unknown => {
  const meta = isObject(resource) ? resource['meta'] : undefined
  return isObject(meta) ? meta['versionId'] : undefined
}
