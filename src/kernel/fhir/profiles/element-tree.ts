import type { ElementDefinition } from 'fhir/r4.js'

/** An element of a definition with what is below it. Slices of an element lie beside its children. */
export interface ElementNode {
  /** Last part of the path, with `[x]` where it has it. */
  name: string
  slice?: string
  element: ElementDefinition
  /** Undefined while the children are those of the element's type. */
  children: ElementNode[] | undefined
  slices: ElementNode[]
}

/** One step of an element's address: `identifier:nhsNumber`. */
export interface ElementStep {
  readonly name: string
  readonly slice?: string
}

/** Gives each element of a list its address. Ids are often missing or wrong, so path, slice name and order decide. */
export class Addresses {
  readonly #open = new Map<string, readonly ElementStep[]>()

  /** The address of the next element of the list. */
  of(element: ElementDefinition): readonly ElementStep[] {
    const { path, sliceName } = element
    const dot = path.lastIndexOf('.')
    const parent = dot < 0 ? [] : this.#known(path.slice(0, dot))
    const step = { name: path.slice(dot + 1), ...(sliceName === undefined ? {} : { slice: sliceName }) }
    for (const open of this.#open.keys()) if (open.startsWith(`${path}.`)) this.#open.delete(open)
    const steps = [...parent, step]
    this.#open.set(path, steps)
    return steps
  }

  #known(path: string): readonly ElementStep[] {
    const open = this.#open.get(path)
    if (open !== undefined) return open
    const dot = path.lastIndexOf('.')
    return [...(dot < 0 ? [] : this.#known(path.slice(0, dot))), { name: path.slice(dot + 1) }]
  }
}

/** The tree of a snapshot's elements. */
export function elementTree(elements: readonly ElementDefinition[]): ElementNode {
  const addresses = new Addresses()
  const [first, ...rest] = elements
  if (first === undefined) throw new Error('A snapshot must have elements')
  addresses.of(first)
  const root: ElementNode = { name: first.path, element: first, children: undefined, slices: [] }
  for (const element of rest) {
    const steps = addresses.of(element)
    const parent = nodeAt(root, steps.slice(1, -1))
    const step = steps.at(-1)
    if (parent === undefined || step === undefined) continue
    const node: ElementNode = { ...step, element, children: undefined, slices: [] }
    if (step.slice === undefined) (parent.children ??= []).push(node)
    else parent.children?.find((each) => each.name === step.name)?.slices.push(node)
  }
  return root
}

/** The node at an address below a root, in a tree as it stands. */
function nodeAt(root: ElementNode, steps: readonly ElementStep[]): ElementNode | undefined {
  let node: ElementNode | undefined = root
  for (const step of steps) {
    const child: ElementNode | undefined = node?.children?.find((each) => each.name === step.name)
    node = step.slice === undefined ? child : child?.slices.find((each) => each.slice === step.slice)
  }
  return node
}

/** A copy that can be changed without changing the original. */
export const copyOf = (node: ElementNode): ElementNode => ({
  ...node,
  element: { ...node.element },
  children: node.children?.map(copyOf),
  slices: node.slices.map(copyOf),
})

/** The tree as a list again, in the order of a snapshot, with paths and ids made new. */
export function elementList(root: ElementNode): ElementDefinition[] {
  const list: ElementDefinition[] = []
  const visit = (node: ElementNode, path: string, id: string): void => {
    list.push({ ...node.element, id, path })
    for (const child of node.children ?? []) {
      const [childPath, childId] = [`${path}.${child.name}`, `${id}.${child.name}`]
      visit(child, childPath, childId)
      for (const slice of child.slices) visit(slice, childPath, `${childId}:${slice.slice}`)
    }
  }
  visit(root, root.name, root.name)
  return list
}
