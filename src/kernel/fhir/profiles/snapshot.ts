import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js'
import { Addresses, copyOf, type ElementNode, type ElementStep, elementList, elementTree } from './element-tree.ts'

/** Finds a StructureDefinition, with its snapshot, by its canonical. */
export type Resolve = (canonical: string) => StructureDefinition | undefined

/** Something in a differential that the base does not allow. */
export interface SnapshotFault {
  /** Place in `differential.element`; absent when it is the definition as a whole. */
  readonly index?: number
  readonly message: string
}

export interface MadeSnapshot {
  readonly elements: readonly ElementDefinition[]
  readonly faults: readonly SnapshotFault[]
}

const typePrefix = 'http://hl7.org/fhir/StructureDefinition/'

/** The definition with a snapshot: its own if it has one, else one made from its base. */
export function withSnapshot(definition: StructureDefinition, resolve: Resolve): StructureDefinition {
  if ((definition.snapshot?.element.length ?? 0) > 0) return definition
  const { elements } = makeSnapshot(definition, resolve)
  return { ...definition, snapshot: { element: [...elements] } }
}

/** Applies a differential to the snapshot of its base. What cannot be applied is told, and the rest still counts. */
export function makeSnapshot(definition: StructureDefinition, resolve: Resolve): MadeSnapshot {
  const base = definition.baseDefinition === undefined ? undefined : resolve(definition.baseDefinition)
  const start = base?.snapshot?.element ?? []
  const faults: SnapshotFault[] = []
  if (start.length === 0) {
    faults.push({ message: `Its base ${definition.baseDefinition ?? ''} is not here` })
    return { elements: [], faults }
  }
  const root = copyOf(elementTree(start))
  root.name = definition.type.replace(/^.*\//, '')
  const snapshot = new Snapshot(root, resolve, definition.derivation !== 'constraint')
  const addresses = new Addresses()
  for (const [index, element] of (definition.differential?.element ?? []).entries()) {
    const message = snapshot.apply(addresses.of(element), element)
    if (message !== undefined) faults.push({ index, message })
  }
  return { elements: elementList(root), faults }
}

/** A tree of elements that a differential is being applied to. */
class Snapshot {
  readonly #root: ElementNode
  readonly #resolve: Resolve
  readonly #growing: boolean

  constructor(root: ElementNode, resolve: Resolve, growing: boolean) {
    this.#root = root
    this.#resolve = resolve
    this.#growing = growing
  }

  /** Applies one element; says what is wrong with it if it cannot. */
  apply(steps: readonly ElementStep[], change: ElementDefinition): string | undefined {
    if (steps.some((step) => step.name === '')) return `The path ${change.path} has an empty part`
    if (steps[0]?.name !== this.#root.name) return `The path ${change.path} does not begin with ${this.#root.name}`
    let node = this.#root
    for (const step of steps.slice(1)) {
      const next = this.#below(node, step)
      if (next === undefined) return `${change.path} is not an element of the base: check its path and its order`
      node = next
    }
    merge(node, change)
    return undefined
  }

  #below(parent: ElementNode, step: ElementStep): ElementNode | undefined {
    parent.children ??= this.#typeChildren(parent)
    const child = parent.children.find((each) => each.name === step.name)
    if (child === undefined) return this.#choice(parent, step) ?? this.#added(parent, step)
    return step.slice === undefined ? child : this.#slice(child, step.slice)
  }

  /** `valueQuantity` is the slice of `value[x]` for that type. */
  #choice(parent: ElementNode, step: ElementStep): ElementNode | undefined {
    for (const child of parent.children ?? []) {
      if (!child.name.endsWith('[x]')) continue
      const stem = child.name.slice(0, -3)
      if (!step.name.startsWith(stem)) continue
      const rest = step.name.slice(stem.length)
      const type = child.element.type?.find((each) => upperFirst(each.code) === rest)
      if (type === undefined) continue
      const slice = this.#slice(child, step.slice ?? step.name)
      slice.element = { ...slice.element, type: [type] }
      child.element = {
        ...child.element,
        slicing: child.element.slicing ?? { discriminator: [{ type: 'type', path: '$this' }], rules: 'open' },
      }
      return slice
    }
    return undefined
  }

  #added(parent: ElementNode, { name }: ElementStep): ElementNode | undefined {
    if (!this.#growing) return undefined
    const node: ElementNode = { name, element: { path: name, min: 0, max: '*' }, children: undefined, slices: [] }
    ;(parent.children ??= []).push(node)
    return node
  }

  #slice(child: ElementNode, name: string): ElementNode {
    const known = child.slices.find((each) => each.slice === name)
    if (known !== undefined) return known
    const slash = name.lastIndexOf('/')
    const outer = slash < 0 ? undefined : child.slices.find((each) => each.slice === name.slice(0, slash))
    const made = copyOf(outer ?? child)
    const { slicing: _, ...element } = made.element
    Object.assign(made, { slice: name, element: { ...element, sliceName: name, min: 0 }, slices: [] })
    child.slices.push(made)
    if (child.element.slicing === undefined && (child.name === 'extension' || child.name === 'modifierExtension'))
      child.element = { ...child.element, slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' } }
    return made
  }

  /** The children that an element has by its type, its profile or the element it refers to. */
  #typeChildren(node: ElementNode): ElementNode[] {
    const { contentReference, type } = node.element
    if (contentReference !== undefined) {
      const path = contentReference.replace(/^.*#/, '').split('.')
      let found: ElementNode | undefined = this.#root
      for (const name of path.slice(1)) found = found?.children?.find((each) => each.name === name)
      return found?.children?.map(copyOf) ?? []
    }
    const only = type?.length === 1 ? type[0] : undefined
    const code = only?.code.startsWith('http') === true ? 'string' : (only?.code ?? 'Element')
    const profile = only?.profile?.length === 1 ? only.profile[0] : undefined
    const definition =
      (profile === undefined ? undefined : this.#resolve(profile)) ?? this.#resolve(`${typePrefix}${code}`)
    const elements = definition?.snapshot?.element ?? []
    return elements.length === 0 ? [] : (copyOf(elementTree(elements)).children ?? [])
  }
}

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What a differential says of an element replaces what the base says; rules are added to those of the base. */
function merge(node: ElementNode, change: ElementDefinition): void {
  const { constraint, path: _path, id: _id, ...rest } = change
  const changed = rest.type !== undefined && typeNames(rest) !== typeNames(node.element)
  const keys = new Set((constraint ?? []).map((each) => each.key))
  const rules = [...(node.element.constraint ?? []).filter((each) => !keys.has(each.key)), ...(constraint ?? [])]
  node.element = { ...node.element, ...rest, ...(rules.length === 0 ? {} : { constraint: rules }) }
  if (changed && !hasOwnRules(node)) node.children = undefined
}

const typeNames = (element: Partial<ElementDefinition>): string =>
  (element.type ?? []).map((each) => `${each.code} ${each.profile?.join(' ') ?? ''}`).join(', ')

/** Whether anything below was changed already, so that a new type must not throw it away. */
const hasOwnRules = (node: ElementNode): boolean =>
  node.slices.length > 0 || node.element.contentReference !== undefined
