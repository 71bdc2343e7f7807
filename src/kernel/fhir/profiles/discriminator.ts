import type { ElementDefinition, ElementDefinitionSlicingDiscriminator } from 'fhir/r4.js'
import { isObject } from '../../../base/json.ts'
import type { Membership } from '../codes/membership.ts'
import { definitions, elementsOf, plainType } from '../definitions.ts'
import { type Structures, valueOf } from './compiled.ts'
import { type ElementNode, elementTree } from './element-tree.ts'
import { accessesOf, itemsOf } from './items.ts'
import { isEqual, matchesPattern } from './pattern.ts'
import type { Item } from './place.ts'

/** What telling slices apart may ask. */
export interface SliceContext {
  readonly resolve: (reference: string, from: Item) => Item | undefined
  readonly memberOf: (value: unknown, valueSet: string) => Membership
  readonly conforms: (item: Item, profile: string) => Membership
}

/** Whether a value, the index-th of its element, is of a slice. */
export type Discriminate = (item: Item, index: number, context: SliceContext) => Membership

const typePrefix = 'http://hl7.org/fhir/StructureDefinition/'

/** The test for one slice by all of its slicing's discriminators. */
export function discriminatorOf(
  discriminators: readonly ElementDefinitionSlicingDiscriminator[],
  slice: ElementNode,
  position: number,
  type: string,
  structures: Structures,
): Discriminate {
  const tests = discriminators
    .map((each) => oneDiscriminator(each, slice, position, type, structures))
    .filter((each) => each !== undefined)
  if (tests.length === 0) return () => undefined
  return (item, index, context) => {
    let answer: Membership = true
    for (const test of tests) {
      const one = test(item, index, context)
      if (one === false) return false
      if (one === undefined) answer = undefined
    }
    return answer
  }
}

function oneDiscriminator(
  { type: kind, path }: ElementDefinitionSlicingDiscriminator,
  slice: ElementNode,
  position: number,
  type: string,
  structures: Structures,
): Discriminate | undefined {
  // R5 names it; older profiles say it by extension.
  if (String(kind) === 'position') return (_, index) => index === position
  const steps = stepsOf(path)
  let nodes: ElementNode[] = [slice]
  for (const step of steps) nodes = nodes.flatMap((each) => below(each, step, structures))
  const values = (item: Item, context: SliceContext): readonly Item[] => {
    let found: readonly Item[] = [item]
    for (const step of steps) found = found.flatMap((each) => valuesBelow(each, step, context))
    return found
  }
  const test = nodeTests[kind]
  const all = test === undefined ? [] : nodes.map((node) => test(node, steps.at(-1) === 'resolve()', structures))
  // A slice that says nothing of what it is told apart by takes any value of it.
  const tests = all.filter((each) => each !== undefined)
  if (tests.length === 0 || type === '') return undefined
  return (item, _, context) => {
    const found = values(item, context)
    const answers = tests.map((each) => each(found, context))
    return answers.every((each) => each === undefined) ? undefined : answers.every((each) => each !== false)
  }
}

/** `a.extension('url').value.ofType(Coding)` in steps. */
const stepsOf = (path: string): readonly string[] =>
  (path.match(/(?:[^.()]|\([^)]*\))+/g) ?? []).filter((step) => step !== '$this')

/** The definitions of a step below an element: its own, or those of its type or profile. */
function below(node: ElementNode, step: string, structures: Structures): ElementNode[] {
  if (step === 'resolve()' || step.startsWith('ofType(')) return [node]
  const url = /^extension\(['"](.*)['"]\)$/.exec(step)?.[1]
  const children = node.children ?? typeChildren(node.element, structures)
  if (url !== undefined) {
    const extension = children.find((each) => each.name === 'extension')
    return (extension?.slices ?? []).filter((each) => extensionUrl(each) === url)
  }
  const child = children.find((each) => each.name === step || each.name === `${step}[x]`)
  if (child === undefined) return []
  // A choice that was narrowed by slicing on type says its values in the slice.
  const [only] = child.slices
  return child.slices.length === 1 && only !== undefined && !hasValue(child.element) ? [only] : [child]
}

const hasValue = (element: ElementDefinition): boolean =>
  valueOf(element, 'fixed') !== undefined || valueOf(element, 'pattern') !== undefined

function extensionUrl(node: ElementNode): string | undefined {
  const own = node.children?.find((each) => each.name === 'url')?.element.fixedUri
  return own ?? node.element.type?.[0]?.profile?.[0]?.replace(/\|.*$/, '')
}

function typeChildren(element: ElementDefinition, structures: Structures): readonly ElementNode[] {
  const type = element.type?.[0]
  const canonical = type?.profile?.[0] ?? (type === undefined ? undefined : `${typePrefix}${type.code}`)
  const elements = (canonical === undefined ? undefined : structures(canonical))?.snapshot?.element ?? []
  return elements.length === 0 ? [] : (elementTree(elements).children ?? [])
}

function valuesBelow(item: Item, step: string, context: SliceContext): readonly Item[] {
  if (step === 'resolve()') {
    const reference = isObject(item.value) ? item.value['reference'] : item.value
    const found = typeof reference === 'string' ? context.resolve(reference, item) : undefined
    return found === undefined ? [] : [found]
  }
  const wanted = /^ofType\((?:FHIR\.)?(.*)\)$/.exec(step)?.[1]
  if (wanted !== undefined) return item.type === wanted ? [item] : []
  const url = /^extension\(['"](.*)['"]\)$/.exec(step)?.[1]
  if (url !== undefined)
    return itemsOf(item, accessesOf(complexType(item.type), 'extension')).filter(
      ({ value }) => isObject(value) && value['url'] === url,
    )
  const type = Object.hasOwn(definitions().types, item.type) ? item.type : 'Element'
  const choice = elementsOf(type).find((each) => each.name === step)?.choice === true
  return itemsOf(item, accessesOf(type, choice ? `${step}[x]` : step))
}

const complexType = (type: string): string => (definitions().types[type]?.kind === 'primitive' ? 'Element' : type)

type NodeTest = (found: readonly Item[], context: SliceContext) => Membership

const valueTest = (node: ElementNode, _: boolean, structures: Structures): NodeTest | undefined => {
  const fixed = valueOf(node.element, 'fixed')
  if (fixed !== undefined) return (found) => found.some(({ value }) => isEqual(value, fixed))
  const pattern = valueOf(node.element, 'pattern')
  if (pattern !== undefined) return (found) => found.some(({ value }) => matchesPattern(value, pattern))
  const inner = childTests(node, structures)
  if (inner.length > 0)
    return (found, context) => found.some((item) => inner.every((test) => test(item, context) !== false))
  const { binding } = node.element
  if (binding?.valueSet !== undefined && binding.strength !== 'example') {
    const { valueSet } = binding
    const optional = (node.element.min ?? 0) === 0
    return (found, context) => {
      if (optional && found.length === 0) return true
      const answers = found.map(({ value }) => context.memberOf(value, valueSet))
      return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false
    }
  }
  const profile = node.element.type?.[0]?.profile?.[0]
  if (profile !== undefined && node.name === 'url') return (found) => found.some(({ value }) => value === profile)
  if (node.element.max === '0') return (found) => found.length === 0
  return (node.element.min ?? 0) > 0 ? (found) => (found.length > 0 ? undefined : false) : undefined
}

/** Fixed values and patterns of what lies below a node. */
function childTests(node: ElementNode, structures: Structures): ((item: Item, context: SliceContext) => Membership)[] {
  return (node.children ?? []).flatMap((child) => {
    const deep = hasValue(child.element) || childTests(child, structures).length > 0
    if (!deep) return []
    const test = valueTest(child, false, structures)
    if (test === undefined) return []
    return [
      (item: Item, context: SliceContext): Membership => {
        const found = valuesBelow(item, child.name.replace('[x]', ''), context)
        return found.length === 0 && (child.element.min ?? 0) === 0 ? undefined : test(found, context)
      },
    ]
  })
}

const typeNames = ({ type }: ElementDefinition, resolved: boolean): readonly string[] =>
  (type ?? []).flatMap((each) =>
    resolved
      ? (each.targetProfile ?? []).map((profile) => profile.replace(typePrefix, '').replace(/\|.*$/, ''))
      : [each.code],
  )

const nodeTests: Readonly<
  Record<string, (node: ElementNode, resolved: boolean, structures: Structures) => NodeTest | undefined>
> = {
  value: valueTest,
  pattern: valueTest,
  exists: ({ element }) =>
    element.max === '0'
      ? (found) => found.length === 0
      : (element.min ?? 0) > 0
        ? (found) => found.length > 0
        : undefined,
  type: ({ element }, resolved, structures) => {
    const names = typeNames(element, resolved).map((each) =>
      Object.hasOwn(definitions().types, each) ? each : (structures(each)?.type ?? each),
    )
    const wanted = new Set(
      names.map((each) => (each.startsWith('http://hl7.org/fhirpath/') ? 'string' : plainType(each))),
    )
    if (wanted.size === 0) return undefined
    return (found) => found.some(({ type }) => wanted.has(type) || wanted.has('Resource'))
  },
  profile: ({ element }, resolved) => {
    const profiles = (element.type ?? []).flatMap((each) => (resolved ? each.targetProfile : each.profile) ?? [])
    if (profiles.length === 0) return undefined
    return (found, context) => {
      const answers = found.flatMap((item) => profiles.map((profile) => context.conforms(item, profile)))
      return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false
    }
  },
}
